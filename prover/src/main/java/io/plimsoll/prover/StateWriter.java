package io.plimsoll.prover;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Writes state to the disk on one thread. Whoever asks while a write is going on shares the next
 * one, so that a hundred proofs which end together cost one or two writes. Thread-safe.
 */
final class StateWriter implements AutoCloseable {
  /** Writes the state as it is now. */
  @FunctionalInterface
  interface Write {
    void write() throws IOException;
  }

  private final Write write;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread worker = new Thread(work, "plimsoll-store");
            worker.setDaemon(true);
            return worker;
          });

  /** What the write that has not begun will settle; null if nobody has asked. */
  private CompletableFuture<Void> next;

  StateWriter(Write write) {
    this.write = write;
  }

  /** Settled when everything that is state now is on the disk, or exceptionally if it is not. */
  synchronized CompletableFuture<Void> save() {
    if (next == null) {
      CompletableFuture<Void> asked = new CompletableFuture<>();
      try {
        next = asked;
        thread.execute(this::run);
      } catch (RejectedExecutionException e) {
        next = null;
        asked.completeExceptionally(new IOException("the store is closed"));
      }
      return asked;
    }
    return next;
  }

  private void run() {
    CompletableFuture<Void> current;
    synchronized (this) {
      current = next;
      next = null;
    }
    try {
      write.write();
    } catch (IOException | RuntimeException e) {
      current.completeExceptionally(e);
      return;
    }
    current.complete(null);
  }

  /** Finishes what was asked for. */
  @Override
  public void close() {
    thread.shutdown();
    Waiting.untilTerminated(thread, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
  }
}
