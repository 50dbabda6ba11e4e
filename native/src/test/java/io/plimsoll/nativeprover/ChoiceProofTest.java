package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.Evaluation;
import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.ExprArray;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.Shape;
import io.plimsoll.nativeprover.ProvingException.Kind;
import io.plimsoll.verifier.Digest;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proofs of a model in which the owner picks values. */
class ChoiceProofTest {
  private static final long[] COSTS = {5, 50, 7, 60};
  private static final long[] HOLDINGS = {3, 2, 3, 119};
  private static final long[] BEST = {1, 2, 2, 0};

  @TempDir private static Path directory;

  /** Two short contracts, each covered by the long one or naked: cash >= cost of the pairing. */
  private static MarginModel pairing() {
    MarginModelBuilder m = new MarginModelBuilder("pairing", Shape.empty(), 1);
    ExprArray sold = m.holdings("sold").axis("short", 2).between("0", "12").array();
    Expr bought = m.holdings("bought").between("0", "12").single();
    Expr cash = m.holdings("cash").between("0", "10000").single();
    ExprArray cost = m.round("cost").axis("short", 2).axis("cover", 2).between("0", "99").array();
    ExprArray pair =
        m.choose("pair", "every pairing is margined at no less than its loss")
            .axis("short", 2)
            .axis("cover", 2)
            .between("0", "12")
            .array();
    m.constrainEqual("first", pair.row(0).sum(), sold.get(0));
    m.constrainEqual("second", pair.row(1).sum(), sold.get(1));
    m.constrainAtMost("covered", pair.get(0, 0).plus(pair.get(1, 0)), bought);
    m.assertNonNegative(
        "solvent", m.denominator().times(cash).minus(m.numerator().times(cost.dot(pair))));
    return m.build();
  }

  private static ProvingInput input(long[] holdings, long... choices) {
    byte[] context = new byte[16];
    context[15] = 1;
    byte[] blinding = new byte[32];
    blinding[31] = 7;
    return ProvingInput.builder()
        .context(context)
        .threshold(1, 1)
        .coefficients(COSTS)
        .holdings(holdings)
        .choices(choices)
        .blinding(blinding)
        .build();
  }

  @Test
  void everyFeasibleChoiceThatIsGoodEnoughIsProvenAndIsNoPublicInput() throws Exception {
    MarginModel model = pairing();
    assertEquals(Arrays.toString(BEST), Arrays.toString(model.choose(COSTS, HOLDINGS, 1, 1)));
    KeyCache keys = KeyCache.at(directory);
    Digest circuitId = keys.developmentKeys(model.toByteArray(), stage -> {});
    try (StockGnarkProver prover =
            StockGnarkProver.open(keys.directory(circuitId), circuitId, DevelopmentKeys.ALLOWED);
        ProvingInput best = input(HOLDINGS, BEST);
        ProvingInput worse = input(new long[] {3, 2, 3, 135}, 3, 0, 0, 2);
        ProvingInput tooDear = input(HOLDINGS, 3, 0, 0, 2)) {
      for (ProvingInput input : new ProvingInput[] {best, worse}) {
        byte[] proof = prover.prove(input);
        assertEquals(SolvencyProver.PROOF_BYTES, proof.length);
        assertTrue(prover.verifyWithFullVector(PublicVector.of(input), proof));
        assertFalse(prover.verifyWithFullVector(PublicVector.of(tooDear), new byte[128]));
      }
      assertEquals(
          Kind.NOT_SOLVENT,
          assertThrows(ProvingException.class, () -> prover.prove(tooDear)).kind());
    }
  }

  @Test
  void infeasibleChoiceHasNoProofAndOneOutOfRangeIsRefusedWithoutItsValue() throws Exception {
    try (CompiledModel compiled = CompiledModel.compile(pairing().toByteArray())) {
      for (long[] infeasible :
          new long[][] {{1, 1, 2, 0}, {2, 2, 1, 1}, {3, 0, 2, 0}, {0, 0, 0, 0}}) {
        try (ProvingInput input = input(HOLDINGS, infeasible)) {
          assertEquals(
              Kind.NOT_SOLVENT,
              assertThrows(ProvingException.class, () -> compiled.requireSatisfied(input)).kind());
        }
      }
      for (long[] refused : new long[][] {{13, 0, 0, 0}, {-1, 4, 2, 0}, {}, {1, 2, 2, 0, 0}}) {
        try (ProvingInput input = input(HOLDINGS, refused)) {
          ProvingException e =
              assertThrows(ProvingException.class, () -> compiled.requireSatisfied(input));
          assertEquals(Kind.INVALID_ARGUMENT, e.kind());
          assertTrue(e.getMessage().contains("choices"), e.getMessage());
          assertFalse(e.getMessage().contains("13"), e.getMessage());
        }
      }
    }
  }

  @Test
  void circuitAgreesWithTheEvaluatorNodeByNodeForEveryChoice() throws Exception {
    MarginModel model = pairing();
    try (CompiledModel compiled = CompiledModel.compile(model.toByteArray())) {
      for (long[] choices : new long[][] {BEST, {0, 0, 0, 0}, {12, 12, 12, 12}, {3, 0, 0, 2}}) {
        Evaluation expected = model.evaluate(COSTS, HOLDINGS, choices, 1, 1);
        assertEquals(
            expected.values(),
            compiled.evaluate(1, 1, COSTS, HOLDINGS, choices, model.nodes().size()));
      }
    }
  }

  @Test
  void closedInputKeepsNoChoice() {
    ProvingInput input = input(HOLDINGS, BEST);
    input.close();
    assertEquals(0, Arrays.stream(input.choices).sum());
    assertFalse(input.toString().contains("1, 2"));
  }
}
