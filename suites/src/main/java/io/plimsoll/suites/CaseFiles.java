package io.plimsoll.suites;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds and reads the JSON files of a suite. */
final class CaseFiles {
  /** Largest case file, in bytes. */
  static final int MAX_BYTES = 64 << 20;

  /** Most files of a folder. */
  static final int MAX_FILES = 10_000;

  private CaseFiles() {}

  /**
   * One file's content.
   *
   * @param name without the folder and {@code .json}
   * @param content its only value
   */
  record CaseFile(String name, Json content) {}

  /**
   * A case file, or the files of a folder whose names end in {@code .json}, by name. Folders inside
   * are not entered.
   *
   * @throws InvalidFormatException if there is no such file, none in the folder, or one is not JSON
   *     as {@link Json} reads it
   */
  static List<CaseFile> read(Path path) throws InvalidFormatException, IOException {
    if (!Files.isDirectory(path)) {
      return List.of(file(path));
    }
    List<Path> files;
    try (Stream<Path> entries = Files.list(path)) {
      files =
          entries
              .filter(entry -> entry.getFileName().toString().endsWith(".json"))
              .filter(entry -> !Files.isDirectory(entry))
              .limit(MAX_FILES + 1)
              .sorted()
              .toList();
    }
    if (files.isEmpty()) {
      throw new InvalidFormatException("case folder " + path + " has no .json file");
    }
    if (files.size() > MAX_FILES) {
      throw new InvalidFormatException(
          "case folder " + path + " has more than " + MAX_FILES + " .json files");
    }
    List<CaseFile> cases = new ArrayList<>();
    for (Path file : files) {
      cases.add(file(file));
    }
    return cases;
  }

  private static CaseFile file(Path file) throws InvalidFormatException, IOException {
    byte[] bytes;
    // Not by the file's size: devices and pipes have none.
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new InvalidFormatException("case file " + file + " does not exist");
    }
    if (bytes.length > MAX_BYTES) {
      throw new InvalidFormatException(
          "case file " + file + " has more than " + MAX_BYTES + " bytes");
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidFormatException("case file " + file + " is not UTF-8");
    }
    String name = file.getFileName().toString().replaceFirst("\\.json$", "");
    return new CaseFile(name, Json.parse("case file " + file, text));
  }
}
