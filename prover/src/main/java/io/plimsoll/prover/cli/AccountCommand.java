package io.plimsoll.prover.cli;

import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Roster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code account}: the venue's view of an account, as a file. */
@Command(
    name = "account",
    description =
        "Puts an account's roster and current attestations together, as a venue does from its own"
            + " state.",
    mixinStandardHelpOptions = true)
final class AccountCommand implements Callable<Integer> {
  @Option(names = "--keys", required = true, paramLabel = "DIR", description = "key directory")
  private Path keys;

  @Option(names = "--venue", required = true, description = "venue id")
  private String venue;

  @Option(names = "--account", required = true, description = "account id")
  private String account;

  @Option(
      names = "--version",
      defaultValue = "1",
      description = "account version; default ${DEFAULT-VALUE}")
  private long version;

  @Option(
      names = "--roster-version",
      defaultValue = "1",
      description = "roster version; default ${DEFAULT-VALUE}")
  private long rosterVersion;

  @Option(
      names = "--roster",
      split = ",",
      paramLabel = "HEX",
      description = "keys of the attesters that must be present; by default of those given")
  private List<String> roster;

  @Option(
      names = "--attestation",
      arity = "1..*",
      required = true,
      paramLabel = "FILE",
      description = "current attestations")
  private List<Path> attestations;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "account state")
  private Path out;

  @Override
  public Integer call() throws InvalidFormatException, IOException {
    List<Attestation> read = new ArrayList<>();
    for (Path file : attestations) {
      read.add(
          AttestationConversions.fromProto(
              MessageFiles.read(
                  "attestation", file, io.plimsoll.proto.v1.Attestation.getDefaultInstance())));
    }
    List<Ed25519PublicKey> required = new ArrayList<>();
    if (roster == null) {
      read.forEach(attestation -> required.add(attestation.body().attester()));
    } else {
      for (String hex : roster) {
        required.add(KeyOption.publicKey("--roster", hex));
      }
    }
    AccountState state =
        AccountState.of(
            venue,
            account,
            KeyDirectory.read(keys).key().circuitId(),
            version,
            Roster.of(rosterVersion, required),
            read);
    MessageFiles.write(out, AttestationConversions.toProto(state));
    return PlimsollCommand.ACCEPTED;
  }
}
