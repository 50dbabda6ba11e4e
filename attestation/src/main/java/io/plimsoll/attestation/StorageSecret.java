package io.plimsoll.attestation;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What a {@link SealedDirectory} is encrypted under: a password, or the 32 random bytes of a key
 * file. Closing wipes it. Thread-safe.
 */
public final class StorageSecret implements AutoCloseable {
  /** A key file is 64 hexadecimal digits and a line feed. */
  private static final int KEY_FILE_BYTES = 2 * PrivateKeyBytes.BYTES + 1;

  private static final String INFO = "plimsoll/sealed-store-key/v1";

  private final char[] password;
  private final PrivateKeyBytes key;
  private boolean closed;

  private StorageSecret(char[] password, PrivateKeyBytes key) {
    this.password = password;
    this.key = key;
  }

  /**
   * A password, from which Argon2id makes the key.
   *
   * @param password copied; the original is the caller's to wipe
   * @throws IllegalArgumentException if it is empty
   */
  public static StorageSecret password(char[] password) {
    if (password.length == 0) {
      throw new IllegalArgumentException("the password is empty");
    }
    return new StorageSecret(password.clone(), null);
  }

  /**
   * Reads a key file: 64 hexadecimal digits that its owner alone may read.
   *
   * @throws InvalidFormatException if there is none, or it is something else
   */
  public static StorageSecret readKeyFile(Path file) throws IOException, InvalidFormatException {
    byte[] text;
    try (InputStream in = Files.newInputStream(file)) {
      text = in.readNBytes(KEY_FILE_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new InvalidFormatException("storage key file " + file + ": does not exist");
    }
    try {
      KeyFiles.requireOwnerAlone(file);
      int digits = text.length == KEY_FILE_BYTES ? KEY_FILE_BYTES - 1 : text.length;
      char[] hex = new char[digits];
      for (int i = 0; i < digits; i++) {
        hex[i] = (char) (text[i] & 0xff);
      }
      try {
        if (digits == 2 * PrivateKeyBytes.BYTES
            && (text.length == digits || text[digits] == '\n')) {
          return new StorageSecret(
              null, new PrivateKeyBytes(HexFormat.of().parseHex(hex, 0, digits)));
        }
      } catch (IllegalArgumentException e) {
        // Falls through to the one error below, which quotes nothing.
      } finally {
        Arrays.fill(hex, '\0');
      }
    } finally {
      Arrays.fill(text, (byte) 0);
    }
    throw new InvalidFormatException("storage key file " + file + ": is not 64 hexadecimal digits");
  }

  /**
   * Makes a key file with a key from the platform's secure generator, for its owner alone.
   *
   * @throws java.nio.file.FileAlreadyExistsException if there is a file
   */
  public static StorageSecret createKeyFile(Path file) throws IOException {
    byte[] bytes = new byte[PrivateKeyBytes.BYTES];
    new SecureRandom().nextBytes(bytes);
    byte[] text = (HexFormat.of().formatHex(bytes) + "\n").getBytes(StandardCharsets.US_ASCII);
    try {
      DurableFiles.create(file, text);
    } finally {
      Arrays.fill(text, (byte) 0);
    }
    return new StorageSecret(null, new PrivateKeyBytes(bytes));
  }

  boolean isPassword() {
    return password != null;
  }

  /** The key of a store; {@code cost} matters for a password alone. */
  synchronized PrivateKeyBytes derive(KeyFiles.Cost cost, byte[] salt) {
    if (closed) {
      throw new IllegalStateException("the storage secret is closed");
    }
    if (password != null) {
      return new PrivateKeyBytes(KeyFiles.passwordKey(password, cost, salt));
    }
    return key.use(
        bytes ->
            new PrivateKeyBytes(
                Hkdf.sha512(
                    bytes, salt, INFO.getBytes(StandardCharsets.US_ASCII), PrivateKeyBytes.BYTES)));
  }

  /** Wipes it. A directory that was opened with it stays open. */
  @Override
  public synchronized void close() {
    closed = true;
    if (password != null) {
      Arrays.fill(password, '\0');
    } else {
      key.destroy();
    }
  }

  /** Names nothing. */
  @Override
  public String toString() {
    return "StorageSecret[" + (isPassword() ? "password" : "key file") + ", redacted]";
  }
}
