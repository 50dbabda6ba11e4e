package io.plimsoll.prover.cli;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Where the password of a key file comes from: a file, or the terminal. Never the command line. */
final class PasswordOption implements Supplier<char[]> {
  /** How much of a password file is read. */
  private static final int MAX_BYTES = 4096;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "file whose first line is the key file's password; else the terminal is asked")
  private Path file;

  /** The password of an existing key file; empty if there is nobody to ask. */
  @Override
  public char[] get() {
    if (file != null) {
      return firstLine(file);
    }
    Console console = terminal();
    char[] password = console == null ? null : console.readPassword("password: ");
    return password == null ? new char[0] : password;
  }

  /** A password for a new key file. */
  char[] requireNew() throws InvalidFormatException {
    char[] password;
    if (file != null) {
      password = firstLine(file);
    } else {
      Console console = terminal();
      if (console == null) {
        throw new InvalidFormatException(
            "a password is missing: give --password-file, or --unencrypted");
      }
      password = console.readPassword("new password: ");
      char[] again = console.readPassword("once more: ");
      if (password == null || !Arrays.equals(password, again)) {
        throw new InvalidFormatException("the two passwords differ");
      }
      Arrays.fill(again, '\0');
    }
    if (password.length == 0) {
      throw new InvalidFormatException("the password is empty");
    }
    return password;
  }

  /**
   * The terminal, or null. The launcher's {@code -Djdk.console=java.base} makes newer JDKs say
   * null, too.
   */
  @SuppressWarnings("SystemConsoleNull")
  private static Console terminal() {
    return System.console();
  }

  /** The first line of a password file. */
  static char[] firstLine(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.lines().findFirst().orElse("").toCharArray();
    } catch (CharacterCodingException e) {
      throw new UncheckedIOException(
          new FileSystemException(file.toString(), null, "it is not UTF-8"));
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
