package io.plimsoll.prover;

import static io.plimsoll.prover.TestMarket.AGREED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.plimsoll.attestation.AttestationLedger;
import io.plimsoll.attestation.AttestationTerms;
import io.plimsoll.attestation.Attester;
import io.plimsoll.attestation.AttesterScope;
import io.plimsoll.attestation.RoundPublisher;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.Expr;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelBuilder;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.Shape;
import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.GnarkProver;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.Roster;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.VerifierPolicy;
import io.plimsoll.verifier.VerifyingKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An account that no choice of its owner's can bring within the model's constraints. */
@Timeout(120)
class NoFeasibleChoiceRefusalTest {
  private static final String VENUE = "venue";

  /** What is sold has to be covered by what was bought; cash pays for the cover. */
  private static MarginModel cover() {
    MarginModelBuilder m = new MarginModelBuilder("cover", Shape.empty(), 1);
    Expr sold = m.holdings("sold").between("0", "12").single();
    Expr bought = m.holdings("bought").between("0", "12").single();
    Expr cash = m.holdings("cash").between("0", "10000").single();
    Expr cost = m.round("cost").between("0", "99").single();
    Expr pairs =
        m.choose("pairs", "a cover is no less than what is sold").between("0", "12").single();
    m.constrainEqual("covers", pairs, sold);
    m.constrainAtMost("covered", pairs, bought);
    m.assertNonNegative(
        "solvent", m.denominator().times(cash).minus(m.numerator().times(cost.times(pairs))));
    return m.build();
  }

  @Test
  void itIsRefusedAsSuchAndNotTakenForAFault(@TempDir Path directory) throws Exception {
    MarginModel model = cover();
    Listing listing = Listing.of(model, Map.of());
    KeyCache cache = KeyCache.at(directory);
    Digest circuitId = cache.developmentKeys(model.toByteArray(), stage -> {});
    VerifyingKey key = VerifyingKey.read(Files.readAllBytes(cache.verifyingKey(circuitId)));
    Attester attester =
        new Attester(
            SigningIdentity.generate(),
            key,
            model,
            listing,
            AttesterScope.everything(model),
            AttestationLedger.inMemory());
    SealingIdentity owner = SealingIdentity.generate();
    RoundPublisher publisher = new RoundPublisher(SigningIdentity.generate());
    ProverPolicy policy =
        ProverPolicy.builder()
            .venue(VENUE)
            .publishers(PublisherPolicy.of(1, List.of(publisher.publicKey())))
            .plausibility(PlausibilityPolicy.trustPublishers())
            .keys(VerifierPolicy.allowingDevelopment(circuitId))
            .agree("covered", AGREED, Purpose.MAINTENANCE)
            .agree("bare", AGREED, Purpose.MAINTENANCE)
            .build();
    try (ProverEngine engine =
        ProverEngine.builder()
            .model(model)
            .key(key)
            .prover(
                GnarkProver.open(cache.directory(circuitId), circuitId, DevelopmentKeys.ALLOWED))
            .identity(owner)
            .policy(policy)
            .build()) {
      RiskRound round =
          RiskRound.of(
              circuitId,
              VENUE,
              listing.digest(),
              1,
              System.currentTimeMillis(),
              RoundCoefficients.of(model, new long[] {3}).toLongArray());
      engine.loadRound(new SignedRound(round, List.of(publisher.sign(round))));
      for (String account : List.of("covered", "bare")) {
        long now = System.currentTimeMillis();
        try (Holdings holdings =
            Holdings.of(model, new long[] {2, account.equals("bare") ? 1 : 2, 1000})) {
          engine.openAccount(
              AccountState.of(
                  VENUE,
                  account,
                  circuitId,
                  1,
                  Roster.of(1, List.of(attester.publicKey())),
                  List.of(
                      attester.attest(
                          new AttestationTerms(
                              VENUE, account, owner.publicKey(), now, now + 3_600_000),
                          holdings))));
        }
      }
      ProofResult.Refused refused =
          assertInstanceOf(
              ProofResult.Refused.class,
              engine.prove(ProofRequest.of("bare", 1, AGREED, Purpose.MAINTENANCE)));
      assertEquals(Refusal.NO_FEASIBLE_CHOICE, refused.refusal());
      assertEquals(
          Refusal.NO_FEASIBLE_CHOICE,
          assertThrows(RefusedException.class, () -> engine.assess("bare", 1, AGREED)).refusal());
      assertFalse(engine.status().keyBlocked());
      assertInstanceOf(
          ProofResult.Proved.class,
          engine.prove(ProofRequest.of("covered", 1, AGREED, Purpose.MAINTENANCE)));
    }
  }
}
