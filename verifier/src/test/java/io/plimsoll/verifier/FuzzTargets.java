package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.G1;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that takes bytes from outside, for fuzzing. A target does nothing, or throws {@link
 * AssertionError} when the outcome is neither a verdict nor {@link InvalidFormatException}.
 */
final class FuzzTargets {
  private static final TrapdoorKey TRAPDOOR = new TrapdoorKey(Fixtures.layout(), 61);
  private static final byte[] KEY_FILE = TRAPDOOR.file();
  private static final VerifyingKey KEY = TRAPDOOR.key();
  private static final TestKey ATTESTER = TestKey.of(1);
  private static final Attestation ATTESTATION = attestation();
  private static final byte[] CONTEXT = new byte[16];
  private static final BigInteger BLINDING = TRAPDOOR.scalar();
  private static final byte[] PROOF =
      TRAPDOOR.prove(
          TRAPDOOR.publicSum(CONTEXT, 1, 2, new long[] {1, -1}, new long[] {2}, BLINDING));
  private static final byte[] SIGNATURE =
      concat(ATTESTER.publicKey().toByteArray(), ATTESTATION.signature());
  private static final Commitment COMMITMENT = commitment();
  private static final RoundPoint ROUND = round();

  private FuzzTargets() {}

  /** Takes bytes from outside. */
  interface Target {
    void accept(byte[] in) throws InvalidFormatException;
  }

  /** A target with a good input to begin with. */
  static final class Entry {
    private final byte[] seed;
    private final Target target;

    private Entry(byte[] seed, Target target) {
      this.seed = seed;
      this.target = target;
    }

    byte[] seed() {
      return seed.clone();
    }

    Target target() {
      return target;
    }
  }

  private static Attestation attestation() {
    ScopeProofs holder = new ScopeProofs(TRAPDOOR, 3, TRAPDOOR.scalar());
    return holder.attest(
        ATTESTER, Fixtures.body().circuitId(KEY.circuitId()).commitment(holder.commitment()));
  }

  private static Commitment commitment() {
    try {
      return KEY.commit(new long[] {2}, TrapdoorKey.bytes(BLINDING));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private static RoundPoint round() {
    try {
      return KEY.roundPoint(new long[] {1, -1});
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  static Map<String, Entry> all() {
    Map<String, Entry> all = new LinkedHashMap<>();
    all.put("proof", new Entry(PROOF, FuzzTargets::proof));
    all.put("verifyingKey", new Entry(KEY_FILE, FuzzTargets::verifyingKey));
    all.put("layout", new Entry(Fixtures.layout().toByteArray(), FuzzTargets::layout));
    all.put("ceremony", new Entry(CeremonyRecordTest.record(), FuzzTargets::ceremony));
    all.put("round", new Entry(Fixtures.round(1, 2).toByteArray(), FuzzTargets::round));
    all.put("attestation", new Entry(ATTESTATION.body().toByteArray(), FuzzTargets::attestation));
    all.put(
        "scopeProof",
        new Entry(
            ATTESTATION.body().scopeProof().orElseThrow().toByteArray(), FuzzTargets::scopeProof));
    all.put("commitment", new Entry(COMMITMENT.toByteArray(), FuzzTargets::commitment));
    all.put("signature", new Entry(SIGNATURE, FuzzTargets::signature));
    return all;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  static void proof(byte[] in) {
    Optional<RejectionReason> rejection = KEY.check(ROUND, List.of(COMMITMENT), CONTEXT, 1, 2, in);
    // e(-A, -B) = e(A, B): who has a proof has this one, too.
    byte[] negated = in.clone();
    if (in.length == PROOF.length) {
      negated[0] ^= 0x40;
      negated[G1.COMPRESSED_BYTES] ^= 0x40;
    }
    check(
        rejection.isPresent() || Arrays.equals(in, PROOF) || Arrays.equals(negated, PROOF),
        "a proof that nobody made");
  }

  static void verifyingKey(byte[] in) throws InvalidFormatException {
    VerifyingKey key = VerifyingKey.read(in);
    check(
        key.circuitId().equals(KEY.circuitId()) == Arrays.equals(in, KEY_FILE),
        "two files of one circuit");
  }

  static void ceremony(byte[] in) throws InvalidFormatException {
    check(CeremonyRecord.read(in).digest().equals(Digest.of(in)), "another record's digest");
  }

  static void layout(byte[] in) throws InvalidFormatException {
    check(Arrays.equals(in, StatementLayout.read(in).toByteArray()), "two forms of a layout");
  }

  static void round(byte[] in) throws InvalidFormatException {
    check(Arrays.equals(in, RiskRound.decode(in).toByteArray()), "two forms of a round");
  }

  /** Reads a body; whatever it says, its scope is proven only if it is the one that was made. */
  static void attestation(byte[] in) throws InvalidFormatException {
    AttestationBody body = AttestationBody.decode(in);
    check(Arrays.equals(in, body.toByteArray()), "two forms of an attestation");
    if (body.attester().equals(ATTESTER.publicKey())) {
      Attestation signed = Attestation.of(body, ATTESTER.sign(in));
      boolean same =
          body.scopeProof().equals(ATTESTATION.body().scopeProof())
              && body.commitment().equals(ATTESTATION.body().commitment());
      check(same || KEY.scopeRefusal(signed).isPresent(), "a scope proof that nobody made");
    }
  }

  static void scopeProof(byte[] in) throws InvalidFormatException {
    int columns = Math.max(0, in.length / ScopeProof.RESPONSE_BYTES - 2);
    check(
        Arrays.equals(in, ScopeProof.decode(in, columns).toByteArray()),
        "two forms of a scope proof");
  }

  static void commitment(byte[] in) throws InvalidFormatException {
    check(Arrays.equals(in, Commitment.decode(in).toByteArray()), "two forms of a commitment");
  }

  /** A key of 32 bytes and a signature of what remains. */
  static void signature(byte[] in) throws InvalidFormatException {
    int split = Math.min(in.length, Ed25519PublicKey.BYTES);
    Ed25519PublicKey key = Ed25519PublicKey.fromBytes(Arrays.copyOf(in, split));
    boolean valid =
        key.verifies(ATTESTATION.body().toByteArray(), Arrays.copyOfRange(in, split, in.length));
    check(!valid || Arrays.equals(in, SIGNATURE), "a signature that nobody made");
  }
}
