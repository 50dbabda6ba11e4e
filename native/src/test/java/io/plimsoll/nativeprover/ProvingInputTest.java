package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ProvingInputTest {
  @Test
  void closeWipesWhatIsSecret() {
    ProvingInput input = TestModel.atThreshold().build();
    input.close();
    assertArrayEquals(new long[3], input.holdings);
    assertArrayEquals(new byte[32], input.blinding);
  }

  @Test
  void laterChangesOfTheCallersArraysDoNotMatter() {
    long[] holdings = {1, 2, 3};
    try (ProvingInput input = TestModel.atThreshold().holdings(holdings).build()) {
      holdings[0] = 9;
      assertArrayEquals(new long[] {1, 2, 3}, input.holdings);
    }
  }

  @Test
  void toStringTellsNoHolding() {
    try (ProvingInput input = TestModel.atThreshold().holdings(new long[] {7, 7, 7}).build()) {
      assertFalse(input.toString().contains("7"), input.toString());
    }
  }

  @Test
  void everyPartMustBeSet() {
    assertThrows(NullPointerException.class, () -> ProvingInput.builder().build());
    assertThrows(NullPointerException.class, () -> TestModel.atThreshold().holdings(null).build());
  }
}
