package io.plimsoll.prover.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.plimsoll.risk.StrictJson;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Reads and writes messages as proto3 JSON files. */
final class MessageFiles {
  /** Largest file that is read, in bytes. */
  static final int MAX_BYTES = 64 << 20;

  private MessageFiles() {}

  /**
   * Reads a message. Unknown and repeated fields are refused: what is written must not be ignored.
   *
   * @param what what the file should hold, for errors
   */
  @SuppressWarnings("unchecked")
  static <T extends Message> T read(String what, Path file, T defaultInstance)
      throws InvalidFormatException, IOException {
    Message.Builder builder = defaultInstance.newBuilderForType();
    String text = text(what, file);
    StrictJson.require(what + " file " + file, text);
    try {
      JsonFormat.parser().merge(text, builder);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidFormatException(what + " file " + file + ": " + firstLine(e.getMessage()));
    }
    return (T) builder.build();
  }

  /** Writes a message, replacing the file in one step. */
  static void write(Path file, Message message) throws IOException {
    write(file, JsonFormat.printer().print(message) + "\n");
  }

  /** Writes text, replacing the file in one step. */
  static void write(Path file, String text) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    Path temporary = Files.createTempFile(parent, "." + file.getFileName(), ".tmp");
    try {
      Files.writeString(temporary, text);
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static String text(String what, Path file) throws InvalidFormatException, IOException {
    if (Files.isDirectory(file)) {
      throw new InvalidFormatException(what + " file " + file + " is a directory");
    }
    byte[] bytes;
    // Not by the file's size: devices and pipes have none.
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new InvalidFormatException(what + " file " + file + " does not exist");
    }
    if (bytes.length > MAX_BYTES) {
      throw new InvalidFormatException(
          what + " file " + file + " has more than " + MAX_BYTES + " bytes");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidFormatException(what + " file " + file + " is not UTF-8");
    }
  }

  private static String firstLine(String message) {
    String line = message == null ? "" : message.lines().findFirst().orElse("");
    return line.isEmpty()
        ? "not the expected JSON"
        : line.replaceFirst("^[a-z.]+[A-Z]\\w*Exception: ", "");
  }
}
