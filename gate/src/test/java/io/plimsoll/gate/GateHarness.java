package io.plimsoll.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.TestKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A gate on a clock that stands where a test puts it, with two attesters and three publishers. */
final class GateHarness {
  static final long ROUND_AGE = 1000;
  static final long GRACE = 400;
  static final long SKEW = 10;
  static final long SUSPENSION = 2000;
  static final long SPACING = 50;
  static final long REPROOF = 100;
  static final long SOFT = 300;
  static final Fraction PART = new Fraction(1, 4);
  static final long ORDER = 600;
  static final String ACCOUNT = Fixtures.ACCOUNT;

  static final TestKey CUSTODIAN = TestKey.of(1);
  static final TestKey LENDER = TestKey.of(2);
  static final TestKey NEWCOMER = TestKey.of(3);
  static final List<TestKey> PUBLISHERS = List.of(TestKey.of(11), TestKey.of(12), TestKey.of(13));

  static final TestKey VENUE_KEY = TestKey.of(21);

  static final VenueSigner VENUE_SIGNER =
      new VenueSigner() {
        @Override
        public Ed25519PublicKey publicKey() {
          return VENUE_KEY.publicKey();
        }

        @Override
        public byte[] sign(byte[] message) {
          return VENUE_KEY.sign(message);
        }
      };

  /** The store's clock. */
  long now = 10_000;

  /** The last round published with {@link #publish}. */
  RiskRound round;

  /** Of gates that are made from here on. */
  GatePolicy policy = policy();

  final GateStore store;
  LiquidationGate gate;

  GateHarness() {
    this(Fixtures.verifier());
  }

  /** The gates of this thread's test so far. */
  private static final ThreadLocal<List<GateHarness>> MADE =
      ThreadLocal.withInitial(ArrayList::new);

  private final SolvencyVerifier verifier;

  GateHarness(SolvencyVerifier verifier) {
    this(verifier, InMemoryGateStore::new);
  }

  GateHarness(SolvencyVerifier verifier, Function<InstantSource, GateStore> stores) {
    this.verifier = verifier;
    MADE.get().add(this);
    store = stores.apply(() -> Instant.ofEpochMilli(now));
    gate = gate(verifier);
  }

  /** Every history of the gates made since the last call can be decided again, to the same end. */
  static void auditAll() {
    MADE.get().forEach(GateHarness::audit);
    MADE.get().clear();
  }

  List<JournalRecord> journal() {
    return store.read(view -> view.journal(1, Integer.MAX_VALUE));
  }

  private void audit() {
    JournalAuditor auditor = new JournalAuditor(verifier);
    for (JournalRecord record : journal()) {
      assertEquals(Optional.empty(), auditor.check(record), record.toString());
    }
    store.read(
        view -> {
          assertEquals(view.venue(), auditor.read(GateStore.View::venue));
          assertEquals(view.accounts(), auditor.read(GateStore.View::accounts));
          for (String account : view.accounts()) {
            AccountRecord kept = view.account(account).orElseThrow();
            AccountRecord again = auditor.read(replica -> replica.account(account)).orElseThrow();
            assertEquals(kept.toString(), again.toString());
            assertEquals(kept.state().attestations(), again.state().attestations());
          }
          return true;
        });
  }

  static GatePolicy policy() {
    return policyBuilder().build();
  }

  static GatePolicy.Builder policyBuilder() {
    return GatePolicy.builder()
        .require(Fixtures.THRESHOLD, Fixtures.PURPOSE)
        .maximumRoundAge(Duration.ofMillis(ROUND_AGE))
        .grace(Duration.ofMillis(GRACE))
        .clockSkew(Duration.ofMillis(SKEW))
        .maximumSuspension(Duration.ofMillis(SUSPENSION))
        .minimumVersionSpacing(Duration.ofMillis(SPACING))
        .reproofTime(Duration.ofMillis(REPROOF))
        .softLiquidation(Duration.ofMillis(SOFT), PART)
        .orderLifetime(Duration.ofMillis(ORDER));
  }

  /** A gate on the same store, as after a restart. */
  LiquidationGate gate(SolvencyVerifier verifier) {
    return gate(verifier, 2);
  }

  LiquidationGate gate(SolvencyVerifier verifier, int requiredPublishers) {
    return gate(verifier, requiredPublishers, VENUE_SIGNER);
  }

  LiquidationGate gate(SolvencyVerifier verifier, int requiredPublishers, VenueSigner signer) {
    try {
      return LiquidationGate.create(
          Fixtures.VENUE,
          verifier,
          PublisherPolicy.of(
              requiredPublishers, PUBLISHERS.stream().map(TestKey::publicKey).toList()),
          policy,
          store,
          signer);
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  /** With a fresh round, and an account that both attesters have attested. */
  static GateHarness ready() {
    return new GateHarness().makeReady();
  }

  private GateHarness makeReady() {
    publish();
    open(CUSTODIAN, LENDER);
    attest(CUSTODIAN, 1_000_000);
    attest(LENDER, 1_000_000);
    return this;
  }

  /** As {@link #ready}, and proven. */
  static GateHarness solvent() {
    return new GateHarness().makeSolvent();
  }

  GateHarness makeSolvent() {
    makeReady().prove();
    return this;
  }

  AccountState open(TestKey... attesters) {
    try {
      return gate.openAccount(
          ACCOUNT, List.of(attesters).stream().map(TestKey::publicKey).toList());
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  /** The next version of an attester's attestation. */
  Attestation next(TestKey attester, long notAfter, boolean closing) {
    AccountState state = gate.account(ACCOUNT);
    Optional<Attestation> last = last(state, attester.publicKey());
    return attester.attest(
        Fixtures.body()
            .version(last.map(a -> a.body().version() + 1).orElse(1L))
            .previousDigest(last.map(Attestation::digest).orElse(Digest.ZERO))
            .asOfMillis(Math.min(now, notAfter))
            .notAfterMillis(notAfter)
            .closing(closing));
  }

  private static Optional<Attestation> last(AccountState state, Ed25519PublicKey attester) {
    return state
        .attestation(attester)
        .or(
            () ->
                state.departed().stream()
                    .filter(a -> a.body().attester().equals(attester))
                    .findFirst());
  }

  AccountUpdate attest(TestKey attester, long notAfter) {
    return gate.attest(next(attester, notAfter, false));
  }

  AccountUpdate attestForced(TestKey attester) {
    return gate.attestForcedDecrease(next(attester, 1_000_000, false));
  }

  /** What is left of an attester's part under the running order, the same as before. */
  AccountUpdate execute(TestKey attester) {
    return gate.attestExecution(execution(attester));
  }

  Execution execution(TestKey attester) {
    LiquidationOrder order = gate.runningOrder(ACCOUNT).orElseThrow().message();
    return execution(attester, order.digest(), next(attester, now + 1_000_000, false));
  }

  static Execution execution(TestKey attester, Digest order, Attestation attestation) {
    try {
      return Execution.of(
          order, attestation, attester.sign(Execution.signedBytes(order, attestation)));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  AccountUpdate leave(TestKey attester) {
    return gate.changeRoster(
        ACCOUNT, new RosterChange.Leave(next(attester, now + 1_000_000, true)));
  }

  AccountUpdate join(TestKey attester) {
    return gate.changeRoster(ACCOUNT, new RosterChange.Join(attester.publicKey()));
  }

  AccountUpdate joinByVenue(TestKey attester) {
    return gate.changeRoster(
        ACCOUNT, new RosterChange.Join(attester.publicKey(), /* byVenue= */ true));
  }

  /** Publishes the next round, of now. */
  RoundUpdate publish() {
    return publish(round == null ? 1 : round.sequence() + 1, now);
  }

  RoundUpdate publish(long sequence, long asOf) {
    RiskRound next = Fixtures.round(sequence, asOf);
    RoundUpdate update = gate.publishRound(signed(next));
    if (update instanceof RoundUpdate.Published) {
      round = next;
    }
    return update;
  }

  static io.plimsoll.verifier.SignedRound signed(RiskRound round) {
    return Fixtures.signed(round, PUBLISHERS.get(0), PUBLISHERS.get(1));
  }

  /** Submits a valid proof of the account as it is on the last round. */
  Submission prove() {
    return gate.submitProof(
        ACCOUNT, round.sequence(), Fixtures.proof(gate.account(ACCOUNT), round));
  }

  AccountStatus status() {
    return gate.decide(ACCOUNT);
  }

  AccountStatus statusAt(long millis) {
    now = millis;
    return status();
  }
}
