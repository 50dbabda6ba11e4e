package io.plimsoll.prover;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A disk in memory that can break before a write. What is on it outlives who opened it. */
final class MemoryEntries implements ProverStore.Entries {
  private final Map<String, byte[]> disk;
  private int writesLeft = Integer.MAX_VALUE;
  int writes;

  MemoryEntries() {
    this(new HashMap<>());
  }

  private MemoryEntries(Map<String, byte[]> disk) {
    this.disk = disk;
  }

  /** The same disk after the process that wrote it has gone. */
  synchronized MemoryEntries afterCrash() {
    return new MemoryEntries(new HashMap<>(disk));
  }

  /** From now on as many writes succeed and then none. */
  synchronized void breakAfter(int successes) {
    writesLeft = successes;
  }

  /** From now on writes succeed again. */
  synchronized void mend() {
    writesLeft = Integer.MAX_VALUE;
  }

  private void spend() throws IOException {
    if (writesLeft == 0) {
      throw new IOException("no space left on device");
    }
    writesLeft--;
    writes++;
  }

  @Override
  public synchronized Optional<byte[]> read(String name) {
    return Optional.ofNullable(disk.get(name)).map(byte[]::clone);
  }

  @Override
  public synchronized List<String> names() {
    return new ArrayList<>(disk.keySet());
  }

  @Override
  public synchronized void write(String name, byte[] content) throws IOException {
    spend();
    disk.put(name, content.clone());
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    spend();
    disk.remove(name);
  }

  @Override
  public void close() {}
}
