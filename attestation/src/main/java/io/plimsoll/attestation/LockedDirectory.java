package io.plimsoll.attestation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A directory of proto3 JSON messages, each replaced atomically and durably, locked against other
 * processes until it is closed. Files are named by digests. Not thread-safe.
 */
final class LockedDirectory implements AutoCloseable {
  private final String what;
  private final Path directory;
  private final int maxBytes;
  private final FileChannel lockChannel;

  private LockedDirectory(String what, Path directory, int maxBytes, FileChannel lockChannel) {
    this.what = what;
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.lockChannel = lockChannel;
  }

  /**
   * @param what it holds, for errors
   * @param maxBytes longest file
   * @throws IOException if the directory cannot be used or is in use
   */
  static LockedDirectory open(String what, Path directory, int maxBytes) throws IOException {
    Files.createDirectories(directory);
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Another instance in this process: as good as another process.
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    if (lock == null) {
      throw new IOException(what + " " + directory + ": is in use");
    }
    return new LockedDirectory(what, directory, maxBytes, channel);
  }

  /**
   * Reads a message.
   *
   * @return whether there is a file of that name
   * @throws InvalidFormatException if it is not such a message: never taken for a missing one
   */
  boolean read(Digest name, Message.Builder into) throws IOException, InvalidFormatException {
    requireOpen();
    Path file = file(name);
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(maxBytes + 1);
    } catch (NoSuchFileException e) {
      return false;
    }
    if (bytes.length > maxBytes) {
      throw new InvalidFormatException(describe(name) + " has more than " + maxBytes + " bytes");
    }
    try {
      JsonFormat.parser().merge(new String(bytes, StandardCharsets.UTF_8), into);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidFormatException(
          describe(name) + " is not proto3 JSON of a " + into.getDescriptorForType().getName());
    }
    return true;
  }

  /** Replaces a message, or creates it; it is on the disk when this returns. */
  void write(Digest name, Message message) throws IOException {
    requireOpen();
    DurableFiles.replace(
        file(name), (JsonFormat.printer().print(message) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** The file of that name, for errors. */
  String describe(Digest name) {
    return what + ": entry " + file(name).getFileName();
  }

  private Path file(Digest name) {
    return directory.resolve(name + ".json");
  }

  private void requireOpen() throws IOException {
    if (!lockChannel.isOpen()) {
      throw new IOException(what + " " + directory + ": is closed");
    }
  }

  @Override
  public void close() throws IOException {
    lockChannel.close();
  }
}
