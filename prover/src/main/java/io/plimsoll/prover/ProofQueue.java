package io.plimsoll.prover;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A bounded line of work before one thread that hands it on: the newest round first, on one round
 * the earliest deadline, then whoever came first. What does not fit is refused at once rather than
 * kept waiting.
 *
 * <p>The line chooses the mode by load. Work that waits alone is handed on alone, so that it may
 * have all processors (<em>latency</em>); of more, as much at a time as there are processors, so
 * that each has one (<em>throughput</em>). A batch is never longer than that, so newer work waits
 * for one proof at most.
 *
 * <p>Thread-safe.
 *
 * @param <W> the work
 */
final class ProofQueue<W extends ProofQueue.Work> {
  /** Something to be done. */
  interface Work {
    /** The round that it is about. */
    long roundSequence();

    /**
     * {@link System#nanoTime} after which it is of no use; {@link #NO_DEADLINE} if there is none.
     */
    long deadlineNanos();
  }

  /** Does work; must not throw. */
  @FunctionalInterface
  interface Worker<W> {
    /** Does all of a batch, which is of one when it was alone. */
    void work(List<W> batch);
  }

  /** No deadline. */
  static final long NO_DEADLINE = Long.MIN_VALUE;

  private final class Waiting implements Comparable<Waiting> {
    private final W work;
    private final long order;
    private final boolean counted;

    Waiting(W work, long order, boolean counted) {
      this.work = work;
      this.order = order;
      this.counted = counted;
    }

    @Override
    public int compareTo(Waiting other) {
      int byRound = Long.compare(other.work.roundSequence(), work.roundSequence());
      if (byRound != 0) {
        return byRound;
      }
      int byDeadline = compareDeadlines(work.deadlineNanos(), other.work.deadlineNanos());
      return byDeadline != 0 ? byDeadline : Long.compare(order, other.order);
    }
  }

  private static int compareDeadlines(long a, long b) {
    if (a == NO_DEADLINE || b == NO_DEADLINE) {
      return Boolean.compare(a == NO_DEADLINE, b == NO_DEADLINE);
    }
    // By difference, as nanoTime may wrap around.
    return Long.signum(a - b);
  }

  private final int capacity;
  private final int width;
  private final Worker<W> worker;
  private final TreeSet<Waiting> line = new TreeSet<>();
  private final Thread thread;
  private long nextOrder;
  private int counted;
  private boolean closed;

  /**
   * @param capacity how many may wait, at least 1; those at work do not count
   * @param width how many are worked on at a time when many wait, at least 1
   */
  ProofQueue(int capacity, int width, Worker<W> worker) {
    if (capacity < 1 || width < 1) {
      throw new IllegalArgumentException(
          "queue capacity and workers are at least 1, not " + capacity + " and " + width);
    }
    this.capacity = capacity;
    this.width = width;
    this.worker = worker;
    this.thread = new Thread(this::run, "plimsoll-prover");
    thread.start();
  }

  private void run() {
    for (List<W> batch = next(); !batch.isEmpty(); batch = next()) {
      worker.work(batch);
    }
  }

  private synchronized List<W> next() {
    while (line.isEmpty() && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        // Nobody but close() ends this thread.
      }
    }
    List<W> batch = new ArrayList<>();
    while (!line.isEmpty() && batch.size() < width) {
      batch.add(take().work);
    }
    return batch;
  }

  private Waiting take() {
    Waiting first = line.pollFirst();
    if (first.counted) {
      counted--;
    }
    return first;
  }

  /**
   * Puts work into the line.
   *
   * @throws RefusedException if the line is full or closed
   */
  synchronized void submit(W work) throws RefusedException {
    if (!closed && counted >= capacity) {
      throw new RefusedException(
          Refusal.QUEUE_FULL, "the queue is full: " + capacity + " proofs are waiting");
    }
    enter(work, true);
  }

  /**
   * Puts work into the line that whoever submits it keeps within bounds, so that it does not count
   * towards the capacity.
   *
   * @throws RefusedException if the line is closed
   */
  synchronized void submitStanding(W work) throws RefusedException {
    enter(work, false);
  }

  private void enter(W work, boolean counts) throws RefusedException {
    if (closed) {
      throw new RefusedException(Refusal.CLOSED, "the prover shuts down");
    }
    line.add(new Waiting(work, nextOrder++, counts));
    if (counts) {
      counted++;
    }
    notifyAll();
  }

  /** Takes waiting work out again; false when it has started or ended. */
  synchronized boolean remove(W work) {
    for (Waiting waiting : line) {
      if (waiting.work == work) {
        line.remove(waiting);
        if (waiting.counted) {
          counted--;
        }
        return true;
      }
    }
    return false;
  }

  synchronized int waiting() {
    return line.size();
  }

  int capacity() {
    return capacity;
  }

  /**
   * Takes no more work, takes out what waits, and waits for what is at work.
   *
   * @return what waited, in order; it will not be done
   */
  List<W> close() {
    List<W> waiting = new ArrayList<>();
    synchronized (this) {
      closed = true;
      while (!line.isEmpty()) {
        waiting.add(take().work);
      }
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
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
