package io.plimsoll.attester;

import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * Books in a file: UTF-8, comma-separated as RFC 4180 has it, with the header {@code
 * account,vector,label,quantity}. Whoever writes it writes a new file beside it and renames that
 * into its place; a file that changes while it is read is read again. The books are as of the
 * file's time of modification. Thread-safe.
 */
public final class CsvConnector implements CustodyConnector {
  private static final int MAX_BYTES = 128 << 20;
  private static final int ATTEMPTS = 3;
  private static final List<String> HEADER = List.of("account", "vector", "label", "quantity");

  private final Path file;
  private final int maxRows;

  /** Reads a file. */
  public CsvConnector(Path file) {
    this(file, MAX_ROWS);
  }

  CsvConnector(Path file, int maxRows) {
    this.file = file;
    this.maxRows = maxRows;
  }

  @Override
  public CustodySnapshot snapshot() throws IOException, InvalidFormatException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      BasicFileAttributes before = attributes();
      byte[] bytes;
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MAX_BYTES + 1);
      }
      BasicFileAttributes after = attributes();
      if (bytes.length > MAX_BYTES) {
        throw new InvalidFormatException(
            "books file " + file + ": has more than " + MAX_BYTES + " bytes");
      }
      if (cursor(before).equals(cursor(after)) && bytes.length == after.size()) {
        BooksBuilder books = new BooksBuilder("books file " + file, maxRows);
        read(bytes, books);
        return books.build(after.lastModifiedTime().toMillis(), cursor(after));
      }
    }
    throw new IOException(
        "books file " + file + ": changes while it is read; it has to be replaced by a rename");
  }

  private BasicFileAttributes attributes() throws IOException, InvalidFormatException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      throw new InvalidFormatException("books file " + file + ": does not exist");
    }
  }

  private static String cursor(BasicFileAttributes attributes) {
    return attributes.lastModifiedTime()
        + " "
        + attributes.size()
        + (attributes.fileKey() == null ? "" : " " + attributes.fileKey());
  }

  private void read(byte[] bytes, BooksBuilder books) throws InvalidFormatException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidFormatException("books file " + file + ": is not UTF-8");
    }
    Records records = new Records(text);
    List<String> header = records.next();
    if (!HEADER.equals(header)) {
      throw new InvalidFormatException(
          "books file " + file + ": line 1 is not " + String.join(",", HEADER));
    }
    for (List<String> row = records.next(); row != null; row = records.next()) {
      if (row.size() != HEADER.size()) {
        throw new InvalidFormatException(
            "books file "
                + file
                + ": line "
                + records.line
                + " has "
                + row.size()
                + " columns, not "
                + HEADER.size());
      }
      books.add(
          "line " + records.line,
          row.get(0),
          new PortfolioReader.Line(row.get(1), row.get(2), row.get(3)));
    }
  }

  /** RFC 4180, with lines that end in LF or CRLF. */
  private final class Records {
    private final String text;
    private int position;
    private int nextLine = 1;

    /** Where the last record began. */
    private int line;

    Records(String text) {
      this.text = text;
    }

    /** The next record, or null at the end. */
    List<String> next() throws InvalidFormatException {
      if (position == text.length()) {
        return null;
      }
      line = nextLine;
      List<String> fields = new ArrayList<>();
      while (true) {
        fields.add(field());
        if (position == text.length()) {
          return fields;
        }
        char end = text.charAt(position++);
        if (end == '\n') {
          nextLine++;
          return fields;
        }
        if (fields.size() > HEADER.size()) {
          throw bad("has more than " + HEADER.size() + " columns");
        }
      }
    }

    private String field() throws InvalidFormatException {
      if (position < text.length() && text.charAt(position) == '"') {
        return quoted();
      }
      int from = position;
      while (position < text.length() && ",\n".indexOf(text.charAt(position)) < 0) {
        if (text.charAt(position) == '"') {
          throw bad("has a quotation mark inside a field");
        }
        position++;
      }
      int to = position;
      if (to > from && text.charAt(to - 1) == '\r') {
        if (position < text.length() && text.charAt(position) == ',') {
          throw bad("has a carriage return inside a field");
        }
        to--;
      }
      return text.substring(from, to);
    }

    private String quoted() throws InvalidFormatException {
      StringBuilder value = new StringBuilder();
      position++;
      while (true) {
        if (position == text.length()) {
          throw bad("has a quotation mark that is not closed");
        }
        char c = text.charAt(position++);
        if (c != '"') {
          nextLine += c == '\n' ? 1 : 0;
          value.append(c);
        } else if (position < text.length() && text.charAt(position) == '"') {
          value.append('"');
          position++;
        } else {
          break;
        }
      }
      if (text.startsWith("\r\n", position)) {
        position++;
      }
      if (position < text.length() && ",\n".indexOf(text.charAt(position)) < 0) {
        throw bad("goes on after a closing quotation mark");
      }
      return value.toString();
    }

    private InvalidFormatException bad(String trouble) {
      return new InvalidFormatException("books file " + file + ": line " + line + " " + trouble);
    }
  }

  @Override
  public String toString() {
    return "CsvConnector[" + file + "]";
  }
}
