package io.plimsoll.circuits;

import io.plimsoll.verifier.InvalidFormatException;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * What opens a commitment: holdings and blinding. {@link #toString} is redacted and {@link #close}
 * overwrites both. Not thread-safe while it is being closed.
 */
public final class Opening implements AutoCloseable {
  /** Length of a blinding in bytes. */
  public static final int BLINDING_BYTES = 32;

  // Order of BN254's groups.
  private static final BigInteger ORDER =
      new BigInteger(
          "21888242871839275222246405745257275088548364400416034343698204186575808495617");

  private final Holdings holdings;
  private final byte[] blinding;
  private boolean closed;

  private Opening(Holdings holdings, byte[] blinding) {
    this.holdings = holdings;
    this.blinding = blinding;
  }

  /**
   * Takes over the holdings, which are closed with this, and copies the blinding.
   *
   * @param blinding 32 bytes, big-endian, below the group order
   * @throws InvalidFormatException if the blinding is anything else
   */
  public static Opening of(Holdings holdings, byte[] blinding) throws InvalidFormatException {
    if (blinding.length != BLINDING_BYTES) {
      throw new InvalidFormatException(
          "blinding has " + blinding.length + " bytes, not " + BLINDING_BYTES);
    }
    if (new BigInteger(1, blinding).compareTo(ORDER) >= 0) {
      throw new InvalidFormatException("blinding is not below the group order");
    }
    return new Opening(holdings, blinding.clone());
  }

  /** The holdings; they belong to this and are closed with it. */
  public Holdings holdings() {
    requireOpen();
    return holdings;
  }

  /** The blinding: 32 bytes, big-endian. A fresh copy, the caller's to overwrite. */
  public byte[] blinding() {
    requireOpen();
    return blinding.clone();
  }

  /**
   * The opening of the sum of the two commitments: holdings added, blindings added modulo the group
   * order.
   *
   * @throws IllegalArgumentException if the models differ or there are more than J_max attesters
   */
  public Opening plus(Opening other) {
    requireOpen();
    other.requireOpen();
    byte[] sum =
        new BigInteger(1, blinding).add(new BigInteger(1, other.blinding)).mod(ORDER).toByteArray();
    byte[] padded = new byte[BLINDING_BYTES];
    System.arraycopy(sum, 0, padded, BLINDING_BYTES - sum.length, sum.length);
    Arrays.fill(sum, (byte) 0);
    return new Opening(holdings.plus(other.holdings), padded);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the opening was closed");
    }
  }

  /** Overwrites holdings and blinding; every later use is an {@link IllegalStateException}. */
  @Override
  public void close() {
    closed = true;
    Arrays.fill(blinding, (byte) 0);
    holdings.close();
  }

  @Override
  public String toString() {
    return "Opening (redacted)";
  }
}
