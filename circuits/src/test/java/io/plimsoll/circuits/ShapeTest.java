package io.plimsoll.circuits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.InvalidFormatException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShapeTest {
  private static void assertRefused(String message, String text) {
    InvalidFormatException e = assertThrows(InvalidFormatException.class, () -> Shape.parse(text));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void parseReadsWhatToStringWrites() throws Exception {
    Shape shape = Shape.parse(" instruments = 64 , scenarios=16");
    assertEquals("instruments=64,scenarios=16", shape.toString());
    assertEquals(shape, Shape.parse(shape.toString()));
    assertEquals(Map.of("instruments", 64, "scenarios", 16), shape.toMap());
    assertEquals(Shape.empty(), Shape.parse("  "));
    assertEquals(8, shape.with("scenarios", 8).get("scenarios"));
    assertThrows(IllegalArgumentException.class, () -> shape.get("tiers"));
  }

  @Test
  void malformedShapesAreRefusedByTheirPart() {
    assertRefused("'instruments' is not name=number", "instruments");
    assertRefused("'' is not name=number", "a=1,");
    assertRefused("'=4' is not name=number", "=4");
    assertRefused("a is ''", "a=");
    assertRefused("a is '-1'", "a=-1");
    assertRefused("a is 'x'", "a=x");
    assertRefused("a is '2147483648'", "a=2147483648");
    assertRefused("a is '99999999999'", "a=99999999999");
    assertRefused("'a' occurs twice", "a=1,a=1");
  }

  @Test
  void familiesAreFoundByNameAndCompleteTheirShape() throws Exception {
    for (String name : List.of("isolated", "cross", "portfolio")) {
      MarginModelFamily family = MarginModels.byName(name);
      assertEquals(name, family.name());
      MarginModel model = family.build(Shape.empty());
      assertEquals(name, model.name());
      for (MarginModelFamily.Parameter parameter : family.parameters()) {
        assertEquals(parameter.defaultValue(), model.shape().get(parameter.name()));
      }
      assertEquals(4, model.maxAttesters());
      assertEquals(model, MarginModel.read(model.toByteArray()));
      assertEquals(model, family.build(model.shape()));
    }
    assertEquals(
        MarginModels.all().size(),
        MarginModels.all().stream().map(MarginModelFamily::name).distinct().count());
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> MarginModels.byName("cros"));
    assertTrue(e.getMessage().contains("isolated, cross, portfolio"), e.getMessage());
  }

  @Test
  void shapesBeyondAFamilysLimitsAreRefusedByName() throws Exception {
    MarginModelFamily family = MarginModels.byName("portfolio");
    for (MarginModelFamily.Parameter parameter : family.parameters()) {
      for (int size : new int[] {parameter.min() - 1, parameter.max() + 1}) {
        InvalidFormatException e =
            assertThrows(
                InvalidFormatException.class,
                () -> family.build(Shape.empty().with(parameter.name(), size)));
        assertTrue(
            e.getMessage().contains(parameter.name() + " is " + size + ", not "), e.getMessage());
      }
    }
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> family.build(Shape.parse("instrument=4")));
    assertTrue(e.getMessage().contains("no parameter 'instrument'"), e.getMessage());
  }

  @Test
  void shapeWhoseModelWouldBeTooLargeIsRefusedLikeAnyOtherBadShape() throws Exception {
    MarginModelFamily family = MarginModels.byName("portfolio");
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> family.build(Shape.parse("attesters=64")));
    assertTrue(e.getMessage().contains("exceeds 64 bits"), e.getMessage());
  }

  @Test
  void everyFamilysSmallestShapeBuilds() throws Exception {
    for (MarginModelFamily family : MarginModels.all()) {
      Shape smallest = Shape.empty();
      for (MarginModelFamily.Parameter parameter : family.parameters()) {
        smallest = smallest.with(parameter.name(), parameter.min());
      }
      assertEquals(smallest, family.build(smallest).shape());
    }
  }
}
