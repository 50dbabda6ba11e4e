package io.plimsoll.verifier.bn254;

/**
 * Multiples of one point, for multiplying it often: one addition for every four bits of the scalar.
 * Immutable and thread-safe.
 */
public final class G1Table {
  private static final int WINDOW = 4;
  private static final int MULTIPLES = (1 << WINDOW) - 1;

  private final int bytes;

  /** Entry MULTIPLES*w + d - 1 is d * 16^w times the point. */
  private final G1[] entries;

  /**
   * A table.
   *
   * @param scalarBytes length of the scalars
   */
  public G1Table(G1 point, int scalarBytes) {
    this.bytes = scalarBytes;
    int windows = scalarBytes * Byte.SIZE / WINDOW;
    G1Sum[] sums = new G1Sum[windows * MULTIPLES];
    G1Sum base = new G1Sum();
    base.add(point);
    for (int w = 0; w < windows; w++) {
      for (int d = 0; d < MULTIPLES; d++) {
        G1Sum sum = new G1Sum();
        if (d > 0) {
          sum.add(sums[w * MULTIPLES + d - 1]);
        }
        sum.add(base);
        sums[w * MULTIPLES + d] = sum;
      }
      G1Sum next = new G1Sum();
      next.add(sums[w * MULTIPLES + MULTIPLES - 1]);
      next.add(base);
      base = next;
    }
    entries = G1Sum.toPoints(sums);
  }

  /**
   * Adds scalar * point to {@code sum}, for an unsigned big-endian scalar of the table's length.
   */
  public void addMultiple(G1Sum sum, byte[] scalar) {
    if (scalar.length != bytes) {
      throw new IllegalArgumentException("a scalar of " + scalar.length + " bytes, not " + bytes);
    }
    for (int i = 0; i < bytes; i++) {
      int b = scalar[bytes - 1 - i] & 0xff;
      addDigit(sum, 2 * i, b & MULTIPLES);
      addDigit(sum, 2 * i + 1, b >> WINDOW);
    }
  }

  /** Adds scalar * point to {@code sum}, for a scalar from 0 on that the table's length holds. */
  public void addMultiple(G1Sum sum, long scalar) {
    if (scalar < 0 || (bytes < Long.BYTES && scalar >>> (Byte.SIZE * bytes) != 0)) {
      throw new IllegalArgumentException("a scalar of " + scalar + " for " + bytes + " bytes");
    }
    int window = 0;
    for (long rest = scalar; rest != 0; rest >>>= WINDOW) {
      addDigit(sum, window++, (int) rest & MULTIPLES);
    }
  }

  private void addDigit(G1Sum sum, int window, int digit) {
    if (digit != 0) {
      sum.add(entries[window * MULTIPLES + digit - 1]);
    }
  }
}
