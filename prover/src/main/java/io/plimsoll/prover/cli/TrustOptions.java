package io.plimsoll.prover.cli;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.VerifierPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Whose keys and whose rounds are trusted. */
final class TrustOptions {
  @Option(names = "--keys", required = true, paramLabel = "DIR", description = "key directory")
  private Path keys;

  @Option(
      names = "--allow-development",
      paramLabel = "ID",
      description = "circuit id whose development keys are good enough")
  private List<String> developmentCircuits = new ArrayList<>();

  @Option(
      names = "--publisher",
      required = true,
      split = ",",
      paramLabel = "HEX",
      description = "keys of the risk publishers")
  private List<String> publishers;

  @Option(
      names = "--required",
      paramLabel = "K",
      description = "how many of them must have signed; more than half by default")
  private Integer required;

  KeyDirectory keys() throws InvalidFormatException, IOException {
    return KeyDirectory.read(keys);
  }

  VerifierPolicy keyPolicy() throws InvalidFormatException {
    List<Digest> allowed = new ArrayList<>();
    for (String id : developmentCircuits) {
      allowed.add(KeyOption.digest("--allow-development", id));
    }
    return VerifierPolicy.allowingDevelopment(allowed.toArray(Digest[]::new));
  }

  PublisherPolicy publishers() throws InvalidFormatException {
    List<Ed25519PublicKey> known = new ArrayList<>();
    for (String hex : publishers) {
      known.add(KeyOption.publicKey("--publisher", hex));
    }
    int k = required != null ? required : known.size() / 2 + 1;
    try {
      return PublisherPolicy.of(k, known);
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException("--publisher and --required: " + e.getMessage());
    }
  }
}
