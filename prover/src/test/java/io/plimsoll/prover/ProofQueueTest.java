package io.plimsoll.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProofQueueTest {
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();

  private void block() {
    started.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    done.add("blocking");
  }

  @Test
  void whatDoesNotFitIsRefusedAtOnceAndWhatFitsIsDoneInOrder() throws Exception {
    ProofQueue queue = new ProofQueue(2, 1);
    queue.submit(this::block);
    started.await();
    queue.submit(() -> done.add("first"));
    queue.submit(() -> done.add("second"));
    assertEquals(2, queue.waiting());
    RefusedException refused =
        assertThrows(RefusedException.class, () -> queue.submit(() -> done.add("third")));
    assertEquals(Refusal.QUEUE_FULL, refused.refusal());
    release.countDown();
    while (done.size() < 3) {
      Thread.onSpinWait();
    }
    assertEquals(List.of("blocking", "first", "second"), List.copyOf(done));
    queue.submit(() -> done.add("fourth"));
    while (done.size() < 4) {
      Thread.onSpinWait();
    }
    assertEquals(List.of(), queue.close());
  }

  @Test
  void removedWorkFreesItsPlaceAndDoesNotRun() throws Exception {
    ProofQueue queue = new ProofQueue(1, 1);
    queue.submit(this::block);
    started.await();
    Runnable unwanted = () -> done.add("unwanted");
    queue.submit(unwanted);
    assertTrue(queue.remove(unwanted));
    assertFalse(queue.remove(unwanted));
    queue.submit(() -> done.add("wanted"));
    release.countDown();
    while (done.size() < 2) {
      Thread.onSpinWait();
    }
    assertEquals(List.of("blocking", "wanted"), List.copyOf(done));
    assertEquals(List.of(), queue.close());
  }

  @Test
  void closingHandsBackWhatWaitedAndWaitsForWhatRan() throws Exception {
    ProofQueue queue = new ProofQueue(4, 1);
    queue.submit(this::block);
    started.await();
    Runnable waiting = () -> done.add("waiting");
    queue.submit(waiting);
    Thread later = new Thread(release::countDown);
    later.start();
    List<Runnable> handedBack = queue.close();
    assertTrue(done.contains("blocking"));
    // The worker may have reached it first; never both.
    assertEquals(!done.contains("waiting"), handedBack.equals(List.of(waiting)));
    assertEquals(
        Refusal.CLOSED,
        assertThrows(RefusedException.class, () -> queue.submit(waiting)).refusal());
  }

  @Test
  void sizesBelowOneAreErrors() {
    assertThrows(IllegalArgumentException.class, () -> new ProofQueue(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new ProofQueue(1, 0));
  }
}
