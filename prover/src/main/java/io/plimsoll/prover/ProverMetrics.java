package io.plimsoll.prover;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * What a prover counts. No meter names an account, and none tells insolvency from a refusal: both
 * are {@code none}. Thread-safe.
 */
final class ProverMetrics {
  private final MeterRegistry registry;
  private final Timer proving;
  private final Timer latency;
  private final DistributionSummary batch;

  ProverMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.proving =
        Timer.builder("plimsoll.prover.proving")
            .description("From the start of work to the verified proof, without queueing")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofMillis(1))
            .maximumExpectedValue(Duration.ofSeconds(10))
            .register(registry);
    this.latency =
        Timer.builder("plimsoll.prover.latency")
            .description("From the request, or the round's admission, until the proof leaves")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofMillis(1))
            .maximumExpectedValue(Duration.ofSeconds(60))
            .register(registry);
    this.batch =
        DistributionSummary.builder("plimsoll.prover.batch")
            .description("Proofs made at a time; 1 has all processors")
            .register(registry);
  }

  void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder("plimsoll.prover." + name, value).description(description).register(registry);
  }

  void left(Duration provingTime, Duration sinceRequest) {
    count("proofs", "Requests by outcome; none: not solvent or refused", "outcome", "proved");
    proving.record(provingTime);
    latency.record(sinceRequest);
  }

  void none() {
    count("proofs", "Requests by outcome; none: not solvent or refused", "outcome", "none");
  }

  void cancelled() {
    count("proofs", "Requests by outcome; none: not solvent or refused", "outcome", "cancelled");
  }

  void fault() {
    count("proofs", "Requests by outcome; none: not solvent or refused", "outcome", "fault");
  }

  void dropped(boolean running) {
    count(
        "dropped", "Requests dropped for a newer round", "state", running ? "running" : "waiting");
  }

  void batch(int size) {
    batch.record(size);
  }

  void round(boolean admitted) {
    count("rounds", "Rounds that came", "outcome", admitted ? "admitted" : "refused");
  }

  void submission(Submission submission) {
    count(
        "submissions",
        "Proofs sent to the venue",
        "outcome",
        submission.name().toLowerCase(Locale.ROOT));
  }

  /** What became of a proof at the venue. */
  enum Submission {
    ACCEPTED,
    REJECTED,
    BAD_RECEIPT,
    UNAVAILABLE,
    SUPERSEDED
  }

  private void count(String name, String description, String tag, String value) {
    Counter.builder("plimsoll.prover." + name)
        .description(description)
        .tag(tag, value)
        .register(registry)
        .increment();
  }
}
