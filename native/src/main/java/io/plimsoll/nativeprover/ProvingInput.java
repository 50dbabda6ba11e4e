package io.plimsoll.nativeprover;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;

/**
 * What one proof is about. It keeps copies; {@link #close} wipes the secret ones. The prover checks
 * lengths, bounds and intervals, so any arrays can be put in here.
 *
 * <p>Not thread-safe while it is being closed; immutable before.
 */
public final class ProvingInput implements AutoCloseable {
  final byte[] context;
  final long numerator;
  final long denominator;
  final long[] coefficients;
  final long[] holdings;
  final long[] choices;
  final byte[] blinding;
  private volatile boolean closed;

  private ProvingInput(Builder builder) {
    context = requireNonNull(builder.context, "context").clone();
    numerator = builder.numerator;
    denominator = builder.denominator;
    coefficients = requireNonNull(builder.coefficients, "coefficients").clone();
    holdings = requireNonNull(builder.holdings, "holdings").clone();
    choices = builder.choices.clone();
    blinding = requireNonNull(builder.blinding, "blinding").clone();
  }

  /** Starts with nothing set. */
  public static Builder builder() {
    return new Builder();
  }

  /** Wipes holdings, choices and blinding; the input cannot be proven any more. */
  @Override
  public void close() {
    closed = true;
    Arrays.fill(holdings, 0);
    Arrays.fill(choices, 0);
    Arrays.fill(blinding, (byte) 0);
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the proving input is closed");
    }
  }

  /** Names no value. */
  @Override
  public String toString() {
    return "ProvingInput[threshold=" + numerator + "/" + denominator + ", holdings=redacted]";
  }

  /** Collects the parts of an input. All but the threshold are copied by {@link #build}. */
  public static final class Builder {
    private byte[] context;
    private long numerator;
    private long denominator = 1;
    private long[] coefficients;
    private long[] holdings;
    private long[] choices = new long[0];
    private byte[] blinding;

    private Builder() {}

    /**
     * @param context first 16 bytes of the context digest
     */
    public Builder context(byte[] context) {
      this.context = context;
      return this;
    }

    /**
     * The threshold N/D.
     *
     * @param numerator 0 to 2^32 - 1
     * @param denominator 1 to 2^32 - 1
     */
    public Builder threshold(long numerator, long denominator) {
      this.numerator = numerator;
      this.denominator = denominator;
      return this;
    }

    /**
     * @param coefficients of the round, in the model's order and units, each within its interval
     */
    public Builder coefficients(long[] coefficients) {
      this.coefficients = coefficients;
      return this;
    }

    /**
     * @param holdings summed over the attesters, in the model's order and units
     */
    public Builder holdings(long[] holdings) {
      this.holdings = holdings;
      return this;
    }

    /**
     * @param choices of the owner, in the model's order and units, such as {@code
     *     MarginAssessment.choices()} of the same inputs and threshold; none unless set
     */
    public Builder choices(long[] choices) {
      this.choices = requireNonNull(choices, "choices");
      return this;
    }

    /**
     * @param blinding sum of the attesters' blindings modulo r, 32 bytes, big-endian
     */
    public Builder blinding(byte[] blinding) {
      this.blinding = blinding;
      return this;
    }

    /**
     * @throws NullPointerException if a part was not set
     */
    public ProvingInput build() {
      return new ProvingInput(this);
    }
  }
}
