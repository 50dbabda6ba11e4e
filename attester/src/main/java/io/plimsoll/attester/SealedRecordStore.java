package io.plimsoll.attester;

import io.plimsoll.attestation.SealedDirectory;
import io.plimsoll.attestation.StorageSecret;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Account records in a directory that is encrypted at rest and locked against other processes. */
final class SealedRecordStore implements RecordStore {
  private final SealedDirectory directory;

  private SealedRecordStore(SealedDirectory directory) {
    this.directory = directory;
  }

  static SealedRecordStore open(Path directory, StorageSecret secret)
      throws IOException, InvalidFormatException {
    return new SealedRecordStore(SealedDirectory.open(directory, secret));
  }

  @Override
  public List<byte[]> readAll() throws IOException, InvalidFormatException {
    List<byte[]> entries = new ArrayList<>();
    for (String name : directory.names()) {
      Optional<byte[]> entry = directory.read(name);
      entry.ifPresent(entries::add);
    }
    return entries;
  }

  @Override
  public void write(String name, byte[] content) throws IOException {
    directory.write(name, content);
  }

  @Override
  public void close() throws IOException {
    directory.close();
  }
}
