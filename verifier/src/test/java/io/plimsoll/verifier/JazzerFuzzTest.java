package io.plimsoll.verifier;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Coverage-guided fuzzing of everything that takes bytes from outside. An ordinary test run tries
 * the seeds alone; {@code docs/fuzzing.md} has the command for a real run, one target at a time.
 */
class JazzerFuzzTest {
  private static Stream<byte[]> seed(String target) {
    return Stream.of(FuzzTargets.all().get(target).seed());
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
