package io.plimsoll.prover.cli;

import io.plimsoll.attestation.KeyFiles;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code identity}: key files. */
@Command(
    name = "identity",
    description =
        "Makes a key file: 'signing' for attesters and risk publishers, 'sealing' for owners.",
    mixinStandardHelpOptions = true)
final class IdentityCommand implements Callable<Integer> {
  enum Kind {
    SIGNING,
    SEALING
  }

  @Spec private CommandSpec spec;

  @Option(names = "--kind", required = true, description = "${COMPLETION-CANDIDATES}")
  private Kind kind;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "key file; never replaced")
  private Path out;

  @Option(
      names = "--unencrypted",
      description = "write the private key as it is, readable by the file's owner alone")
  private boolean unencrypted;

  @Mixin private PasswordOption password;

  @Override
  public Integer call() throws IOException, InvalidFormatException {
    String publicKey =
        switch (kind) {
          case SIGNING -> signing();
          case SEALING -> sealing();
        };
    spec.commandLine().getOut().println(publicKey);
    return PlimsollCommand.ACCEPTED;
  }

  private String signing() throws IOException, InvalidFormatException {
    SigningIdentity identity = SigningIdentity.generate();
    if (unencrypted) {
      KeyFiles.writeUnencrypted(out, identity);
    } else {
      KeyFiles.write(out, identity, password.requireNew());
    }
    return identity.publicKeyHex();
  }

  private String sealing() throws IOException, InvalidFormatException {
    SealingIdentity identity = SealingIdentity.generate();
    if (unencrypted) {
      KeyFiles.writeUnencrypted(out, identity);
    } else {
      KeyFiles.write(out, identity, password.requireNew());
    }
    return identity.publicKey().toString();
  }
}
