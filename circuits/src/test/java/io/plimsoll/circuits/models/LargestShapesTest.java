package io.plimsoll.circuits.models;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.MarginModelFamily;
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
      })
  void tooLargeShapeIsRefusedNamingTheLimit(String family, String shape, String limit)
      throws InvalidFormatException {
    MarginModelFamily model =
        family.equals("portfolio") ? new PortfolioMargin() : new CrossMargin();
    Shape parsed = Shape.parse(shape);
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> model.build(parsed));
    assertTrue(e.getMessage().contains(limit), e.getMessage());
  }
}
