package io.plimsoll.verifier;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Coverage-guided fuzzing of everything that takes bytes from outside. An ordinary test run tries
 * the seeds alone; {@code docs/fuzzing.md} has the command for a real run, one target at a time.
 */
class JazzerFuzzTest {
  /** Making them takes signatures. */
  private static final List<FuzzTargets.Entry> ENTRIES = List.copyOf(FuzzTargets.all().values());

  private static Stream<byte[]> seed(String target) {
    return Stream.of(FuzzTargets.all().get(target).seed());
  }

  /** The seeds of all targets, each after its target's number. */
  static Stream<byte[]> allSeeds() {
    return IntStream.range(0, ENTRIES.size())
        .mapToObj(
            i -> {
              byte[] seed = ENTRIES.get(i).seed();
              byte[] in = new byte[1 + seed.length];
              in[0] = (byte) i;
              System.arraycopy(seed, 0, in, 1, seed.length);
              return in;
            });
  }

  /** All targets in one, by the first byte: what every build runs for some seconds. */
  @MethodSource("allSeeds")
  @FuzzTest(maxDuration = "10s")
  void anything(byte[] in) {
    if (in.length > 0) {
      run(
          ENTRIES.get((in[0] & 0xff) % ENTRIES.size()).target(),
          Arrays.copyOfRange(in, 1, in.length));
    }
  }

  static Stream<byte[]> proofSeeds() {
    return seed("proof");
  }

  @MethodSource("proofSeeds")
  @FuzzTest
  void proof(byte[] in) {
    run(FuzzTargets::proof, in);
  }

  static Stream<byte[]> verifyingKeySeeds() {
    return seed("verifyingKey");
  }

  @MethodSource("verifyingKeySeeds")
  @FuzzTest
  void verifyingKey(byte[] in) {
    run(FuzzTargets::verifyingKey, in);
  }

  static Stream<byte[]> ceremonySeeds() {
    return seed("ceremony");
  }

  @MethodSource("ceremonySeeds")
  @FuzzTest
  void ceremony(byte[] in) {
    run(FuzzTargets::ceremony, in);
  }

  static Stream<byte[]> layoutSeeds() {
    return seed("layout");
  }

  @MethodSource("layoutSeeds")
  @FuzzTest
  void layout(byte[] in) {
    run(FuzzTargets::layout, in);
  }

  static Stream<byte[]> roundSeeds() {
    return seed("round");
  }

  @MethodSource("roundSeeds")
  @FuzzTest
  void round(byte[] in) {
    run(FuzzTargets::round, in);
  }

  static Stream<byte[]> attestationSeeds() {
    return seed("attestation");
  }

  @MethodSource("attestationSeeds")
  @FuzzTest
  void attestation(byte[] in) {
    run(FuzzTargets::attestation, in);
  }

  static Stream<byte[]> scopeProofSeeds() {
    return seed("scopeProof");
  }

  @MethodSource("scopeProofSeeds")
  @FuzzTest
  void scopeProof(byte[] in) {
    run(FuzzTargets::scopeProof, in);
  }

  static Stream<byte[]> commitmentSeeds() {
    return seed("commitment");
  }

  @MethodSource("commitmentSeeds")
  @FuzzTest
  void commitment(byte[] in) {
    run(FuzzTargets::commitment, in);
  }

  static Stream<byte[]> signatureSeeds() {
    return seed("signature");
  }

  @MethodSource("signatureSeeds")
  @FuzzTest
  void signature(byte[] in) {
    run(FuzzTargets::signature, in);
  }

  private static void run(FuzzTargets.Target target, byte[] in) {
    try {
      target.accept(in);
    } catch (InvalidFormatException expected) {
      // One of the two outcomes; anything else is a finding.
    }
  }
}
