package io.plimsoll.benchmarks;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What is measured, how, and what it is compared with. */
enum Workload {
  PROVE_STOCK("prove-stock", jmh(ProveBenchmark.class, "stock"), null),
  PROVE("prove", jmh(ProveBenchmark.class, "tuned"), PROVE_STOCK),
  PROVE_NEW_ROUND("prove-new-round", jmh(ProveBenchmark.class, "newRound"), PROVE_STOCK),
  PROVE_NEW_ACCOUNT("prove-new-account", jmh(ProveBenchmark.class, "newAccount"), PROVE_STOCK),
  PROVE_MANY(
      "prove-many",
      new Way.Jmh(include(ProveBenchmark.class, "many"), false, false, ProveBenchmark.ACCOUNTS),
      PROVE_STOCK),
  PROVE_LOAD("prove-load", new Way.ColdStart(ColdStart.Figure.LOAD), null),
  PROVE_FIRST("prove-first", new Way.ColdStart(ColdStart.Figure.FIRST_PROOF), null),
  PROVE_HASHED("prove-hashed", jmh(ProveBenchmark.class, "hashed"), PROVE_STOCK),
  PROVE_TO_HASHED("prove-to-hashed", new Way.SameAs(PROVE), PROVE_HASHED),
  VERIFY_GNARK("verify-gnark", gnark(GnarkTimer.VERIFY), null),
  VERIFY_GNARK_FIXED("verify-gnark-fixed", gnark(GnarkTimer.VERIFY_FIXED_LINES), VERIFY_GNARK),
  VERIFY_GNARK_JNA("verify-gnark-jna", jmh(VerifyBenchmark.class, "fourPairs"), VERIFY_GNARK),
  VERIFY_GNARK_FULL("verify-gnark-full", jmh(VerifyBenchmark.class, "gnark"), VERIFY_GNARK),
  VERIFY("verify", jmh(VerifyBenchmark.class, "warm"), VERIFY_GNARK),
  VERIFY_TO_JNA("verify-to-jna", jmh(VerifyBenchmark.class, "warm"), VERIFY_GNARK_JNA),
  VERIFY_BATCH("verify-batch-64", each(BatchBenchmark.class, "oneThread"), VERIFY_GNARK),
  VERIFY_BATCH_CORES("verify-batch-64-cores", each(BatchBenchmark.class, "allCores"), VERIFY_GNARK),
  VERIFY_VECTOR("verify-vector", jmh(VectorBenchmark.class, "one"), VERIFY_GNARK),
  VERIFY_BATCH_VECTOR(
      "verify-batch-64-vector",
      new Way.Jmh(include(VectorBenchmark.class, "batch"), false, false, VectorBenchmark.BATCH),
      VERIFY_GNARK),
  VERIFY_COLD("verify-cold", cold(VerifyBenchmark.class, "cold"), VERIFY_GNARK),
  VERIFY_ALLOCATION("verify-allocation", allocation(VerifyBenchmark.class, "check"), null),
  VERIFIER_JAR("verifier-jar", new Way.Size(), null),
  PREPARE_ROUND_GNARK("prepare-round-gnark", jmh(RoundBenchmark.class, "gnark"), null),
  PREPARE_ROUND("prepare-round", jmh(RoundBenchmark.class, "prepare"), PREPARE_ROUND_GNARK),
  SUM_ROUND_GNARK("sum-round-gnark", gnark(GnarkTimer.PREPARE), null),
  SUM_ROUND("sum-round", jmh(SumBenchmark.class, "prepare"), SUM_ROUND_GNARK),
  SUM_ROUND_FIRST("sum-round-first", jmh(FirstSumBenchmark.class, "first"), SUM_ROUND_GNARK),
  SUM_ROUND_FIRST_TWO(
      "sum-round-first-two", jmh(FirstSumBenchmark.class, "firstTwo"), SUM_ROUND_GNARK),
  SUM_COMMIT_GNARK("sum-commit-gnark", gnark(GnarkTimer.COMMIT), null),
  SUM_COMMIT("sum-commit", jmh(SumBenchmark.class, "commit"), SUM_COMMIT_GNARK),
  COMMIT_GNARK("commit-gnark", jmh(CommitBenchmark.class, "gnark"), null),
  COMMIT("commit", jmh(CommitBenchmark.class, "commit"), COMMIT_GNARK),
  ATTEST("attest", jmh(CommitBenchmark.class, "attest"), null);

  static final List<Workload> PROVE_WARM = List.of(PROVE, PROVE_STOCK);
  static final List<Workload> PROVE_UNHASHED =
      List.of(
          PROVE,
          PROVE_NEW_ROUND,
          PROVE_NEW_ACCOUNT,
          PROVE_MANY,
          PROVE_LOAD,
          PROVE_FIRST,
          PROVE_STOCK);
  static final List<Workload> PROVE_ALL =
      Stream.concat(PROVE_UNHASHED.stream(), Stream.of(PROVE_HASHED, PROVE_TO_HASHED)).toList();
  static final List<Workload> VERIFY_ALL =
      List.of(
          VERIFY,
          VERIFY_TO_JNA,
          VERIFY_BATCH,
          VERIFY_BATCH_CORES,
          VERIFY_GNARK,
          VERIFY_GNARK_FIXED,
          VERIFY_GNARK_JNA,
          VERIFY_GNARK_FULL,
          VERIFY_COLD,
          VERIFY_ALLOCATION,
          VERIFIER_JAR);

  /** What only a JVM with the optional module of vectors can do. */
  static final List<Workload> VECTOR_ALL = List.of(VERIFY_VECTOR, VERIFY_BATCH_VECTOR);

  static final List<Workload> ROUND_ALL = List.of(PREPARE_ROUND, PREPARE_ROUND_GNARK);
  static final List<Workload> SUM_ROUND_ALL =
      List.of(SUM_ROUND, SUM_ROUND_FIRST, SUM_ROUND_FIRST_TWO, SUM_ROUND_GNARK);
  static final List<Workload> SUM_COMMIT_ALL = List.of(SUM_COMMIT, SUM_COMMIT_GNARK);
  static final List<Workload> COMMIT_ALL = List.of(COMMIT, COMMIT_GNARK, ATTEST);

  /** How something is measured. */
  sealed interface Way {
    /**
     * By JMH, in JVMs of its own.
     *
     * @param include a regular expression that finds exactly one method
     * @param cold whether it is called once in each fresh JVM, without warm-up
     * @param allocation whether the bytes that a call allocates are wanted, not its time
     * @param operations how many of the things that the row is about one call does
     */
    record Jmh(String include, boolean cold, boolean allocation, int operations) implements Way {}

    /** By a process that opens the prover and makes one proof, again and again. */
    record ColdStart(io.plimsoll.benchmarks.ColdStart.Figure figure) implements Way {}

    /** The calls of another workload, beside another baseline. */
    record SameAs(Workload other) implements Way {}

    /** By Go's own clock. */
    record Gnark(GnarkTimer timer) implements Way {}

    /** The size of the verifier's jar. */
    record Size() implements Way {}
  }

  private final String rowName;

  @SuppressWarnings("ImmutableEnumChecker") // records of immutable parts
  private final Way way;

  private final Workload baseline;

  Workload(String rowName, Way way, Workload baseline) {
    this.rowName = rowName;
    this.way = way;
    this.baseline = baseline;
  }

  private static Way jmh(Class<?> benchmark, String method) {
    return new Way.Jmh(include(benchmark, method), false, false, 1);
  }

  private static Way cold(Class<?> benchmark, String method) {
    return new Way.Jmh(include(benchmark, method), true, false, 1);
  }

  private static Way allocation(Class<?> benchmark, String method) {
    return new Way.Jmh(include(benchmark, method), false, true, 1);
  }

  private static Way each(Class<?> benchmark, String method) {
    return new Way.Jmh(include(benchmark, method), false, false, BatchBenchmark.PROOFS);
  }

  private static Way gnark(GnarkTimer timer) {
    return new Way.Gnark(timer);
  }

  private static String include(Class<?> benchmark, String method) {
    return "^" + Pattern.quote(benchmark.getName() + "." + method) + "$";
  }

  /** The row's name in the output. */
  String rowName() {
    return rowName;
  }

  /** How it is measured. */
  Way way() {
    return way;
  }

  /** Whether the figures are bytes. Otherwise they are microseconds. */
  boolean isBytes() {
    return way instanceof Way.Size || (way instanceof Way.Jmh jmh && jmh.allocation());
  }

  /** What its times are divided by. */
  Optional<Workload> baseline() {
    return Optional.ofNullable(baseline);
  }
}
