package io.plimsoll.risk;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Refuses what protobuf's JSON parser lets pass: two members with one name, of which it silently
 * drops the first, text after the end, comments and other laxities, and numbers so long that
 * reading them takes hours.
 */
public final class StrictJson {
  /** Longest number that is read, in characters; a 64-bit integer has 20 at most. */
  static final int MAX_NUMBER_CHARACTERS = 64;

  /** Longest excerpt of the input in an error, in characters. */
  private static final int MAX_SHOWN = 80;

  private StrictJson() {}

  /**
   * Checks that the text is one JSON value as RFC 8259 has it, without repeated names.
   *
   * @param what begins the error
   * @throws InvalidFormatException if it is not
   */
  public static void require(String what, String text) throws InvalidFormatException {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    Deque<Set<String>> names = new ArrayDeque<>();
    try {
      for (JsonToken token = reader.peek();
          token != JsonToken.END_DOCUMENT;
          token = reader.peek()) {
        switch (token) {
          case BEGIN_OBJECT -> {
            reader.beginObject();
            names.push(new HashSet<>());
          }
          case END_OBJECT -> {
            reader.endObject();
            names.pop();
          }
          case BEGIN_ARRAY -> reader.beginArray();
          case END_ARRAY -> reader.endArray();
          case NAME -> {
            String name = reader.nextName();
            if (!names.element().add(name)) {
              throw new InvalidFormatException(
                  what + ": '" + shown(name) + "' occurs twice in one object");
            }
          }
          case STRING, NUMBER -> requireShort(what, reader.nextString());
          default -> reader.skipValue();
        }
      }
    } catch (MalformedJsonException | IllegalStateException e) {
      throw new InvalidFormatException(what + ": is not JSON: " + shown(firstLine(e)));
    } catch (IOException e) {
      throw new InvalidFormatException(what + ": is not JSON: it ends too early");
    }
  }

  /** Strings too: the schema may want a number, which may be written as a string. */
  private static void requireShort(String what, String value) throws InvalidFormatException {
    if (value.length() > MAX_NUMBER_CHARACTERS
        && value.chars().allMatch(c -> "0123456789+-.eE".indexOf(c) >= 0)) {
      throw new InvalidFormatException(
          what
              + ": number "
              + shown(value)
              + " has "
              + value.length()
              + " characters, more than "
              + MAX_NUMBER_CHARACTERS);
    }
  }

  private static String firstLine(Exception e) {
    // The reader's advice is for whoever programs it, not for whoever wrote the file.
    return String.valueOf(e.getMessage())
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst("^Use JsonReader.* malformed JSON", "malformed");
  }

  private static String shown(String text) {
    String printable = text.replaceAll("\\p{Cntrl}", "?");
    return printable.length() <= MAX_SHOWN ? printable : printable.substring(0, MAX_SHOWN) + "...";
  }
}
