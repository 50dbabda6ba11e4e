package io.plimsoll.benchmarks;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What is measured: a benchmark method, and the other one that it is compared with. */
enum Workload {
  PROVE_STOCK("prove-stock", ProveBenchmark.class, "stock", false, null),
  PROVE("prove", ProveBenchmark.class, "tuned", false, PROVE_STOCK),
  PROVE_NEW_ROUND("prove-new-round", ProveBenchmark.class, "newRound", false, PROVE_STOCK),
  PROVE_NEW_ACCOUNT("prove-new-account", ProveBenchmark.class, "newAccount", false, PROVE_STOCK),
  PROVE_HASHED("prove-hashed", ProveBenchmark.class, "hashed", false, PROVE_STOCK),
  VERIFY_GNARK("verify-gnark", VerifyBenchmark.class, "gnark", false, null),
  VERIFY("verify", VerifyBenchmark.class, "warm", false, VERIFY_GNARK),
  VERIFY_COLD("verify-cold", VerifyBenchmark.class, "cold", true, VERIFY_GNARK),
  PREPARE_ROUND_GNARK("prepare-round-gnark", RoundBenchmark.class, "gnark", false, null),
  PREPARE_ROUND("prepare-round", RoundBenchmark.class, "prepare", false, PREPARE_ROUND_GNARK),
  COMMIT_GNARK("commit-gnark", CommitBenchmark.class, "gnark", false, null),
  COMMIT("commit", CommitBenchmark.class, "commit", false, COMMIT_GNARK),
  ATTEST("attest", CommitBenchmark.class, "attest", false, null);

  static final List<Workload> PROVE_ALL =
      List.of(PROVE, PROVE_NEW_ROUND, PROVE_NEW_ACCOUNT, PROVE_STOCK, PROVE_HASHED);
  static final List<Workload> VERIFY_ALL = List.of(VERIFY, VERIFY_GNARK, VERIFY_COLD);
  static final List<Workload> ROUND_ALL = List.of(PREPARE_ROUND, PREPARE_ROUND_GNARK);
  static final List<Workload> COMMIT_ALL = List.of(COMMIT, COMMIT_GNARK, ATTEST);

  private final String rowName;
  private final Class<?> benchmark;
  private final String method;
  private final boolean cold;
  private final Workload baseline;

  Workload(String rowName, Class<?> benchmark, String method, boolean cold, Workload baseline) {
    this.rowName = rowName;
    this.benchmark = benchmark;
    this.method = method;
    this.cold = cold;
    this.baseline = baseline;
  }

  /** The row's name in the output. */
  String rowName() {
    return rowName;
  }

  /** A regular expression that JMH finds exactly this method with. */
  String include() {
    return "^" + Pattern.quote(benchmark.getName() + "." + method) + "$";
  }

  /** Whether it is called once in each fresh JVM, without warm-up. */
  boolean isCold() {
    return cold;
  }

  /** What its times are divided by. */
  Optional<Workload> baseline() {
    return Optional.ofNullable(baseline);
  }
}
