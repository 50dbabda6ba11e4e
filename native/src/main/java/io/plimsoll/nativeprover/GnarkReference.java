package io.plimsoll.nativeprover;

import static java.util.Objects.requireNonNull;

import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * gnark doing what the Java verifier does, on one thread: the baseline of its benchmarks and an
 * independent implementation to compare it with. Venues use {@link
 * io.plimsoll.verifier.SolvencyVerifier}. Thread-safe.
 */
public final class GnarkReference implements AutoCloseable {
  /** How the product of pairings is computed. */
  public enum Method {
    /** gnark's Verify given the sum of the public inputs: a Miller loop of three pairs. */
    AGGREGATED(0),
    /** The same with the lines of gamma and delta computed beforehand. */
    FIXED_LINES(1),
    /** gnark-crypto's check of four pairs, without anything computed beforehand. */
    FOUR_PAIRS(2);

    private final int code;

    Method(int code) {
      this.code = code;
    }
  }

  /**
   * What a proof is checked against.
   *
   * @param roundPoint K[0] and the multiples for the coefficients, compressed
   * @param commitments compressed points, one after the other
   * @param context 16 bytes
   * @param numerator 0 to 2^32 - 1
   * @param denominator 0 to 2^32 - 1
   */
  @SuppressWarnings("ArrayRecordComponent") // passed on as they are, never compared
  public record Statement(
      byte[] roundPoint, byte[] commitments, byte[] context, long numerator, long denominator) {}

  private final long handle;
  private final AtomicBoolean closed = new AtomicBoolean();

  private GnarkReference(long handle) {
    this.handle = handle;
  }

  /**
   * Reads a {@code verifying.key} file.
   *
   * @throws ProvingException of kind KEY_REJECTED
   */
  public static GnarkReference open(byte[] verifyingKeyFile) throws ProvingException {
    LongByReference handle = new LongByReference();
    NativeLibrary.check(
        (text, capacity) ->
            ReferenceLibrary.plimsoll_reference_open(
                verifyingKeyFile, verifyingKeyFile.length, handle, text, capacity));
    return new GnarkReference(handle.getValue());
  }

  /**
   * Whether a proof is valid for a statement.
   *
   * @throws ProvingException of kind INVALID_ARGUMENT if the statement's points are none
   */
  public boolean verify(Method method, Statement statement, byte[] proof) throws ProvingException {
    return verify(method, statement, proof, new long[1]);
  }

  /**
   * Checks a valid proof several times.
   *
   * @param calls 1 or more
   * @return how long each check took in Go, in nanoseconds
   * @throws IllegalArgumentException if the proof is not valid
   */
  public long[] timeVerify(Method method, Statement statement, byte[] proof, int calls)
      throws ProvingException {
    long[] nanos = new long[calls];
    if (!verify(method, statement, proof, nanos)) {
      throw new IllegalArgumentException("gnark does not accept the proof");
    }
    return nanos;
  }

  private boolean verify(Method method, Statement statement, byte[] proof, long[] nanos)
      throws ProvingException {
    requireNonNull(method, "method");
    IntByReference accepted = new IntByReference();
    NativeLibrary.check(
        (text, capacity) ->
            ReferenceLibrary.plimsoll_reference_verify(
                handle,
                method.code,
                statement.roundPoint(),
                statement.roundPoint().length,
                statement.commitments(),
                statement.commitments().length,
                statement.context(),
                statement.context().length,
                (int) statement.numerator(),
                (int) statement.denominator(),
                proof,
                proof.length,
                accepted,
                nanos,
                nanos.length,
                text,
                capacity));
    return accepted.getValue() == 1;
  }

  /**
   * Adds up scalars[i] * K[first + i], and blinding * the last point K unless the blinding is
   * empty.
   *
   * @param blinding 32 bytes, big-endian and below r, or empty
   * @return the sum as a compressed point
   * @throws ProvingException of kind INVALID_ARGUMENT if there are not as many points
   */
  public byte[] sum(int first, long[] scalars, byte[] blinding) throws ProvingException {
    byte[] point = new byte[NativeLibrary.POINT_BYTES];
    sum(first, scalars, blinding, point, new long[1]);
    return point;
  }

  /**
   * The same sum several times.
   *
   * @param calls 1 or more
   * @return how long the multi-scalar multiplication took each time, in nanoseconds
   */
  public long[] timeSum(int first, long[] scalars, byte[] blinding, int calls)
      throws ProvingException {
    long[] nanos = new long[calls];
    sum(first, scalars, blinding, new byte[NativeLibrary.POINT_BYTES], nanos);
    return nanos;
  }

  private void sum(int first, long[] scalars, byte[] blinding, byte[] point, long[] nanos)
      throws ProvingException {
    NativeLibrary.check(
        (text, capacity) ->
            ReferenceLibrary.plimsoll_reference_sum(
                handle,
                first,
                scalars,
                scalars.length,
                blinding,
                blinding.length,
                point,
                point.length,
                nanos,
                nanos.length,
                text,
                capacity));
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      byte[] text = new byte[1];
      ReferenceLibrary.plimsoll_reference_close(handle, text, text.length);
    }
  }
}
