package io.plimsoll.verifier.bn254;

import java.util.function.BooleanSupplier;

/** Right in its trial, and failing after it. */
public final class FailingLoops implements MillerLoops {
  private final BooleanSupplier answer;
  private boolean failing;

  private FailingLoops(BooleanSupplier answer) {
    this.answer = answer;
  }

  /**
   * What uses such loops.
   *
   * @param answer all that they do after the trial
   */
  public static Accelerator accelerator(BooleanSupplier answer) {
    FailingLoops loops = new FailingLoops(answer);
    Accelerator accelerator = Accelerator.tried(null, loops, Long.MAX_VALUE, 0);
    loops.failing = true;
    return accelerator;
  }

  @Override
  public boolean multiply(long[] pairs, int count, long[] product, boolean[] outside) {
    return failing
        ? answer.getAsBoolean()
        : ScalarMillerLoops.INSTANCE.multiply(pairs, count, product, outside);
  }

  @Override
  public int minimum() {
    return 1;
  }
}
