package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.FixedPairs.Outcome;
import io.plimsoll.verifier.bn254.Slow.P1;
import io.plimsoll.verifier.bn254.Slow.P2;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class AcceleratorTest {
  private static final long ANY_SPEED = Long.MAX_VALUE;

  private final Random random = new Random(5);
  private final G2Lines first = G2Lines.of(Slow.g2(P2.random(random)));
  private final G2Lines second = G2Lines.of(Slow.g2(P2.random(random)));
  private final FixedPairs fixed = new FixedPairs(first, second);
  private final Pairing.Pair pair =
      new Pairing.Pair(Slow.g1(P1.random(random)), Slow.g2(P2.random(random)));
  private final G1 g1 = Slow.g1(P1.random(random));
  private final G1 h1 = Slow.g1(P1.random(random));
  private final Gt value = fixed.portable(pair, g1, h1).orElseThrow();

  /** A product line by line behind the interface, with its answers changed. */
  private static final class Fake implements TripleProduct {
    private record Lines(G2Lines first, G2Lines second) implements Prepared {}

    private UnaryOperator<Optional<Gt>> answer;
    int calls;
    int preparations;

    Fake(UnaryOperator<Optional<Gt>> answer) {
      this.answer = answer;
    }

    @Override
    public Prepared prepare(long[] first, long[] second) {
      preparations++;
      assertCanonical(first);
      assertCanonical(second);
      return new Lines(lines(first), lines(second));
    }

    /** As the interface promises: carried, in [0, p). */
    private static void assertCanonical(long[] limbs) {
      Fp x = new Fp();
      for (int offset = 0; offset < limbs.length; offset += MillerLoops.LIMBS) {
        x.read(limbs, offset);
        BigInteger value = FpTest.limbs(x);
        assertEquals(0, (x.l0 | x.l1 | x.l2 | x.l3) >> Fp.LIMB_BITS);
        assertTrue(value.signum() >= 0 && value.compareTo(Slow.P) < 0);
      }
    }

    private static G2Lines lines(long[] limbs) {
      G2Lines lines = G2Lines.of(G2.GENERATOR);
      for (int i = 0; i < LINES; i++) {
        lines.slopes[i].set(fp2(limbs, i * LINE_LONGS));
        lines.constants[i].set(fp2(limbs, i * LINE_LONGS + 2 * MillerLoops.LIMBS));
      }
      return lines;
    }

    @Override
    public boolean multiply(long[] pair, Prepared prepared, long[] points, long[] value) {
      calls++;
      assertCanonical(pair);
      assertCanonical(points);
      Lines lines = (Lines) prepared;
      int half = 2 * MillerLoops.LIMBS;
      Optional<Gt> product =
          answer.apply(
              product(
                  new Pairing.Pair(g1(pair, 0), new G2(fp2(pair, half), fp2(pair, 2 * half))),
                  LineByLine.millerFunction(lines.first, g1(points, 0)),
                  LineByLine.millerFunction(lines.second, g1(points, half))));
      if (product.isEmpty()) {
        return false;
      }
      for (int k = 0; k < 6; k++) {
        Fp2 c = product.get().value.coordinate(k).copy();
        c.tidy();
        c.re.write(value, 2 * MillerLoops.LIMBS * k);
        c.im.write(value, 2 * MillerLoops.LIMBS * k + MillerLoops.LIMBS);
      }
      return true;
    }

    private static Optional<Gt> product(Pairing.Pair pair, Fp12 first, Fp12 second) {
      Tower tower = new Tower();
      Fp12 f = Pairing.millerFunction(tower, List.of(pair), List.of());
      if (f == null) {
        return Optional.empty();
      }
      tower.mul(f, f, first);
      tower.mul(f, f, second);
      Pairing.finalExponentiation(tower, f);
      return Optional.of(new Gt(f));
    }

    private static G1 g1(long[] limbs, int offset) {
      Fp2 both = fp2(limbs, offset);
      return G1.ofAffine(both.re, both.im);
    }

    private static Fp2 fp2(long[] limbs, int offset) {
      Fp2 x = new Fp2();
      x.re.read(limbs, offset);
      x.im.read(limbs, offset + MillerLoops.LIMBS);
      return x;
    }
  }

  private static Accelerator tried(TripleProduct triple) {
    return Accelerator.tried(triple, null, ANY_SPEED, 0);
  }

  @Test
  void whatIsRightAndFastIsUsed() {
    Fake fake = new Fake(x -> x);
    Accelerator accelerator = tried(fake);
    assertSame(fake, accelerator.triple().orElseThrow());
    fake.calls = 0;
    assertEquals(Outcome.EQUAL, fixed.check(pair, g1, h1, value, accelerator));
    assertEquals(1, fake.calls);
  }

  /** Preparing takes longer than a check. */
  @Test
  void linesArePreparedOnceForEachImplementation() {
    Fake fake = new Fake(x -> x);
    Accelerator accelerator = tried(fake);
    fake.preparations = 0;
    for (int i = 0; i < 3; i++) {
      assertEquals(Outcome.EQUAL, fixed.check(pair, g1, h1, value, accelerator));
    }
    assertEquals(1, fake.preparations);
    Fake other = new Fake(x -> x);
    Accelerator another = tried(other);
    other.preparations = 0;
    assertEquals(Outcome.EQUAL, fixed.check(pair, g1, h1, value, another));
    assertEquals(1, other.preparations);
  }

  /** A point of the curve with other representatives than those that decoding gives. */
  @Test
  void coordinatesAreCanonicalWhateverRepresentsThem() {
    Accelerator accelerator = tried(new Fake(x -> x));
    assertEquals(
        Outcome.EQUAL,
        fixed.check(
            new Pairing.Pair(pair.g1().negate().negate(), pair.g2().negate().negate()),
            g1.negate().negate(),
            h1.negate().negate(),
            value,
            accelerator));
    assertTrue(accelerator.triple().isPresent());
  }

  @Test
  void whatIsSlowIsNotUsed() {
    Accelerator accelerator = Accelerator.tried(new Fake(x -> x), null, 0, 0);
    assertTrue(accelerator.triple().isEmpty());
    assertTrue(accelerator.status().startsWith("portable; Fake takes"), accelerator.status());
  }

  @Test
  void whatIsWrongIsNotUsedHoweverFast() {
    List<UnaryOperator<Optional<Gt>>> wrong =
        List.of(
            x -> Optional.of(Gt.one()),
            x -> Optional.empty(),
            x -> x.or(() -> Optional.of(Gt.one())),
            // Right but where the product is one.
            x -> x.map(gt -> gt.equals(Gt.one()) ? value : gt),
            x -> {
              throw new IllegalStateException("broken");
            });
    for (UnaryOperator<Optional<Gt>> answer : wrong) {
      Accelerator accelerator = tried(new Fake(answer));
      assertTrue(accelerator.triple().isEmpty());
      assertTrue(accelerator.status().contains("is off"), accelerator.status());
    }
  }

  @Test
  void whatRefusesAValidCheckLaterIsOverruledAndNotUsedAnyMore() {
    List<Optional<Gt>> refusals = List.of(Optional.of(Gt.one()), Optional.empty());
    for (Optional<Gt> refusal : refusals) {
      Fake fake = new Fake(x -> x);
      Accelerator accelerator = tried(fake);
      fake.answer = x -> refusal;
      assertEquals(Outcome.EQUAL, fixed.check(pair, g1, h1, value, accelerator));
      assertTrue(accelerator.triple().isEmpty());
      assertTrue(accelerator.status().contains("is off"), accelerator.status());
    }
  }

  @Test
  void aRefusalThatIsRightKeepsItInUse() {
    Accelerator accelerator = tried(new Fake(x -> x));
    assertEquals(Outcome.DIFFERENT, fixed.check(pair, h1, g1, value, accelerator));
    Pairing.Pair bad = new Pairing.Pair(pair.g1(), Slow.g2(P2.randomOnCurve(random)));
    assertEquals(Outcome.OUTSIDE_SUBGROUP, fixed.check(bad, g1, h1, value, accelerator));
    assertTrue(accelerator.triple().isPresent());
  }

  @Test
  void infinityIsThePortableImplementationsAlone() {
    Fake fake = new Fake(x -> x);
    Accelerator accelerator = tried(fake);
    fake.calls = 0;
    Gt expected = fixed.portable(pair, G1.INFINITY, h1).orElseThrow();
    assertEquals(Outcome.EQUAL, fixed.check(pair, G1.INFINITY, h1, expected, accelerator));
    assertEquals(0, fake.calls);
  }

  @Test
  void loopsThatMissAnOutsiderAreNotUsed() {
    MillerLoops lying =
        new MillerLoops() {
          @Override
          public boolean multiply(long[] pairs, int count, long[] product, boolean[] outside) {
            ScalarMillerLoops.INSTANCE.multiply(pairs, count, product, outside);
            java.util.Arrays.fill(outside, false);
            return true;
          }

          @Override
          public int minimum() {
            return 2;
          }
        };
    Accelerator accelerator = Accelerator.tried(null, lying, ANY_SPEED, 0);
    assertSame(ScalarMillerLoops.INSTANCE, accelerator.millerLoops(64));
    assertTrue(accelerator.status().contains("is off"), accelerator.status());
  }

  /** The portable loops with a number of their own, and something done to what they give. */
  private static class Loops implements MillerLoops {
    @Override
    public boolean multiply(long[] pairs, int count, long[] product, boolean[] outside) {
      return ScalarMillerLoops.INSTANCE.multiply(pairs, count, product, outside);
    }

    @Override
    public int minimum() {
      return 5;
    }
  }

  private static Accelerator tried(MillerLoops loops) {
    return Accelerator.tried(null, loops, ANY_SPEED, 0);
  }

  @Test
  void loopsThatAreRightAndFastAreUsedFromTheirMinimumOn() throws Exception {
    Loops loops = new Loops();
    Accelerator accelerator = tried(loops);
    assertSame(loops, accelerator.millerLoops(5));
    assertSame(loops, accelerator.millerLoops(64));
    assertSame(ScalarMillerLoops.INSTANCE, accelerator.millerLoops(4));
    assertTrue(accelerator.awaitTrial(0));
    assertTrue(
        accelerator.status().startsWith("portable; Loops for batches takes "),
        accelerator.status());
    // Without something that proposes roots, nobody proposes any.
    assertTrue(accelerator.propose(new byte[64][128]).isEmpty());
    accelerator.disable("a test says so");
    assertSame(ScalarMillerLoops.INSTANCE, accelerator.millerLoops(64));
    assertTrue(accelerator.status().endsWith("is off: a test says so"), accelerator.status());
  }

  @Test
  void loopsThatAreSlowAreNotUsed() {
    Accelerator accelerator = Accelerator.tried(null, new Loops(), 0, 0);
    assertSame(ScalarMillerLoops.INSTANCE, accelerator.millerLoops(64));
    assertTrue(accelerator.status().startsWith("portable"), accelerator.status());
    String before = accelerator.status();
    // There is nothing to be disabled.
    accelerator.disable("a test says so");
    assertEquals(before, accelerator.status());
  }

  /** The ways for loops to be wrong, each of them alone. */
  @Test
  void loopsThatAreWrongAreNotUsedHoweverFast() {
    List<Loops> wrong =
        List.of(
            new Loops() {
              @Override
              public boolean multiply(long[] pairs, int count, long[] product, boolean[] out) {
                // Leaves out the last pair.
                return count == 1
                    ? super.multiply(pairs, count, product, out)
                    : super.multiply(pairs, count - 1, product, out);
              }
            },
            new Loops() {
              @Override
              public boolean multiply(long[] pairs, int count, long[] product, boolean[] out) {
                boolean inside = super.multiply(pairs, count, product, out);
                // One pair alone has no product.
                product[0] += count == 1 ? 1 : 0;
                return inside;
              }
            },
            new Loops() {
              @Override
              public boolean multiply(long[] pairs, int count, long[] product, boolean[] out) {
                super.multiply(pairs, count, product, out);
                return false;
              }
            },
            new Loops() {
              @Override
              public boolean multiply(long[] pairs, int count, long[] product, boolean[] out) {
                // Names the outsider, and says that there is none.
                super.multiply(pairs, count, product, out);
                return true;
              }
            },
            new Loops() {
              @Override
              public boolean multiply(long[] pairs, int count, long[] product, boolean[] out) {
                boolean inside = super.multiply(pairs, count, product, out);
                java.util.Arrays.fill(out, !inside);
                return inside;
              }
            },
            new Loops() {
              @Override
              public boolean multiply(long[] pairs, int count, long[] product, boolean[] out) {
                boolean inside = super.multiply(pairs, count, product, out);
                java.util.Arrays.fill(out, false);
                return inside;
              }
            });
    for (Loops each : wrong) {
      Accelerator accelerator = tried(each);
      assertSame(ScalarMillerLoops.INSTANCE, accelerator.millerLoops(64));
      assertTrue(
          accelerator.status().endsWith("is off: it gave a wrong Miller function"),
          accelerator.status());
    }
  }

  /** Eight runs a time: one time when there is no time, three when it wins. */
  @Test
  void whatWinsThreeTimesIsNotTriedAnyLonger() {
    Fake fake = new Fake(x -> x);
    int checks = 3;
    Accelerator.tried(fake, null, ANY_SPEED, Long.MAX_VALUE / 2);
    assertEquals(checks + 3 * 8, fake.calls);
    fake.calls = 0;
    Accelerator.tried(fake, null, ANY_SPEED, 0);
    assertEquals(checks + 8, fake.calls);
    fake.calls = 0;
    Accelerator.tried(fake, null, -1, 0);
    assertEquals(checks + 8, fake.calls);
  }

  @Test
  void whatFailsLaterIsOverruledAndNotUsedAnyMore() {
    for (Throwable failure : List.of(new IllegalStateException("broken"), new LinkageError())) {
      Fake fake = new Fake(x -> x);
      Accelerator accelerator = tried(fake);
      fake.answer =
          x -> {
            throw sneaky(failure);
          };
      assertEquals(Outcome.EQUAL, fixed.check(pair, g1, h1, value, accelerator));
      assertTrue(accelerator.triple().isEmpty());
      assertTrue(accelerator.status().contains("it failed with"), accelerator.status());
    }
  }

  private static RuntimeException sneaky(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return (RuntimeException) failure;
  }

  /** One part is in use, and found wrong, while the other is still on trial. */
  @Test
  void whatIsWrongDuringTheTrialOfTheRestKeepsTheRestFromUse() throws Exception {
    Accelerator accelerator = Accelerator.tried(null, null, ANY_SPEED, 0);
    MillerLoops loops =
        new MillerLoops() {
          @Override
          public boolean multiply(long[] pairs, int count, long[] product, boolean[] outside) {
            accelerator.disable("it refused what is valid");
            return ScalarMillerLoops.INSTANCE.multiply(pairs, count, product, outside);
          }

          @Override
          public int minimum() {
            return 1;
          }
        };
    accelerator.attempt(new Fake(x -> x), loops, null, new Accelerator.Race(ANY_SPEED, 0));
    assertTrue(accelerator.triple().isEmpty());
    assertSame(ScalarMillerLoops.INSTANCE, accelerator.millerLoops(64));
    assertTrue(accelerator.status().contains("is off"), accelerator.status());
  }

  @Test
  void withoutAnImplementationItIsPortable() {
    assertEquals("portable", Accelerator.none().status());
    assertEquals("portable", Accelerator.shared().status());
    assertTrue(Accelerator.none().triple().isEmpty());
    assertTrue(Accelerator.none().propose(new byte[64][128]).isEmpty());
    assertTrue(Accelerator.shared().triple().isEmpty());
    assertSame(ScalarMillerLoops.INSTANCE, Accelerator.none().millerLoops(64));
  }
}
