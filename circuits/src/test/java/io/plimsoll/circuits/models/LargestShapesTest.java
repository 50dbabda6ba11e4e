package io.plimsoll.circuits.models;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.MarginModelFamily;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A shape is typed on a command line: one that is too large must be an error, not an outage. */
class LargestShapesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "portfolio | instruments=4096,scenarios=1024 | is 4194304, more than 262144",
        "portfolio | instruments=257,scenarios=1024 | is 263168, more than 262144",
        "portfolio | instruments=1,scenarios=1,attesters=64 | times 64 attesters exceeds 64 bits",
        "cross | instruments=4096,attesters=64 | times 64 attesters exceeds 64 bits",
        "dydx-v4 | sizeDigits=51,priceDigits=51 | 2^250",
        "dydx-v4-update | markets=1024,sizeDigits=34,priceDigits=34 | 2^250",
        "drift-v2 | spots=64,perps=64,amountDigits=18,attesters=64 | times 64 attesters exceeds 64 bits",
      })
  void tooLargeShapeIsRefusedNamingTheLimit(String family, String shape, String limit)
      throws InvalidFormatException {
    MarginModelFamily model = MarginModels.byName(family);
    Shape parsed = Shape.parse(shape);
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> model.build(parsed));
    assertTrue(e.getMessage().contains(limit), e.getMessage());
  }
}
