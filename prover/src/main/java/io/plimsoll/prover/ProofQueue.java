package io.plimsoll.prover;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bounded line of work before a fixed number of threads. What does not fit is refused at once
 * rather than kept waiting. Thread-safe.
 */
final class ProofQueue implements AutoCloseable {
  private final int capacity;
  private final ThreadPoolExecutor threads;

  /**
   * @param capacity how many may wait, at least 1; those at work do not count
   * @param workers how many are worked on at a time, at least 1
   */
  ProofQueue(int capacity, int workers) {
    if (capacity < 1 || workers < 1) {
      throw new IllegalArgumentException(
          "queue capacity and workers are at least 1, not " + capacity + " and " + workers);
    }
    this.capacity = capacity;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            workers,
            workers,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(capacity),
            work -> new Thread(work, "plimsoll-prover-" + number.incrementAndGet()),
            new ThreadPoolExecutor.AbortPolicy());
  }

  /** Appends work, which must not throw. */
  void submit(Runnable work) throws RefusedException {
    try {
      threads.execute(work);
    } catch (RejectedExecutionException e) {
      if (threads.isShutdown()) {
        throw new RefusedException(Refusal.CLOSED, "the prover shuts down");
      }
      throw new RefusedException(
          Refusal.QUEUE_FULL, "the queue is full: " + capacity + " proofs are waiting");
    }
  }

  /** Takes waiting work out again; false when it has started or ended. */
  boolean remove(Runnable work) {
    return threads.remove(work);
  }

  int waiting() {
    return threads.getQueue().size();
  }

  int capacity() {
    return capacity;
  }

  /**
   * Takes no more work and waits for what is at work or waiting.
   *
   * @return whether all of it ended in time
   */
  boolean drain(Duration patience) {
    threads.shutdown();
    try {
      return threads.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Takes no more work and drops what waits, unrun; what is at work ends by itself. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
