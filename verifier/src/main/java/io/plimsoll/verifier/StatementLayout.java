package io.plimsoll.verifier;

import java.util.Arrays;

/**
 * What a verifier has to know of a margin model: how many coefficients a round has, how many
 * holdings an account has, the interval of each, and how many attestations one statement may add
 * up. Its bytes are the "layout" of {@code docs/formats.md} and have one form only. Immutable and
 * thread-safe.
 */
public final class StatementLayout {
  /** Most coefficients of a round. */
  public static final int MAX_COEFFICIENTS = 1 << 20;

  /** Most holdings of an account. */
  public static final int MAX_HOLDINGS = 1 << 16;

  /** Most attestations that one statement may add up. */
  public static final int MAX_ATTESTERS = 64;

  private static final String TAG = "plimsoll/layout/v1";
  private static final String WHAT = "layout";

  private final int maxAttesters;
  private final Intervals coefficients;
  private final Intervals holdings;

  private StatementLayout(int maxAttesters, Intervals coefficients, Intervals holdings) {
    this.maxAttesters = maxAttesters;
    this.coefficients = coefficients;
    this.holdings = holdings;
  }

  /**
   * A layout from its intervals, both ends inclusive. The arrays are copied.
   *
   * @param maxAttesters J, 1 to {@value #MAX_ATTESTERS}
   * @param coefficientMin lowest value of each coefficient of a round
   * @param coefficientMax highest value of each coefficient of a round
   * @param holdingMin lowest value of each holding of one attester, at most 0
   * @param holdingMax highest value of each holding of one attester, at least 0
   * @throws InvalidFormatException if there are too many of anything, an interval is empty, a
   *     holding's interval does not contain 0, or J times one of its ends does not fit 64 bits
   * @throws IllegalArgumentException if a min and a max array differ in length
   */
  public static StatementLayout of(
      int maxAttesters,
      long[] coefficientMin,
      long[] coefficientMax,
      long[] holdingMin,
      long[] holdingMax)
      throws InvalidFormatException {
    checkMaxAttesters(maxAttesters);
    Intervals coefficients =
        Intervals.of("coefficient", MAX_COEFFICIENTS, coefficientMin, coefficientMax);
    Intervals holdings = Intervals.of("holding", MAX_HOLDINGS, holdingMin, holdingMax);
    holdings.requireSums(maxAttesters);
    return new StatementLayout(maxAttesters, coefficients, holdings);
  }

  /**
   * Reads the canonical bytes.
   *
   * @throws InvalidFormatException if they are anything but what {@link #toByteArray} writes
   */
  public static StatementLayout read(byte[] bytes) throws InvalidFormatException {
    CanonicalReader in = new CanonicalReader(WHAT, bytes, TAG);
    int maxAttesters = in.u32("J_max", MAX_ATTESTERS);
    checkMaxAttesters(maxAttesters);
    Intervals coefficients = Intervals.read(in, "coefficient", MAX_COEFFICIENTS);
    Intervals holdings = Intervals.read(in, "holding", MAX_HOLDINGS);
    in.end();
    holdings.requireSums(maxAttesters);
    return new StatementLayout(maxAttesters, coefficients, holdings);
  }

  /** The canonical bytes. */
  public byte[] toByteArray() {
    CanonicalWriter out = new CanonicalWriter(TAG).u32(maxAttesters);
    coefficients.write(out);
    holdings.write(out);
    return out.toByteArray();
  }

  /** SHA-256 of the canonical bytes. */
  public Digest digest() {
    return Digest.of(toByteArray());
  }

  /** How many coefficients a round has. */
  public int coefficientCount() {
    return coefficients.count();
  }

  /** How many holdings an account has. */
  public int holdingCount() {
    return holdings.count();
  }

  /** How many attestations one statement may add up: 1 to {@value #MAX_ATTESTERS}. */
  public int maxAttesters() {
    return maxAttesters;
  }

  /** Lowest value of coefficient {@code index}, inclusive. */
  public long coefficientMin(int index) {
    return coefficients.min(index);
  }

  /** Highest value of coefficient {@code index}, inclusive. */
  public long coefficientMax(int index) {
    return coefficients.max(index);
  }

  /** Lowest value of holding {@code index} of one attester, inclusive. */
  public long holdingMin(int index) {
    return holdings.min(index);
  }

  /** Highest value of holding {@code index} of one attester, inclusive. */
  public long holdingMax(int index) {
    return holdings.max(index);
  }

  /**
   * Checks the coefficients of a round.
   *
   * @throws InvalidFormatException if their number is wrong or one is outside its interval; it
   *     names the index, the value and the interval
   */
  public void requireCoefficients(long[] values) throws InvalidFormatException {
    coefficients.require(values);
  }

  /**
   * Checks the holdings of one attester.
   *
   * @throws InvalidFormatException if their number is wrong or one is outside its interval; it
   *     names the index, the value and the interval, and no other holding
   */
  public void requireHoldings(long[] values) throws InvalidFormatException {
    holdings.require(values);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StatementLayout layout
        && maxAttesters == layout.maxAttesters
        && coefficients.equals(layout.coefficients)
        && holdings.equals(layout.holdings);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * maxAttesters + coefficients.hashCode()) + holdings.hashCode();
  }

  @Override
  public String toString() {
    return "StatementLayout[coefficients="
        + coefficientCount()
        + ", holdings="
        + holdingCount()
        + ", maxAttesters="
        + maxAttesters
        + "]";
  }

  private static void checkMaxAttesters(int maxAttesters) throws InvalidFormatException {
    if (maxAttesters < 1 || maxAttesters > MAX_ATTESTERS) {
      throw new InvalidFormatException(
          WHAT + ": J_max is " + maxAttesters + ", not 1 to " + MAX_ATTESTERS);
    }
  }

  /**
   * A list of intervals as maximal runs of equal ones. Kept as runs, so that a few bytes from
   * outside never become megabytes.
   */
  private static final class Intervals {
    private final String name;

    /** One past the last index of each run, ascending. */
    private final int[] ends;

    private final long[] mins;
    private final long[] maxs;

    private Intervals(String name, int[] ends, long[] mins, long[] maxs) {
      this.name = name;
      this.ends = ends;
      this.mins = mins;
      this.maxs = maxs;
    }

    static Intervals of(String name, int limit, long[] min, long[] max)
        throws InvalidFormatException {
      if (min.length != max.length) {
        throw new IllegalArgumentException(
            name + ": " + min.length + " lower and " + max.length + " upper ends");
      }
      if (min.length > limit) {
        throw new InvalidFormatException(
            WHAT + ": " + min.length + " " + name + "s, more than " + limit);
      }
      int[] ends = new int[min.length];
      long[] mins = new long[min.length];
      long[] maxs = new long[min.length];
      int runs = 0;
      for (int i = 0; i < min.length; i++) {
        checkInterval(name, i, min[i], max[i]);
        if (runs == 0 || mins[runs - 1] != min[i] || maxs[runs - 1] != max[i]) {
          mins[runs] = min[i];
          maxs[runs] = max[i];
          runs++;
        }
        ends[runs - 1] = i + 1;
      }
      return new Intervals(
          name, Arrays.copyOf(ends, runs), Arrays.copyOf(mins, runs), Arrays.copyOf(maxs, runs));
    }

    static Intervals read(CanonicalReader in, String name, int limit)
        throws InvalidFormatException {
      int declared = in.u32(name + " runs", limit);
      int[] ends = new int[0];
      long[] mins = new long[0];
      long[] maxs = new long[0];
      int end = 0;
      for (int run = 0; run < declared; run++) {
        // Grown as runs really arrive: the declared number alone allocates nothing.
        if (run == ends.length) {
          int capacity = Math.min(declared, Math.max(16, 2 * run));
          ends = Arrays.copyOf(ends, capacity);
          mins = Arrays.copyOf(mins, capacity);
          maxs = Arrays.copyOf(maxs, capacity);
        }
        String field = name + " run " + run;
        int count = in.u32(field + " count", limit);
        if (count == 0 || count > limit - end) {
          throw new InvalidFormatException(
              WHAT + ": " + field + " count is " + count + ", not 1 to " + (limit - end));
        }
        long min = in.i64(field + " min");
        long max = in.i64(field + " max");
        checkInterval(name, end, min, max);
        if (run > 0 && mins[run - 1] == min && maxs[run - 1] == max) {
          throw new InvalidFormatException(
              WHAT + ": " + field + " has the interval of the run before it");
        }
        end += count;
        ends[run] = end;
        mins[run] = min;
        maxs[run] = max;
      }
      return new Intervals(
          name,
          Arrays.copyOf(ends, declared),
          Arrays.copyOf(mins, declared),
          Arrays.copyOf(maxs, declared));
    }

    private static void checkInterval(String name, int index, long min, long max)
        throws InvalidFormatException {
      if (min > max) {
        throw new InvalidFormatException(
            WHAT + ": " + name + " " + index + " has the empty interval " + min + " to " + max);
      }
    }

    /** Holdings only: 0 is inside, and a sum over all attesters fits 64 bits. */
    void requireSums(int maxAttesters) throws InvalidFormatException {
      for (int run = 0; run < ends.length; run++) {
        int index = run == 0 ? 0 : ends[run - 1];
        if (mins[run] > 0 || maxs[run] < 0) {
          throw new InvalidFormatException(
              WHAT
                  + ": "
                  + name
                  + " "
                  + index
                  + " has the interval "
                  + mins[run]
                  + " to "
                  + maxs[run]
                  + ", without 0");
        }
        if (mins[run] < Long.MIN_VALUE / maxAttesters
            || maxs[run] > Long.MAX_VALUE / maxAttesters) {
          throw new InvalidFormatException(
              WHAT
                  + ": "
                  + name
                  + " "
                  + index
                  + " has the interval "
                  + mins[run]
                  + " to "
                  + maxs[run]
                  + ", which "
                  + maxAttesters
                  + " attesters add up to more than 64 bits");
        }
      }
    }

    void write(CanonicalWriter out) {
      out.u32(ends.length);
      int start = 0;
      for (int run = 0; run < ends.length; run++) {
        out.u32(ends[run] - start).i64(mins[run]).i64(maxs[run]);
        start = ends[run];
      }
    }

    void require(long[] values) throws InvalidFormatException {
      if (values.length != count()) {
        throw new InvalidFormatException(values.length + " " + name + "s, not " + count());
      }
      int i = 0;
      for (int run = 0; run < ends.length; run++) {
        for (; i < ends[run]; i++) {
          if (values[i] < mins[run] || values[i] > maxs[run]) {
            throw new InvalidFormatException(
                name + " " + i + " is " + values[i] + ", not " + mins[run] + " to " + maxs[run]);
          }
        }
      }
    }

    int count() {
      return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    long min(int index) {
      return mins[runOf(index)];
    }

    long max(int index) {
      return maxs[runOf(index)];
    }

    private int runOf(int index) {
      if (index < 0 || index >= count()) {
        throw new IndexOutOfBoundsException(name + " " + index + " of " + count());
      }
      int found = Arrays.binarySearch(ends, index + 1);
      return found >= 0 ? found : -found - 1;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Intervals intervals
          && Arrays.equals(ends, intervals.ends)
          && Arrays.equals(mins, intervals.mins)
          && Arrays.equals(maxs, intervals.maxs);
    }

    @Override
    public int hashCode() {
      return 31 * (31 * Arrays.hashCode(ends) + Arrays.hashCode(mins)) + Arrays.hashCode(maxs);
    }
  }
}
