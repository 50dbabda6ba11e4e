package io.plimsoll.gate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.TestKey;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the venue signs: one form for each message, and nothing without a valid signature. */
class VenueMessageTest {
  private static final Digest A = Fixtures.digest("a");
  private static final Digest B = Fixtures.digest("b");
  private static final TestKey FIRST = TestKey.of(1);
  private static final TestKey SECOND = TestKey.of(2);

  private static Release release(long through, long successor) {
    return new Release("v", "a", A, FIRST.publicKey(), through, successor, B, 7, 9);
  }

  private static ProofReceipt receipt(Optional<RejectionReason> rejection, long until, long index) {
    return new ProofReceipt(
        "v", "a", A, 3, -1, B, 5, 6, rejection, until, index, index == 0 ? Digest.ZERO : B);
  }

  private static LiquidationOrder order(Optional<Digest> proof, Fraction fraction) {
    List<Ed25519PublicKey> attesters =
        List.of(FIRST.publicKey(), SECOND.publicKey()).stream().sorted().toList();
    return new LiquidationOrder(
        "v",
        "a",
        A,
        4,
        3,
        2,
        B,
        attesters,
        8,
        proof,
        proof.map(any -> 6L),
        "desk",
        fraction,
        10,
        20);
  }

  private static final List<VenueMessage> MESSAGES =
      List.of(
          release(4, 5),
          release(0, 1),
          receipt(Optional.empty(), 99, 12),
          receipt(Optional.of(RejectionReason.SUSPENDED), 0, 12),
          receipt(Optional.of(RejectionReason.PROOF_LENGTH), 0, 0),
          order(Optional.of(A), new Fraction(1, 4)),
          order(Optional.empty(), Fraction.WHOLE));

  @Test
  void messagesAreReadBackAndNothingElseIs() throws InvalidFormatException {
    Set<Digest> digests = new HashSet<>();
    for (VenueMessage message : MESSAGES) {
      byte[] bytes = message.toByteArray();
      assertEquals(message, VenueMessage.decode(bytes));
      assertEquals(Digest.of(bytes), message.digest());
      assertTrue(digests.add(message.digest()));
      for (int length = 0; length <= bytes.length + 1; length++) {
        byte[] other = Arrays.copyOf(bytes, length);
        if (length != bytes.length) {
          assertThrows(InvalidFormatException.class, () -> VenueMessage.decode(other));
        }
      }
    }
  }

  /** No two byte strings mean the same: what can be read at all is written as it was. */
  @Test
  void everyByteMatters() {
    for (VenueMessage message : MESSAGES) {
      byte[] bytes = message.toByteArray();
      for (int at = 0; at < bytes.length; at++) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        try {
          VenueMessage other = VenueMessage.decode(changed);
          assertNotEquals(message, other, "byte " + at);
          assertArrayEquals(changed, other.toByteArray(), "byte " + at);
        } catch (InvalidFormatException e) {
          // As good.
        }
      }
    }
  }

  @Test
  void signedMessageIsReadWithItsVenuesKeyOnly() throws InvalidFormatException {
    for (VenueMessage message : MESSAGES) {
      VenueSigned<VenueMessage> signed = VenueSigned.sign(message, GateHarness.VENUE_SIGNER);
      assertEquals(signed, VenueSigned.decode(signed.toByteArray()));
      Ed25519PublicKey venue = GateHarness.VENUE_KEY.publicKey();
      assertEquals(
          message, VenueSigned.decode(message.getClass(), signed.toByteArray(), venue).message());
      assertThrows(
          InvalidFormatException.class,
          () -> VenueSigned.decode(message.getClass(), signed.toByteArray(), FIRST.publicKey()));
      Class<? extends VenueMessage> other =
          message instanceof Release ? ProofReceipt.class : Release.class;
      assertThrows(
          InvalidFormatException.class,
          () -> VenueSigned.decode(other, signed.toByteArray(), venue));
      byte[] bytes = signed.toByteArray();
      for (int at = 0; at < bytes.length; at += 3) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        assertThrows(InvalidFormatException.class, () -> VenueSigned.decode(changed));
      }
    }
  }

  @Test
  void signerThatSignsSomethingElseIsNotBelieved() {
    VenueSigner wrong =
        new VenueSigner() {
          @Override
          public Ed25519PublicKey publicKey() {
            return FIRST.publicKey();
          }

          @Override
          public byte[] sign(byte[] message) {
            return SECOND.sign(message);
          }
        };
    assertThrows(IllegalStateException.class, () -> VenueSigned.sign(release(1, 2), wrong));
  }

  @Test
  void messagesThatContradictThemselvesAreRefused() {
    for (long[] versions : new long[][] {{-1, 0}, {5, 5}, {6, 5}}) {
      assertThrows(IllegalArgumentException.class, () -> release(versions[0], versions[1]));
    }
    assertThrows(IllegalArgumentException.class, () -> receipt(Optional.empty(), 5, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> receipt(Optional.of(RejectionReason.SUSPENDED), 5, 1));
    for (long[] fraction : new long[][] {{0, 1}, {2, 1}, {1, 0}, {1, 1_000_000_001}, {-1, -1}}) {
      assertThrows(IllegalArgumentException.class, () -> new Fraction(fraction[0], fraction[1]));
    }
  }

  @Test
  void executionIsItsAttestersOwnWordOnThatOrder() throws InvalidFormatException {
    var attestation = FIRST.attest(Fixtures.body());
    byte[] signature = FIRST.sign(Execution.signedBytes(A, attestation));
    Execution execution = Execution.of(A, attestation, signature);
    assertEquals(execution, GateHarness.execution(FIRST, A, attestation));
    assertThrows(InvalidFormatException.class, () -> Execution.of(B, attestation, signature));
    var other = FIRST.attest(Fixtures.body().version(2));
    assertThrows(InvalidFormatException.class, () -> Execution.of(A, other, signature));
    byte[] stranger = SECOND.sign(Execution.signedBytes(A, attestation));
    assertThrows(InvalidFormatException.class, () -> Execution.of(A, attestation, stranger));
  }
}
