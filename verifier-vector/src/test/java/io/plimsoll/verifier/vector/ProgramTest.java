package io.plimsoll.verifier.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.plimsoll.verifier.vector.Program.Assembler;
import io.plimsoll.verifier.vector.Program.Assembler.Products2;
import io.plimsoll.verifier.vector.Program.Assembler.Sum;
import io.plimsoll.verifier.vector.Program.Assembler.Sum2;
import io.plimsoll.verifier.vector.Program.Assembler.Turned;
import java.math.BigInteger;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What could overflow is refused when a program is put together. */
class ProgramTest {
  private final Assembler asm = new Assembler();
  private final int x = asm.slot(1_000);
  private final int y = asm.slot(1_000);

  @Test
  void moreProductsThanAColumnHoldsAreRefused() {
    asm.begin();
    int[] operands = new int[2 * Program.MAX_PRODUCTS];
    java.util.Arrays.fill(operands, x);
    asm.dot(operands);
    assertThrows(
        IllegalArgumentException.class, () -> asm.dot(new int[2 * Program.MAX_PRODUCTS + 2]));
  }

  @Test
  void looseLimbsCountAsManyTimesAsTheyAreLarger() {
    asm.begin();
    Sum2 twice = Sum2.of(x, 0).times(2);
    Products2 one = Products2.of(twice, Sum.of(y, 0).times(2));
    asm.dotLanes(one.plus(one).plus(one));
    assertThrows(
        IllegalArgumentException.class, () -> asm.dotLanes(one.plus(one).plus(one).plus(one)));
  }

  @Test
  void aNumberTooLargeForItsLastLimbIsRefused() {
    asm.begin();
    int large = asm.sum(84, x);
    assertEquals(84_000, asm.value(large));
    assertThrows(IllegalArgumentException.class, () -> asm.sum(85, x));
    assertThrows(IllegalArgumentException.class, () -> asm.sum(1, large, 1, x));
    assertThrows(
        IllegalArgumentException.class, () -> asm.tidy(List.of(Sum.of(large, 0).times(2))));
  }

  @Test
  void anOutputIsNotItsOwnOperand() {
    asm.begin();
    assertThrows(IllegalArgumentException.class, () -> asm.dotInto(x, x, y));
  }

  @Test
  void turnedProductsAreCountedAndBoundedAsOthers() {
    asm.begin();
    int wide = asm.widen(x, y);
    Turned one = new Turned(y, 7, wide, 5);
    asm.turnInto(x, Collections.nCopies(Program.MAX_PRODUCTS, one));
    assertEquals(Program.REDUCTION + Program.MAX_PRODUCTS * 1_000 / 169 + 1, asm.value(x));
    assertThrows(
        IllegalArgumentException.class,
        () -> asm.turnInto(x, Collections.nCopies(Program.MAX_PRODUCTS + 1, one)));
    assertThrows(
        IllegalArgumentException.class,
        () -> asm.turnInto(x, List.of(new Turned(y, 0, wide, Lanes.TURNING))));
    assertThrows(
        IllegalArgumentException.class, () -> asm.turnInto(x, List.of(new Turned(x, 0, wide, 0))));
  }

  @Test
  void aProgramThatLeavesMoreThanItFoundIsRefused() {
    asm.begin();
    asm.sumInto(x, 2, y);
    assertThrows(IllegalStateException.class, asm::end);
  }

  @Test
  void whatHasNoValueYetIsRefused() {
    asm.begin();
    int temporary = asm.sum(1, x);
    asm.end();
    asm.begin();
    assertThrows(IllegalArgumentException.class, () -> asm.dot(temporary, x));
  }

  @Test
  void aProgramComputesWhatItSays() {
    asm.begin();
    int constant = asm.constant(BigInteger.TEN);
    asm.sumInto(y, 1, asm.dot(constant, asm.constant(BigInteger.TWO), constant, constant));
    assertThrows(IllegalStateException.class, asm::end);
    asm.begin();
    int product = asm.dot(constant, asm.constant(BigInteger.TWO), constant, constant);
    asm.tidyInto(y, List.of(Sum.of(product, 3).times(-5)));
    Program program = asm.end();
    long[] w = asm.workspace();
    program.run(w);
    BigInteger expected = Assembler.montgomery(BigInteger.valueOf(-5 * 120));
    assertEquals(expected, Lanes.value(w, y, 0).mod(Lanes.MODULUS));
  }
}
