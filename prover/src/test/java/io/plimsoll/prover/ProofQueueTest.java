package io.plimsoll.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProofQueueTest {
  private record Item(String name, long roundSequence, long deadlineNanos)
      implements ProofQueue.Work {
    static Item of(String name, long round) {
      return new Item(name, round, ProofQueue.NO_DEADLINE);
    }
  }

  private final Semaphore allowed = new Semaphore(0);
  private final LinkedBlockingQueue<List<String>> begun = new LinkedBlockingQueue<>();
  private ProofQueue<Item> queue;

  private ProofQueue<Item> queue(int capacity, int width) {
    queue =
        new ProofQueue<>(
            capacity,
            width,
            batch -> {
              begun.add(batch.stream().map(Item::name).toList());
              allowed.acquireUninterruptibly();
            });
    return queue;
  }

  @AfterEach
  void close() {
    allowed.release(1_000);
    if (queue != null) {
      queue.close();
    }
  }

  /** Fills the worker, so that what follows waits. */
  private void occupy() throws Exception {
    queue.submitStanding(Item.of("first", 0));
    assertEquals(List.of("first"), begun.take());
  }

  private static Refusal refusalOf(org.junit.jupiter.api.function.Executable executable) {
    return assertThrows(RefusedException.class, executable).refusal();
  }

  @Test
  void whatDoesNotFitIsRefusedAtOnceAndWhatFitsIsDoneInOrder() throws Exception {
    queue(2, 1);
    occupy();
    queue.submit(Item.of("a", 1));
    queue.submit(Item.of("b", 1));
    assertEquals(2, queue.waiting());
    assertEquals(Refusal.QUEUE_FULL, refusalOf(() -> queue.submit(Item.of("c", 1))));
    allowed.release(1);
    assertEquals(List.of("a"), begun.take());
    queue.submit(Item.of("c", 1));
    allowed.release(2);
    assertEquals(List.of("b"), begun.take());
    assertEquals(List.of("c"), begun.take());
  }

  @Test
  void standingWorkTakesNoPlaceOfTheOthers() throws Exception {
    queue(1, 1);
    occupy();
    for (int i = 0; i < 10; i++) {
      queue.submitStanding(Item.of("s" + i, 1));
    }
    queue.submit(Item.of("a", 1));
    assertEquals(Refusal.QUEUE_FULL, refusalOf(() -> queue.submit(Item.of("b", 1))));
    assertEquals(11, queue.waiting());
  }

  @Test
  void theNewestRoundComesFirstThenTheEarliestDeadlineThenWhoCameFirst() throws Exception {
    queue(100, 1);
    occupy();
    long now = System.nanoTime();
    queue.submit(Item.of("old", 1));
    queue.submit(Item.of("new, no deadline", 3));
    queue.submit(new Item("new, late", 3, now + 2_000));
    queue.submit(Item.of("new, no deadline, second", 3));
    queue.submit(new Item("new, soon", 3, now + 1_000));
    queue.submit(Item.of("middle", 2));
    allowed.release(100);
    List<String> order =
        List.of(
            "new, soon",
            "new, late",
            "new, no deadline",
            "new, no deadline, second",
            "middle",
            "old");
    for (String name : order) {
      assertEquals(List.of(name), begun.take());
    }
  }

  @Test
  void workThatWaitsAloneIsDoneAloneAndOfMoreAsMuchAsThereAreProcessors() throws Exception {
    queue(100, 4);
    occupy();
    queue.submit(Item.of("alone", 1));
    allowed.release(1);
    assertEquals(List.of("alone"), begun.take());
    for (Item item : IntStream.range(0, 10).mapToObj(i -> Item.of("" + i, 1)).toList()) {
      queue.submit(item);
    }
    allowed.release(3);
    assertEquals(List.of("0", "1", "2", "3"), begun.take());
    assertEquals(List.of("4", "5", "6", "7"), begun.take());
    assertEquals(List.of("8", "9"), begun.take());
  }

  @Test
  void newerWorkWaitsForOneBatchAtMost() throws Exception {
    queue(100, 2);
    occupy();
    for (int i = 0; i < 6; i++) {
      queue.submit(Item.of("old" + i, 1));
    }
    allowed.release(1);
    assertEquals(List.of("old0", "old1"), begun.take());
    queue.submit(Item.of("new", 2));
    allowed.release(1);
    assertEquals(List.of("new", "old2"), begun.take());
  }

  @Test
  void waitingWorkCanBeTakenOutAgainAndThereIsPlaceForOther() throws Exception {
    queue(1, 1);
    occupy();
    Item a = Item.of("a", 1);
    queue.submit(a);
    assertTrue(queue.remove(a));
    assertFalse(queue.remove(a));
    queue.submit(Item.of("b", 1));
    allowed.release(1);
    assertEquals(List.of("b"), begun.take());
  }

  @Test
  void closingReturnsWhatWaitsAndWaitsForWhatIsAtWork() throws Exception {
    queue(10, 1);
    occupy();
    Item a = Item.of("a", 1);
    queue.submit(a);
    Thread release =
        new Thread(
            () -> {
              while (queue.waiting() > 0) {
                Thread.onSpinWait();
              }
              allowed.release(1);
            });
    release.start();
    assertEquals(List.of(a), queue.close());
    assertEquals(Refusal.CLOSED, refusalOf(() -> queue.submit(a)));
    assertTrue(begun.isEmpty());
    release.join();
  }

  @Test
  void aQueueHasPlaceAndAWorker() {
    assertThrows(IllegalArgumentException.class, () -> queue(0, 1));
    assertThrows(IllegalArgumentException.class, () -> queue(1, 0));
  }
}
