package io.plimsoll.prover;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.GnarkProver;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Purpose;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A planted proving key: every point is on its curve, and some are not where they belong. With such
 * a key, whether a proof comes out could depend on a bit of the holdings. So no proof leaves, and
 * the key is blocked.
 */
class MalformedProvingKeyTest {
  private static final int G1_BYTES = 64;
  private static final int G2_BYTES = 128;

  @TempDir private Path keys;
  @TempDir private Path planted;

  @Test
  void aMalformedPointOfTheProvingKeyLetsNoProofOutAndBlocksTheKey() throws Exception {
    TestMarket market = new TestMarket(keys);
    Path directory = plant(market.keyDirectory);
    Digest circuitId = Digest.fromHex(directory.getFileName().toString());
    assertNoProofLeaves(market, GnarkProver.open(directory, circuitId, DevelopmentKeys.ALLOWED));
    assertNoProofLeaves(
        market, StockGnarkProver.open(directory, circuitId, DevelopmentKeys.ALLOWED));
  }

  private static void assertNoProofLeaves(TestMarket market, SolvencyProver prover)
      throws Exception {
    try (ProverEngine engine = market.engine(prover).build()) {
      engine.loadRound(market.signedRound(1, 100));
      engine.loadAccount(market.account("alice", 1));
      ProofResult result =
          engine.prove(ProofRequest.of("alice", 1, TestMarket.AGREED, Purpose.MAINTENANCE));
      assertEquals(
          Refusal.KEY_BLOCKED, assertInstanceOf(ProofResult.Refused.class, result).refusal());
      assertTrue(engine.status().keyBlocked());
      assertEquals(0, engine.status().proofs());
    }
  }

  /** A copy of the keys in which the points K stand in the opposite order. */
  private Path plant(Path honest) throws Exception {
    Path copy = Files.createDirectory(planted.resolve(honest.getFileName().toString()));
    for (String file : new String[] {"model.bin", "circuit.r1cs", "verifying.key"}) {
      Files.copy(honest.resolve(file), copy.resolve(file));
    }
    byte[] key = Files.readAllBytes(honest.resolve("proving.key"));
    String honestDigest = sha256(key);
    // The last slices are the points K, and B in G2.
    int end = beginOfLast(key, key.length, G2_BYTES) - Long.BYTES;
    int begin = beginOfLast(key, end, G1_BYTES);
    byte[] points = Arrays.copyOfRange(key, begin, end);
    for (int i = 0; i < points.length; i += G1_BYTES) {
      System.arraycopy(points, i, key, end - i - G1_BYTES, G1_BYTES);
    }
    Files.write(copy.resolve("proving.key"), key);
    String manifest = Files.readString(honest.resolve("manifest.json"), UTF_8);
    assertTrue(manifest.contains(honestDigest));
    Files.writeString(
        copy.resolve("manifest.json"), manifest.replace(honestDigest, sha256(key)), UTF_8);
    return copy;
  }

  /** Where a slice begins that ends at {@code end} and follows its number of points. */
  private static int beginOfLast(byte[] key, int end, int pointBytes) {
    ByteBuffer bytes = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
    for (int points = 1; ; points++) {
      int begin = end - points * pointBytes;
      if (bytes.getLong(begin - Long.BYTES) == points) {
        return begin;
      }
    }
  }

  private static String sha256(byte[] data) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
  }
}
