package io.plimsoll.attester;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.List;

/** Where account records are kept. Not thread-safe. */
interface RecordStore extends AutoCloseable {
  /**
   * Every entry.
   *
   * @throws InvalidFormatException if one was altered
   */
  List<byte[]> readAll() throws IOException, InvalidFormatException;

  /**
   * Replaces an entry, or creates it: it is on the disk when this returns. After an exception, or a
   * crash, there is the old entry or the new one.
   */
  void write(String name, byte[] content) throws IOException;

  @Override
  void close() throws IOException;
}
