package io.plimsoll.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class PinnedJavaTest {
  @Test
  void readsListsAndRangesOfProcessors() {
    assertEquals(
        List.of(0, 1, 2, 3, 8),
        PinnedJava.allowed(List.of("Name:\tjava", "Cpus_allowed_list:\t0-3,8")));
    assertEquals(List.of(5), PinnedJava.allowed(List.of("Cpus_allowed_list:\t5")));
    assertEquals(List.of(), PinnedJava.allowed(List.of("Name:\tjava")));
  }
}
