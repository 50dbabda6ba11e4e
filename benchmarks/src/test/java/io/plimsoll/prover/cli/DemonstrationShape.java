package io.plimsoll.prover.cli;

/** Makes the demonstration's shape visible to tests of the benchmarks. */
public final class DemonstrationShape {
  /** {@code name=number,...} */
  public static final String SHAPE = Demonstration.SHAPE;

  private DemonstrationShape() {}
}
