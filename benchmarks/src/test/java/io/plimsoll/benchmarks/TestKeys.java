package io.plimsoll.benchmarks;

import io.plimsoll.circuits.Shape;
import io.plimsoll.nativeprover.KeyCache;
import java.nio.file.Path;

/** A shape so small that its keys are made and used in a moment. */
final class TestKeys {
  static final String SHAPE = "instruments=3,scenarios=2,collaterals=2,tiers=2";

  private TestKeys() {}

  static Circuit circuit(Path keys) throws Exception {
    return Circuit.prepare(
        Circuit.PORTFOLIO, Shape.parse(SHAPE), KeyCache.at(keys), (label, stage) -> {});
  }
}
