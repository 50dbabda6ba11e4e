package io.plimsoll.benchmarks;

import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.StatementLayout;
import io.plimsoll.verifier.bn254.G1;
import io.plimsoll.verifier.bn254.InvalidPointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Verifying keys of a given size for sums alone: random points K, and no circuit behind them.
 * Proofs under such a key do not exist.
 */
final class SumCircuit {
  /** Coefficients take all of 64 bits. */
  private static final long WIDEST = Long.MAX_VALUE;

  private static final int OTHER_POINTS = 5;

  /** alpha, and beta, gamma, delta: what a key begins with. */
  private static final int HEAD_BYTES = 64 + 3 * 128;

  private SumCircuit() {}

  /**
   * Writes a key into a directory.
   *
   * @param directory made if it is not there
   * @param donor a circuit whose alpha, beta, gamma and delta to take
   */
  static Circuit prepare(Path directory, Circuit donor, int coefficients, int holdings)
      throws IOException, InvalidFormatException {
    Files.createDirectories(directory);
    Files.write(
        directory.resolve(Fixture.VERIFYING_KEY),
        file(donor.keyDirectory(), coefficients, holdings));
    return new Circuit(
        "",
        coefficients > 0
            ? String.format(Locale.ROOT, "%,d values", coefficients)
            : String.format(Locale.ROOT, "%,d holdings", holdings),
        Shape.parse("coefficients=" + coefficients + ",holdings=" + holdings),
        directory,
        0,
        0,
        coefficients,
        holdings,
        donor.gnarkVersion());
  }

  private static byte[] file(Path donor, int coefficients, int holdings)
      throws IOException, InvalidFormatException {
    StatementLayout layout =
        StatementLayout.of(
            1,
            filled(coefficients, -WIDEST),
            filled(coefficients, WIDEST),
            filled(holdings, -WIDEST),
            filled(holdings, WIDEST));
    byte[] donated = Files.readAllBytes(donor.resolve(Fixture.VERIFYING_KEY));
    int points = OTHER_POINTS + coefficients + holdings;
    ByteBuffer key = ByteBuffer.allocate(HEAD_BYTES + Integer.BYTES + 64 * points);
    key.put(donated, headOffset(donated), HEAD_BYTES).putInt(points);
    SplittableRandom random = new SplittableRandom(3);
    byte[] x = new byte[G1.COMPRESSED_BYTES];
    while (key.hasRemaining()) {
      random.nextBytes(x);
      x[0] = (byte) ((x[0] & 0x3f) | 0x80);
      try {
        key.put(G1.decodeCompressed(x, 0).encodeUncompressed());
      } catch (InvalidPointException e) {
        // No point has this x; every other one or so is like that.
      }
    }
    return new CanonicalWriter("plimsoll/verifying-key/v1")
        .text("development")
        .digest(Digest.ZERO)
        .digest(Digest.ZERO)
        .bytes(layout.toByteArray())
        .bytes(key.array())
        .toByteArray();
  }

  /** Where the sixth field begins. */
  private static int headOffset(byte[] file) {
    int offset = 0;
    for (int field = 0; field < 5; field++) {
      offset += Integer.BYTES + ByteBuffer.wrap(file).getInt(offset);
    }
    return offset + Integer.BYTES;
  }

  private static long[] filled(int length, long value) {
    long[] values = new long[length];
    Arrays.fill(values, value);
    return values;
  }
}
