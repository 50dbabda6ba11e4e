package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PoolTest {
  private final AtomicInteger made = new AtomicInteger();
  private final Pool<AtomicBoolean> pool =
      new Pool<>(
          () -> {
            made.incrementAndGet();
            return new AtomicBoolean();
          });

  @Test
  void whatIsGivenBackIsLentAgain() {
    AtomicBoolean first = pool.take();
    assertNotSame(first, pool.take());
    assertEquals(2, made.get());
    pool.give(first);
    assertSame(first, pool.take());
    assertEquals(2, made.get());
  }

  /** Each is lent once, as long as there is room for it. */
  @Test
  void severalAreKeptForOneThread() {
    Set<AtomicBoolean> lent = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < 4; i++) {
      lent.add(pool.take());
    }
    lent.forEach(pool::give);
    Set<AtomicBoolean> again = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < 4; i++) {
      again.add(pool.take());
    }
    assertEquals(lent, again);
    assertEquals(4, made.get());
  }

  /** More than there is room for are dropped, and never lent twice. */
  @Test
  void whatFindsNoRoomIsDropped() {
    List<AtomicBoolean> many = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      many.add(pool.take());
    }
    many.forEach(pool::give);
    Set<AtomicBoolean> lent = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < 100; i++) {
      assertTrue(lent.add(pool.take()));
    }
    assertTrue(made.get() > 100 && made.get() < 200);
  }

  @Test
  void noneIsLentToTwoThreadsAtATime() throws Exception {
    int threads = 8;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Integer>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        running.add(
            executor.submit(
                () -> {
                  int shared = 0;
                  for (int i = 0; i < 20_000; i++) {
                    AtomicBoolean mine = pool.take();
                    shared += mine.compareAndSet(false, true) ? 0 : 1;
                    mine.set(false);
                    pool.give(mine);
                  }
                  return shared;
                }));
      }
      for (Future<Integer> each : running) {
        assertEquals(0, each.get());
      }
    } finally {
      executor.shutdownNow();
    }
    assertTrue(made.get() < 1000, made.get() + " were made");
  }
}
