package io.plimsoll.verifier;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Statements without a pairing: what is tested with these is everything around it. */
public final class Fixtures {
  public static final String VENUE = "venue";
  public static final String ACCOUNT = "account";
  public static final Digest CIRCUIT = digest("circuit");
  public static final Digest LISTING = digest("listing");
  public static final Threshold THRESHOLD = new Threshold(11, 10);
  public static final Purpose PURPOSE = Purpose.MAINTENANCE;
  public static final int MAX_ATTESTERS = 3;

  /** Compressed points x = 1, y = 2 and x = 1, y = p - 2. */
  public static final byte[] POINT = point("80");

  public static final byte[] OTHER_POINT = point("c0");

  private Fixtures() {}

  public static Digest digest(String text) {
    return Digest.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] point(String flags) {
    return HexFormat.of().parseHex(flags + "00".repeat(30) + "01");
  }

  /** Two coefficients between -10 and 10, one holding, three attesters. */
  public static StatementLayout layout() {
    try {
      return StatementLayout.of(
          MAX_ATTESTERS,
          new long[] {-10, -10},
          new long[] {10, 10},
          new long[] {-5},
          new long[] {5});
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  /** Accepts {@link #proof} of a statement, and nothing else. */
  public static SolvencyVerifier verifier() {
    return verifier(() -> {});
  }

  /** As {@link #verifier()}, with a check of scope proofs. */
  public static SolvencyVerifier verifierWithScopes(
      Function<Attestation, Optional<String>> scopeRefusal) {
    return SolvencyVerifier.withChecks(
        CIRCUIT,
        layout(),
        coefficients -> null,
        (round, commitments, context, n, d, proof) -> Optional.empty(),
        scopeRefusal::apply);
  }

  /** As {@link #verifier()}; something happens while it verifies a proof. */
  public static SolvencyVerifier verifier(Runnable meanwhile) {
    return SolvencyVerifier.withCheck(
        CIRCUIT,
        layout(),
        coefficients -> null,
        (round, commitments, context, n, d, proof) -> {
          meanwhile.run();
          if (proof.length != 128) {
            return Optional.of(RejectionReason.PROOF_LENGTH);
          }
          boolean valid = Arrays.equals(proof, Arrays.copyOf(context, 128));
          return valid ? Optional.empty() : Optional.of(RejectionReason.PROOF_DOES_NOT_VERIFY);
        });
  }

  /** What stands for a proof here: the context and zeros. */
  public static byte[] proof(SolvencyStatement statement) {
    return Arrays.copyOf(statement.context(), 128);
  }

  public static byte[] proof(AccountState account, RiskRound round) {
    return proof(account, round, THRESHOLD, PURPOSE);
  }

  public static byte[] proof(
      AccountState account, RiskRound round, Threshold threshold, Purpose purpose) {
    Digest context =
        SolvencyStatement.context(
            account.circuitId(),
            account.venue(),
            account.account(),
            account.version(),
            account.roster().version(),
            account.attestationSetDigest(),
            round.digest(),
            round.sequence(),
            threshold,
            purpose);
    byte[] proof = new byte[128];
    System.arraycopy(context.toByteArray(), 0, proof, 0, SolvencyStatement.CONTEXT_BYTES);
    return proof;
  }

  public static RiskRound round(long sequence, long asOfMillis, long... coefficients) {
    long[] values = coefficients.length == 0 ? new long[] {1, -1} : coefficients;
    try {
      return RiskRound.of(CIRCUIT, VENUE, LISTING, sequence, asOfMillis, values);
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  public static SignedRound signed(RiskRound round, TestKey... publishers) {
    return new SignedRound(round, Arrays.stream(publishers).map(key -> key.sign(round)).toList());
  }

  /** Version 1 of an attestation between 0 and 1000; the attester is set by whoever signs. */
  public static AttestationBody.Builder body() {
    return AttestationBody.builder()
        .venue(VENUE)
        .account(ACCOUNT)
        .circuitId(CIRCUIT)
        .listingDigest(LISTING)
        .scope(List.of(new ColumnRange(0, 1)))
        .version(1)
        .asOfMillis(0)
        .notAfterMillis(1000)
        .previousDigest(Digest.ZERO)
        .commitment(POINT)
        .sealedOpening(new byte[] {7});
  }

  public static AccountState account(Collection<Ed25519PublicKey> attesters) {
    try {
      return AccountState.open(VENUE, ACCOUNT, CIRCUIT, attesters);
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  public static AccountState accepted(AccountUpdate update) {
    if (update instanceof AccountUpdate.Accepted accepted) {
      return accepted.state();
    }
    throw new AssertionError(update);
  }
}
