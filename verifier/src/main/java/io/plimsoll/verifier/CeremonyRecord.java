package io.plimsoll.verifier;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a setup ceremony leaves behind about who took part: for each of its two phases the signed
 * contributions, one after the other, and the beacon that ended it. A key from a ceremony is read
 * together with its record, whose digest the circuit id covers. Bytes are in {@code
 * docs/formats.md}. Immutable and thread-safe.
 *
 * <p>A record shows that each phase had {@value #LEAST_CONTRIBUTIONS} contributions at least, each
 * signed by another identity, each naming the state before it, the circuit, and the rule by which
 * beacons were to be taken. That the states follow from each other, and the key from the last of
 * them, is computed from the contributions themselves by whoever pins the circuit id.
 */
public final class CeremonyRecord {
  /** Fewest contributions in each phase. */
  public static final int LEAST_CONTRIBUTIONS = 3;

  /** Most contributions in each phase. */
  public static final int MOST_CONTRIBUTIONS = 1024;

  /** Fewest bytes of a beacon. */
  public static final int LEAST_BEACON_BYTES = 16;

  /** Most bytes of a beacon. */
  public static final int MOST_BEACON_BYTES = 1024;

  /** Most bytes of a record: more than any with the most contributions has. */
  public static final int MAX_BYTES = 1 << 19;

  private static final String WHAT = "ceremony record";
  private static final String TAG = "plimsoll/ceremony/v1";
  private static final String CONTRIBUTION_TAG = "plimsoll/ceremony-contribution/v1";
  private static final String SEALED_TAG = "plimsoll/ceremony-sealed/v1";

  private final Digest digest;
  private final Digest modelDigest;
  private final Digest constraintSystemDigest;
  private final String beaconRule;
  private final Digest keyDigest;

  private CeremonyRecord(byte[] bytes) throws InvalidFormatException {
    digest = Digest.of(bytes);
    CanonicalReader in = new CanonicalReader(WHAT, bytes, TAG);
    modelDigest = in.digest("model digest");
    constraintSystemDigest = in.digest("constraint system digest");
    beaconRule = in.text("beacon rule");
    if (beaconRule.isEmpty()) {
      throw new InvalidFormatException(WHAT + ": the beacon rule is empty");
    }
    List<byte[]> beacons = new ArrayList<>();
    Digest before = readPhase(in, 1, Digest.ZERO, beacons);
    readPhase(in, 2, before, beacons);
    if (Arrays.equals(beacons.get(0), beacons.get(1))) {
      throw new InvalidFormatException(WHAT + ": both phases have one beacon");
    }
    keyDigest = in.digest("verifying key digest");
    in.end();
  }

  /**
   * Reads a record and checks its signatures.
   *
   * @throws InvalidFormatException if a phase has too few or too many contributions, an identity
   *     contributed to it twice, a signature is not valid for its place, a beacon is missing, all
   *     zeros, too short, too long or the other phase's, or the bytes are not a record
   */
  public static CeremonyRecord read(byte[] bytes) throws InvalidFormatException {
    if (bytes.length > MAX_BYTES) {
      throw new InvalidFormatException(
          WHAT + ": " + bytes.length + " bytes, more than " + MAX_BYTES);
    }
    return new CeremonyRecord(bytes);
  }

  /** Returns what the next phase's first contribution follows. */
  private Digest readPhase(CanonicalReader in, int phase, Digest before, List<byte[]> beacons)
      throws InvalidFormatException {
    String where = "phase " + phase;
    int count = in.u32(where + ": number of contributions", MOST_CONTRIBUTIONS);
    if (count < LEAST_CONTRIBUTIONS) {
      throw new InvalidFormatException(
          WHAT
              + ": "
              + where
              + " has "
              + count
              + " contributions, fewer than "
              + LEAST_CONTRIBUTIONS);
    }
    Set<Ed25519PublicKey> identities = new HashSet<>();
    Set<Digest> states = new HashSet<>(Set.of(before));
    Digest previous = before;
    for (int i = 1; i <= count; i++) {
      String which = where + ": contribution " + i;
      Ed25519PublicKey identity =
          Ed25519PublicKey.fromBytes(in.exactly(which + ": identity", Ed25519PublicKey.BYTES));
      Digest state = in.digest(which + ": state");
      byte[] signature = in.exactly(which + ": signature", Ed25519PublicKey.SIGNATURE_BYTES);
      if (!identities.add(identity)) {
        throw new InvalidFormatException(
            WHAT + ": " + which + " is of " + identity + ", who contributed before");
      }
      if (!states.add(state)) {
        throw new InvalidFormatException(WHAT + ": " + which + " changed nothing");
      }
      if (!identity.verifies(signed(phase, i, previous, state), signature)) {
        throw new InvalidFormatException(
            WHAT + ": " + which + " is not signed by " + identity + " for its place");
      }
      previous = state;
    }
    byte[] beacon = in.bytes(where + ": beacon", MOST_BEACON_BYTES);
    boolean zero = true;
    for (byte each : beacon) {
      zero &= each == 0;
    }
    if (zero || beacon.length < LEAST_BEACON_BYTES) {
      throw new InvalidFormatException(
          WHAT
              + ": "
              + where
              + ": the beacon has "
              + beacon.length
              + " bytes"
              + (zero ? ", all zero" : "")
              + "; at least "
              + LEAST_BEACON_BYTES
              + " are needed");
    }
    beacons.add(beacon);
    return new CanonicalWriter(SEALED_TAG).digest(previous).bytes(beacon).digest();
  }

  private byte[] signed(int phase, int index, Digest previous, Digest state) {
    return new CanonicalWriter(CONTRIBUTION_TAG)
        .digest(modelDigest)
        .digest(constraintSystemDigest)
        .text(beaconRule)
        .u8(phase)
        .u32(index)
        .digest(previous)
        .digest(state)
        .toByteArray();
  }

  /** The digest that the setup text of its keys names. */
  public Digest digest() {
    return digest;
  }

  /** The rule, fixed before the first contribution, by which the beacons were to be taken. */
  public String beaconRule() {
    return beaconRule;
  }

  /**
   * @param expected from the setup text
   * @throws InvalidFormatException unless this is the record of that very key
   */
  void requireOf(Digest expected, Digest model, Digest constraintSystem, Digest key)
      throws InvalidFormatException {
    requireSame("digest", digest, expected);
    requireSame("model digest", modelDigest, model);
    requireSame("constraint system digest", constraintSystemDigest, constraintSystem);
    requireSame("verifying key digest", keyDigest, key);
  }

  private static void requireSame(String field, Digest actual, Digest expected)
      throws InvalidFormatException {
    if (!actual.equals(expected)) {
      throw new InvalidFormatException(
          WHAT + ": " + field + " is " + actual + ", and the key's is " + expected);
    }
  }
}
