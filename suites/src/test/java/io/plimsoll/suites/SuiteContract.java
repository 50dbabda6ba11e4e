package io.plimsoll.suites;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.plimsoll.circuits.Evaluation;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.nativeprover.CompiledModel;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every suite has to show: the evaluator gives the published figures, the circuit gives what
 * the evaluator gives, and proofs are possible up to the largest threshold that is met. Published
 * cases are not part of this repository; without them the tests are skipped.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SuiteContract {
  /** How many accounts are proven. */
  private static final int PROOFS = 10;

  @TempDir private Path keys;

  private List<SuiteCase> cases;

  /** The suite under test. */
  abstract Suite suite();

  /** Where its cases are. */
  Path path() {
    return published(suite().name());
  }

  /** The folder of published cases of this name. */
  static Path published(String name) {
    return Path.of(System.getProperty("plimsoll.root"), "..", "shared", "cases", name).normalize();
  }

  @BeforeAll
  void readCases() throws Exception {
    assumeTrue(Files.exists(path()), "no published cases at " + path());
    cases = suite().read(path());
  }

  /** The cases that were read. */
  final List<SuiteCase> cases() {
    return cases;
  }

  @Test
  void everyFigureIsThePublishedOne() {
    assertTrue(!cases.isEmpty());
    List<Executable> figures = new ArrayList<>();
    for (SuiteCase c : cases) {
      for (Figure figure : c.figures()) {
        figures.add(() -> assertTrue(figure.agrees(), () -> c.id() + ": " + figure));
      }
    }
    assertAll(figures);
  }

  @Test
  void theCircuitHasTheEvaluatorsValueAtEveryNode() throws Exception {
    Map<MarginModel, CompiledModel> compiled = new LinkedHashMap<>();
    try {
      for (SuiteCase c : cases) {
        for (Account account : c.accounts()) {
          CompiledModel circuit = compiled.get(account.model());
          if (circuit == null) {
            circuit = CompiledModel.compile(account.model().toByteArray());
            compiled.put(account.model(), circuit);
          }
          compare(c.id() + " " + account.label(), account, circuit);
        }
      }
    } finally {
      compiled.values().forEach(CompiledModel::close);
    }
  }

  private static void compare(String what, Account account, CompiledModel circuit)
      throws ProvingException {
    MarginModel model = account.model();
    long[] coefficients = account.round().toLongArray();
    long[] holdings = account.holdings().toLongArray();
    Evaluation expected = model.evaluate(coefficients, holdings, 1, 1);
    List<BigInteger> actual =
        circuit.evaluate(1, 1, coefficients, holdings, expected.choices(), model.nodes().size());
    for (int node = 0; node < actual.size(); node++) {
      int at = node;
      assertEquals(
          expected.value(node),
          actual.get(node),
          () -> what + ", node " + at + ": " + model.nodes().get(at));
    }
    try (ProvingInput input =
        ProvingInput.builder()
            .context(new byte[16])
            .threshold(1, 1)
            .coefficients(coefficients)
            .holdings(holdings)
            .choices(expected.choices())
            .blinding(new byte[32])
            .build()) {
      boolean satisfied = true;
      try {
        circuit.requireSatisfied(input);
      } catch (ProvingException e) {
        assertEquals(ProvingException.Kind.NOT_SOLVENT, e.kind(), what);
        satisfied = false;
      }
      assertEquals(account.assess().solvent(), satisfied, what);
    }
  }

  @Test
  void proofsAreAcceptedAtTheLargestThresholdAndImpossibleAtTheNext() throws Exception {
    List<Account> accounts = cases.stream().flatMap(c -> c.accounts().stream()).toList();
    List<Account> chosen =
        SuiteRunner.sample(accounts, PROOFS).stream().mapToObj(accounts::get).toList();
    Map<MarginModel, AccountProver> provers = new LinkedHashMap<>();
    try {
      for (Account account : chosen) {
        AccountProver prover = provers.get(account.model());
        if (prover == null) {
          prover = AccountProver.open(account.model(), KeyCache.at(keys), stage -> {});
          provers.put(account.model(), prover);
        }
        AccountProof proof = prover.prove(account);
        assertTrue(proof.holds(), () -> account.label() + ": " + proof);
      }
    } finally {
      provers.values().forEach(AccountProver::close);
    }
  }
}
