package io.plimsoll.suites;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.SetupStage;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Threshold;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs a suite: prints each computed figure beside the published one, proves a sample of the
 * accounts on both sides of their thresholds, and counts the cases that agree. Not thread-safe.
 */
public final class SuiteRunner {
  private final PrintWriter out;
  private final boolean json;
  private final KeyCache keys;
  private final Consumer<SetupStage> progress;

  /**
   * @param out receives text, or with {@code json} one JSON object for each case and a summary
   *     object, one on each line
   * @param keys where development keys are kept
   * @param progress told the start of every stage, if keys are made
   */
  public SuiteRunner(PrintWriter out, boolean json, KeyCache keys, Consumer<SetupStage> progress) {
    this.out = out;
    this.json = json;
    this.keys = keys;
    this.progress = progress;
  }

  /**
   * Runs the cases of a file, or of a folder of files.
   *
   * @param proofs how many accounts to prove, spread over all; 0 or more
   * @return whether every figure and every proof is as it should be
   * @throws InvalidFormatException if a file is missing or is not one of cases; a malformed case
   *     only fails itself
   */
  public boolean run(Suite suite, Path path, int proofs)
      throws InvalidFormatException, IOException, ProvingException {
    List<SuiteCase> cases = suite.readEach(path);
    requireDistinct(cases);
    BitSet chosen = sample(cases.stream().flatMap(c -> c.accounts().stream()).toList(), proofs);
    int passed = 0;
    int account = 0;
    Map<MarginModel, AccountProver> provers = new HashMap<>();
    try {
      for (SuiteCase c : cases) {
        List<AccountProof> made = new ArrayList<>();
        for (Account a : c.accounts()) {
          if (chosen.get(account++)) {
            AccountProver prover = provers.get(a.model());
            if (prover == null) {
              prover = AccountProver.open(a.model(), keys, progress);
              provers.put(a.model(), prover);
            }
            made.add(prover.prove(a));
          }
        }
        boolean agrees = c.agrees() && made.stream().allMatch(AccountProof::holds);
        passed += agrees ? 1 : 0;
        print(suite, c, made, agrees);
      }
    } finally {
      provers.values().forEach(AccountProver::close);
    }
    if (json) {
      JsonObject summary = new JsonObject();
      summary.addProperty("suite", suite.name());
      summary.addProperty("passed", passed);
      summary.addProperty("total", cases.size());
      summary.addProperty("proofs", chosen.cardinality());
      print(summary);
    } else {
      out.println("passed " + passed + " of " + cases.size());
      out.flush();
    }
    return passed == cases.size();
  }

  /**
   * Which accounts to prove, by index: evenly spread over those that meet some thresholds and not
   * others, and if these are too few, over the others too.
   */
  static BitSet sample(List<Account> accounts, int size) {
    if (size >= accounts.size()) {
      BitSet all = new BitSet();
      all.set(0, accounts.size());
      return all;
    }
    List<Integer> bounded = new ArrayList<>();
    List<Integer> unbounded = new ArrayList<>();
    for (int i = 0; i < accounts.size(); i++) {
      (size > 0 && Thresholds.isBounded(accounts.get(i)) ? bounded : unbounded).add(i);
    }
    BitSet chosen = new BitSet();
    spread(bounded, Math.min(size, bounded.size()), chosen);
    spread(unbounded, size - chosen.cardinality(), chosen);
    return chosen;
  }

  private static void spread(List<Integer> from, int size, BitSet chosen) {
    for (int i = 0; i < size; i++) {
      chosen.set(from.get((int) ((long) i * from.size() / size)));
    }
  }

  private static void requireDistinct(List<SuiteCase> cases) throws InvalidFormatException {
    if (cases.isEmpty()) {
      throw new InvalidFormatException("there is no case to run");
    }
    Set<String> ids = new HashSet<>();
    for (SuiteCase c : cases) {
      if (!ids.add(c.id())) {
        throw new InvalidFormatException("case '" + Json.printable(c.id()) + "' occurs twice");
      }
    }
  }

  private void print(Suite suite, SuiteCase c, List<AccountProof> proofs, boolean agrees) {
    if (json) {
      print(toJson(suite, c, proofs, agrees));
      return;
    }
    out.println(Json.printable(c.id()) + (agrees ? "" : "  FAILED"));
    if (!c.failure().isEmpty()) {
      out.println("  " + c.failure());
    }
    for (Figure figure : c.figures()) {
      out.printf(
          "  %-28s computed %26s   published %26s   %s (%s)%s%n",
          figure.name(),
          plain(figure.computed()),
          plain(figure.expected()),
          figure.agrees() ? "agrees" : "DIFFERS",
          figure.tolerance(),
          figure.note().isEmpty() ? "" : "; " + figure.note());
    }
    for (AccountProof proof : proofs) {
      out.printf("  %-28s %s%n", "proof of " + proof.label(), describe(proof));
    }
    out.flush();
  }

  private static String describe(AccountProof proof) {
    Optional<Threshold> largest = proof.thresholds().largest();
    Optional<Threshold> above = proof.thresholds().above();
    String at =
        largest.isEmpty()
            ? "meets no threshold"
            : (proof.accepted() ? "accepted" : "REJECTED") + " at " + largest.get();
    String beyond =
        above.isEmpty()
            ? "meets every threshold"
            : (proof.impossible() ? "impossible" : "POSSIBLE") + " at " + above.get();
    return at + ", " + beyond;
  }

  private static JsonObject toJson(
      Suite suite, SuiteCase c, List<AccountProof> proofs, boolean agrees) {
    JsonObject object = new JsonObject();
    object.addProperty("suite", suite.name());
    object.addProperty("case", c.id());
    object.addProperty("passed", agrees);
    if (!c.failure().isEmpty()) {
      object.addProperty("reason", c.failure());
    }
    JsonArray figures = new JsonArray();
    for (Figure figure : c.figures()) {
      JsonObject row = new JsonObject();
      row.addProperty("name", figure.name());
      row.addProperty("computed", plain(figure.computed()));
      row.addProperty("published", plain(figure.expected()));
      row.addProperty("tolerance", figure.tolerance().toString());
      row.addProperty("agrees", figure.agrees());
      if (!figure.note().isEmpty()) {
        row.addProperty("note", figure.note());
      }
      figures.add(row);
    }
    object.add("figures", figures);
    JsonArray rows = new JsonArray();
    for (AccountProof proof : proofs) {
      JsonObject row = new JsonObject();
      row.addProperty("account", proof.label());
      proof
          .thresholds()
          .largest()
          .ifPresent(
              threshold -> {
                row.addProperty("largestThreshold", threshold.toString());
                row.addProperty("accepted", proof.accepted());
              });
      proof
          .thresholds()
          .above()
          .ifPresent(
              threshold -> {
                row.addProperty("nextThreshold", threshold.toString());
                row.addProperty("impossible", proof.impossible());
              });
      row.addProperty("holds", proof.holds());
      rows.add(row);
    }
    object.add("proofs", rows);
    return object;
  }

  private void print(JsonObject object) {
    Gson gson = new GsonBuilder().disableHtmlEscaping().create();
    out.println(gson.toJson(object));
    out.flush();
  }

  /** An exact decimal without an exponent and without trailing zeros. */
  private static String plain(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    return stripped.signum() == 0 ? "0" : stripped.toPlainString();
  }
}
