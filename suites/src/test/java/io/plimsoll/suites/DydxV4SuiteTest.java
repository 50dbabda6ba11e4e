package io.plimsoll.suites;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DydxV4SuiteTest extends SuiteContract {
  @Override
  Suite suite() {
    return new DydxV4Suite();
  }

  @Test
  void atMostOneMemberOfEachFamilyCoversAllCases() {
    Set<String> members =
        cases().stream()
            .flatMap(c -> c.accounts().stream())
            .map(account -> account.model().toString())
            .collect(Collectors.toSet());
    assertTrue(members.size() <= 2, members::toString);
  }
}
