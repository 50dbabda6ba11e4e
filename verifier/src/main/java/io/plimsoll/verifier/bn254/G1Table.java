package io.plimsoll.verifier.bn254;

/**
 * Multiples of one point, for multiplying it often: one addition for every window of the scalar's
 * bits. Immutable and thread-safe.
 */
public final class G1Table {
  private final int bytes;
  private final int window;
  private final int multiples;

  /** Entry multiples*w + d - 1 is d * 2^(window*w) times the point. */
  private final long[] entries;

  /**
   * A table.
   *
   * @param scalarBytes length of the scalars
   * @param window bits that one addition takes care of, 4 or 8: 2.4 kB or 41 kB for each byte
   */
  public G1Table(G1 point, int scalarBytes, int window) {
    if (window != 4 && window != 8) {
      throw new IllegalArgumentException("a window of " + window + " bits");
    }
    this.bytes = scalarBytes;
    this.window = window;
    multiples = (1 << window) - 1;
    int windows = scalarBytes * Byte.SIZE / window;
    G1Sum.Scratch scratch = new G1Sum.Scratch();
    G1Sum[] sums = new G1Sum[windows * multiples];
    G1Sum base = new G1Sum(scratch);
    base.add(point);
    for (int w = 0; w < windows; w++) {
      for (int d = 0; d < multiples; d++) {
        G1Sum sum = new G1Sum(scratch);
        if (d > 0) {
          sum.add(sums[w * multiples + d - 1]);
        }
        sum.add(base);
        sums[w * multiples + d] = sum;
      }
      G1Sum next = new G1Sum(scratch);
      next.add(sums[w * multiples + multiples - 1]);
      next.add(base);
      base = next;
    }
    G1[] points = G1Sum.toPoints(sums);
    entries = new long[points.length * AffineSums.POINT];
    for (int i = 0; i < points.length; i++) {
      AffineSums.write(points[i], entries, i);
    }
  }

  /**
   * Adds scalar * point to {@code sum}, for an unsigned big-endian scalar of the table's length.
   */
  public void addMultiple(G1Sum sum, byte[] scalar) {
    if (scalar.length != bytes) {
      throw new IllegalArgumentException("a scalar of " + scalar.length + " bytes, not " + bytes);
    }
    int w = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      for (int bit = 0; bit < Byte.SIZE; bit += window) {
        addDigit(sum, w++, (scalar[i] >> bit) & multiples);
      }
    }
  }

  /** Adds scalar * point to {@code sum}, for a scalar from 0 on that the table's length holds. */
  public void addMultiple(G1Sum sum, long scalar) {
    if (scalar < 0 || (bytes < Long.BYTES && scalar >>> (Byte.SIZE * bytes) != 0)) {
      throw new IllegalArgumentException("a scalar of " + scalar + " for " + bytes + " bytes");
    }
    int w = 0;
    for (long rest = scalar; rest != 0; rest >>>= window) {
      addDigit(sum, w++, (int) rest & multiples);
    }
  }

  private void addDigit(G1Sum sum, int w, int digit) {
    if (digit != 0) {
      sum.add(entries, w * multiples + digit - 1);
    }
  }
}
