package io.plimsoll.gate.rpc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.plimsoll.gate.Submission;
import io.plimsoll.gate.Unrecorded;
import io.plimsoll.verifier.RejectionReason;
import java.util.Map;
import java.util.function.Supplier;

/** What a gate counts. No meter names an account. Thread-safe. */
final class GateMetrics {
  private final MeterRegistry registry;

  GateMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder("plimsoll.gate." + name, value).description(description).register(registry);
  }

  /** What is answered without a record. */
  void unrecorded(Supplier<Map<Unrecorded, Long>> counts) {
    for (Unrecorded kind : Unrecorded.values()) {
      FunctionCounter.builder(
              "plimsoll.gate.unrecorded",
              // Held weakly, and the counts must not be.
              registry,
              unused -> counts.get().getOrDefault(kind, 0L))
          .description(
              "Answers without a record, because there was too much of what changes nothing")
          .tag("kind", kind.name())
          .register(registry);
    }
  }

  /** A proof was judged. */
  void judged(Submission submission) {
    count(
        "proofs",
        "Proofs by verdict",
        "verdict",
        submission.receipt().message().rejection().map(RejectionReason::name).orElse("ACCEPTED"));
  }

  /** Proofs were judged together. */
  void together(int proofs) {
    DistributionSummary.builder("plimsoll.gate.proofs.together")
        .description("Proofs that were judged together")
        .register(registry)
        .record(proofs);
  }

  /** A record of the journal, this gate's or another's. */
  void record(String kind) {
    count("decisions", "Records of the journal since this server began, by kind", "kind", kind);
  }

  /** A caller was told that it may not. */
  void denied() {
    Counter.builder("plimsoll.gate.denied")
        .description("Calls by parties that may not make them")
        .register(registry)
        .increment();
  }

  private void count(String name, String description, String tag, String value) {
    Counter.builder("plimsoll.gate." + name)
        .description(description)
        .tag(tag, value)
        .register(registry)
        .increment();
  }
}
