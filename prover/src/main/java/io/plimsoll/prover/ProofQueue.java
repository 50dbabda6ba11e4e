package io.plimsoll.prover;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bounded line of work before a fixed number of threads. What does not fit is refused at once
 * rather than kept waiting. Thread-safe.
 */
final class ProofQueue {
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
   * Takes no more work, takes out what waits, and waits for what is at work.
   *
   * @return what waited, in order; it will not run
   */
  List<Runnable> close() {
    threads.shutdown();
    List<Runnable> waiting = new ArrayList<>();
    threads.getQueue().drainTo(waiting);
    boolean interrupted = false;
    while (true) {
      try {
        if (threads.awaitTermination(1, TimeUnit.HOURS)) {
          break;
        }
      } catch (InterruptedException e) {
        // What is at work holds secrets that are wiped next, so it has to end first.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return waiting;
  }
}
