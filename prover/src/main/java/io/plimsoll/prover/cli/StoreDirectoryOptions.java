package io.plimsoll.prover.cli;

import io.plimsoll.attestation.SealedDirectory;
import io.plimsoll.attestation.StorageSecret;
import io.plimsoll.prover.ProverStore;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a prover keeps what survives a restart, and under which secret. */
final class StoreDirectoryOptions {
  @Option(
      names = "--store",
      paramLabel = "DIR",
      description =
          "keeps opened accounts, the last rounds, what was proven on them and the venue's receipts,"
              + " encrypted; by default a restart forgets them")
  private Path directory;

  @Option(
      names = "--store-key",
      paramLabel = "FILE",
      description = "the store's key file, made together with a new store")
  private Path keyFile;

  @Option(
      names = "--store-password-file",
      paramLabel = "FILE",
      description = "file whose first line is the store's password, instead of a key file")
  private Path passwordFile;

  /** The store, if there is to be one. */
  Optional<ProverStore> open() throws IOException, InvalidFormatException {
    if (directory == null) {
      if (keyFile != null || passwordFile != null) {
        throw new InvalidFormatException("--store-key and --store-password-file need --store");
      }
      return Optional.empty();
    }
    if ((keyFile == null) == (passwordFile == null)) {
      throw new InvalidFormatException("--store needs either --store-key or --store-password-file");
    }
    try (StorageSecret secret = secret()) {
      return Optional.of(ProverStore.open(directory, secret));
    }
  }

  private StorageSecret secret() throws IOException, InvalidFormatException {
    if (keyFile != null) {
      return SealedDirectory.exists(directory) || Files.exists(keyFile)
          ? StorageSecret.readKeyFile(keyFile)
          : StorageSecret.createKeyFile(keyFile);
    }
    char[] password = PasswordOption.firstLine(passwordFile);
    try {
      if (password.length == 0) {
        throw new InvalidFormatException("--store-password-file: the password is empty");
      }
      return StorageSecret.password(password);
    } finally {
      Arrays.fill(password, '\0');
    }
  }
}
