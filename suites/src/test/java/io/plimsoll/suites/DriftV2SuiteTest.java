package io.plimsoll.suites;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DriftV2SuiteTest extends SuiteContract {
  @Override
  Suite suite() {
    return new DriftV2Suite();
  }

  @Test
  void oneMemberCoversAllCases() {
    assertEquals(
        1,
        cases().stream()
            .flatMap(c -> c.accounts().stream())
            .map(account -> account.model())
            .distinct()
            .count());
  }
}
