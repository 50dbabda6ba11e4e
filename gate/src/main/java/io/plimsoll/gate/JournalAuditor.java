package io.plimsoll.gate;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Comes to every decision of a journal again, from what went into it: signatures are checked,
 * rounds prepared, proofs verified, deadlines computed, and the outcome compared. Feed it the
 * records in order; the first {@link Finding} ends the audit, for nothing after it can be judged.
 * Then compare what the journal leads to ({@link #read}) with what the store holds.
 *
 * <p>A journal shows nothing about records cut off at its end, or put in the place of others. Those
 * who have receipts do: each names a record and its digest, and {@link #expect} compares them. Not
 * thread-safe.
 */
public final class JournalAuditor {
  private final SolvencyVerifier verifier;
  private final InMemoryGateStore replica;
  private final Map<Key, AccountRecord> accounts = new HashMap<>();
  private final Map<Long, VenueRecord> venues = new HashMap<>();
  private final Map<Key, Since> accountsSince = new HashMap<>();
  private final Map<Long, Since> venuesSince = new HashMap<>();

  /** At which version of the venue's record each round was published. */
  private final Map<Long, Long> publishedAt = new HashMap<>();

  /** At which version of the venue's record each disputed round became so. */
  private final Map<Long, Long> disputedAt = new HashMap<>();

  /** By the record that they name; 0 for none. */
  private final TreeMap<Long, List<VenueSigned<ProofReceipt>>> expected = new TreeMap<>();

  private final Set<Ed25519PublicKey> venueKeys = new HashSet<>();
  private Gate gate;
  private Decision.PolicySet policy;
  private long nowMillis;
  private long records;
  private Digest last = Digest.ZERO;

  private record Key(String account, long version) {}

  /** The parts of a gate under the policy in force. */
  private record Gate(RoundIntake rounds, GateDecisions decisions, ProofJudge judge) {}

  /** The journal's record that made a version, and its time. */
  private record Since(long index, long atMillis) {}

  /**
   * What is wrong with a journal.
   *
   * @param index of the first wrong record
   * @param detail what is recorded and what should be
   */
  public record Finding(long index, String detail) {}

  /**
   * An auditor who has seen nothing yet.
   *
   * @param verifier of the journal's circuit, made from a verifying key that the auditor trusts
   */
  public JournalAuditor(SolvencyVerifier verifier) {
    this.verifier = verifier;
    this.replica = new InMemoryGateStore(() -> Instant.ofEpochMilli(nowMillis));
    venues.put(0L, VenueRecord.EMPTY);
    venuesSince.put(0L, new Since(0, 0));
  }

  /** How many records were found right. */
  public long records() {
    return records;
  }

  /** Digest of the last record that was found right; {@link Digest#ZERO} before the first. */
  public Digest lastDigest() {
    return last;
  }

  /** The policy in force; empty before the first record. */
  public Optional<Decision.PolicySet> policy() {
    return Optional.ofNullable(policy);
  }

  /** What a store with this journal should hold: everything but the journal itself. */
  public <R> R read(Function<GateStore.View, R> work) {
    return replica.read(work);
  }

  /** How many rounds were published. */
  public int rounds() {
    return publishedAt.size();
  }

  /** How many attestations were taken, closing ones included. */
  public int attestations() {
    return replica.attestationCount();
  }

  /**
   * An attestation that was taken.
   *
   * @param attester the key in hexadecimal
   */
  public Optional<Attestation> attestation(String account, String attester, long version) {
    try {
      Ed25519PublicKey key = Ed25519PublicKey.fromBytes(HexFormat.of().parseHex(attester));
      return replica.read(view -> view.attestation(account, key, version));
    } catch (InvalidFormatException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Has a receipt compared with the record that it names, when that comes: what the venue has said
   * must be there, and the same. Receipts without a record can only be rejections; of them no more
   * is checked than the signature, by a key that was the venue's at some time, and that they are of
   * this venue and circuit.
   *
   * @throws IllegalStateException if the record has come already
   */
  public void expect(VenueSigned<ProofReceipt> receipt) {
    long index = receipt.message().journalIndex();
    if (index != 0 && index <= records) {
      throw new IllegalStateException("record " + index + " has been checked already");
    }
    expected.computeIfAbsent(index, any -> new ArrayList<>()).add(receipt);
  }

  /**
   * After the last record: a receipt whose record has not come, or that no key of the venue's has
   * signed.
   */
  public Optional<Finding> missing() {
    for (VenueSigned<ProofReceipt> receipt : expected.getOrDefault(0L, List.of())) {
      if (!venueKeys.contains(receipt.signer())) {
        return Optional.of(
            new Finding(
                0, about(receipt) + " is signed by " + receipt.signer() + ", not the venue"));
      }
      ProofReceipt message = receipt.message();
      if (!message.venue().equals(policy.venue())
          || !message.circuitId().equals(policy.circuitId())) {
        return Optional.of(
            new Finding(
                0,
                about(receipt)
                    + " is of venue "
                    + message.venue()
                    + ", circuit "
                    + message.circuitId()
                    + "; the journal is not"));
      }
    }
    for (List<VenueSigned<ProofReceipt>> receipts : expected.tailMap(records + 1).values()) {
      VenueSigned<ProofReceipt> receipt = receipts.get(0);
      return Optional.of(
          new Finding(
              receipt.message().journalIndex(),
              about(receipt) + " names this record, the journal has " + records));
    }
    return Optional.empty();
  }

  private static String about(VenueSigned<ProofReceipt> receipt) {
    return "the receipt for account "
        + receipt.message().account()
        + ", proof "
        + receipt.message().proofDigest();
  }

  private Optional<String> contradiction(JournalRecord record) {
    Optional<ProofReceipt> says = ProofReceipt.of(policy.venue(), verifier.circuitId(), record);
    for (VenueSigned<ProofReceipt> receipt : expected.getOrDefault(record.index(), List.of())) {
      if (!receipt.signer().equals(policy.venueKey())) {
        return Optional.of(
            about(receipt) + " is signed by " + receipt.signer() + ", not " + policy.venueKey());
      }
      if (!says.equals(Optional.of(receipt.message()))) {
        return Optional.of(
            about(receipt)
                + " says "
                + receipt.message()
                + ", the journal "
                + says.map(ProofReceipt::toString).orElse("nothing of a proof"));
      }
    }
    return Optional.empty();
  }

  /**
   * Checks the next record.
   *
   * @return what is wrong with it, if anything
   */
  public Optional<Finding> check(JournalRecord record) {
    if (record.index() != records + 1) {
      return finding(record, "index is " + record.index() + ", not " + (records + 1));
    }
    if (!record.previous().equals(last)) {
      return finding(record, "names " + record.previous() + " as the one before, not " + last);
    }
    Decision decision = record.decision();
    if (decision.atMillis() < nowMillis) {
      return finding(record, "is of " + decision.atMillis() + ", the one before of " + nowMillis);
    }
    nowMillis = decision.atMillis();
    Optional<String> wrong;
    try {
      wrong = repeat(decision);
    } catch (InvalidFormatException | IllegalArgumentException | IllegalStateException e) {
      wrong = Optional.of("could not have been decided: " + e.getMessage());
    }
    if (wrong.isPresent()) {
      return finding(record, wrong.get());
    }
    Optional<String> contradiction = contradiction(record);
    if (contradiction.isPresent()) {
      return finding(record, contradiction.get());
    }
    records++;
    last = record.digest();
    remember(decision);
    return Optional.empty();
  }

  private static Optional<Finding> finding(JournalRecord record, String detail) {
    return Optional.of(new Finding(record.index(), detail));
  }

  private Optional<String> repeat(Decision decision) throws InvalidFormatException {
    if (decision instanceof Decision.PolicySet set) {
      return setPolicy(set);
    }
    if (gate == null) {
      return Optional.of("comes before any policy");
    }
    if (decision instanceof Decision.ProofJudged judged) {
      return repeat(judged);
    }
    long before = replica.journalSize();
    if (decision instanceof Decision.AccountOpened opened) {
      gate.decisions().openAccount(opened.account(), opened.attesters());
    } else if (decision instanceof Decision.Attested attested) {
      gate.decisions().attest(attested.attestation(), attested.forced());
    } else if (decision instanceof Decision.ExecutionDecided executed) {
      gate.decisions().execute(executed.execution());
    } else if (decision instanceof Decision.Released released) {
      gate.decisions().release(released.account(), released.release().attester());
    } else if (decision instanceof Decision.RosterDecided roster) {
      gate.decisions().changeRoster(roster.account(), roster.change());
    } else if (decision instanceof Decision.RoundDecided round) {
      gate.rounds().publish(round.round());
    } else if (decision instanceof Decision.ClaimDecided claim) {
      gate.decisions().claim(claim.account(), claim.claimant());
    } else if (decision instanceof Decision.LiquidationEnded ended) {
      end(ended);
    } else if (decision instanceof Decision.SuspensionChanged changed) {
      if (changed.cause().isPresent()) {
        gate.decisions().suspend(changed.account(), changed.cause().get());
      } else {
        gate.decisions().resume(changed.account());
      }
    } else if (decision instanceof Decision.BreakerMoved moved) {
      if (moved.open()) {
        gate.decisions().openBreaker();
      } else {
        gate.decisions().closeBreaker();
      }
    } else if (decision instanceof Decision.AttesterRevoked revoked) {
      gate.decisions().revokeAttester(revoked.attester());
    }
    List<JournalRecord> made = replica.read(view -> view.journal(before + 1, 2));
    if (made.isEmpty()) {
      return Optional.of("recorded as '" + decision.outcome() + "', but nothing was to be decided");
    }
    Optional<String> wrong = compare(decision, made.get(0).decision());
    return wrong.isEmpty() && made.size() > 1
        ? Optional.of("leaves out '" + made.get(1).decision().outcome() + "'")
        : wrong;
  }

  private static Optional<String> compare(Decision recorded, Decision again) {
    if (Arrays.equals(recorded.toByteArray(), again.toByteArray())) {
      return Optional.empty();
    }
    return differs(recorded, again.outcome());
  }

  private static Optional<String> differs(Decision recorded, String outcome) {
    return Optional.of("recorded as '" + recorded.outcome() + "', should be '" + outcome + "'");
  }

  private Optional<String> setPolicy(Decision.PolicySet set) throws InvalidFormatException {
    if (!set.circuitId().equals(verifier.circuitId())) {
      return Optional.of(
          "is about circuit " + set.circuitId() + ", the auditor's is " + verifier.circuitId());
    }
    if (policy != null && !policy.venue().equals(set.venue())) {
      return Optional.of("is about venue " + set.venue() + ", not " + policy.venue());
    }
    PublisherPolicy publishers = PublisherPolicy.of(set.requiredPublishers(), set.publishers());
    CanonicalWriter.requireText("venue", set.venue());
    PolicedStore policed = PolicedStore.putInForce(replica, set);
    GateTransitions transitions = new GateTransitions(set.policy());
    OutageLog outages = new OutageLog(transitions);
    gate =
        new Gate(
            new RoundIntake(policed, verifier, publishers, outages, JournalBudget.unbounded()),
            new GateDecisions(policed, verifier, transitions, outages, JournalBudget.unbounded()),
            new ProofJudge(verifier, set.policy(), transitions));
    policy = set;
    venueKeys.add(set.venueKey());
    return Optional.empty();
  }

  private void end(Decision.LiquidationEnded ended) {
    if (ended.how() == Decision.Ending.LAPSED) {
      gate.decisions().endLapsed(ended.account());
      return;
    }
    LiquidationOrder order =
        read(view -> view.account(ended.account()))
            .flatMap(AccountRecord::liquidation)
            .map(Liquidation::order)
            .filter(running -> running.gateVersion() == ended.gateVersion())
            .orElseThrow(
                () -> new IllegalArgumentException("no liquidation " + ended.gateVersion()));
    gate.decisions().end(order, ended.how() == Decision.Ending.COMPLETED);
  }

  /** A proof is judged on what the store said when it came, which may be earlier than now. */
  private Optional<String> repeat(Decision.ProofJudged judged) {
    AccountRecord record = accounts.get(new Key(judged.account(), judged.gateVersion()));
    VenueRecord venue = venues.get(judged.venueVersion());
    if (record == null || venue == null || judged.receivedAtMillis() > judged.atMillis()) {
      return Optional.of(
          "is based on gate version "
              + judged.gateVersion()
              + " and venue version "
              + judged.venueVersion()
              + " at "
              + judged.receivedAtMillis()
              + ", which there was not");
    }
    if (!wereTogether(judged)) {
      return Optional.of(
          "is based on gate version "
              + judged.gateVersion()
              + " and venue version "
              + judged.venueVersion()
              + ", which the store did not hold together at "
              + judged.receivedAtMillis());
    }
    if (judged.accountVersion() != record.state().version()
        || !judged.attestationSetDigest().equals(record.state().attestationSetDigest())
        || !judged.threshold().equals(policy.policy().threshold())
        || judged.purpose() != policy.policy().purpose()) {
      return Optional.of("names a basis that is not that of gate version " + judged.gateVersion());
    }
    byte[] proof = judged.proof().toByteArray();
    if (!Digest.of(proof).equals(judged.proofDigest())) {
      return Optional.of("holds a proof whose digest is another");
    }
    Optional<PublishedRound> round =
        replica
            .read(view -> view.round(judged.roundSequence()))
            .filter(entry -> publishedAt.get(entry.sequence()) <= judged.venueVersion())
            .map(entry -> asOf(entry, judged.venueVersion()));
    Verdict verdict =
        gate.judge()
            .judge(
                new ProofJudge.Received(
                    Optional.of(record), venue, round, judged.receivedAtMillis()),
                sequence -> gate.rounds().prepared(sequence, round),
                proof);
    long solventUntil = 0;
    if (verdict instanceof VerifiedSolvency verified) {
      long before = replica.journalSize();
      verdict =
          replica.transact(
              transaction ->
                  gate.decisions()
                      .accept(
                          transaction,
                          judged.account(),
                          judged.roundSequence(),
                          verified,
                          judged.proofDigest()));
      if (replica.journalSize() != before) {
        return Optional.of("comes before the end of a liquidation whose time had passed");
      }
    }
    Optional<RejectionReason> rejection = Optional.empty();
    if (verdict instanceof Rejected rejected) {
      rejection = Optional.of(rejected.reason());
    } else {
      solventUntil =
          read(view -> view.account(judged.account())).orElseThrow().solventUntilMillis();
    }
    if (!rejection.equals(judged.rejection())) {
      return differs(judged, rejection.map(reason -> "rejected: " + reason).orElse("accepted"));
    }
    return solventUntil == judged.solventUntilMillis()
        ? Optional.empty()
        : Optional.of("counts until " + solventUntil + ", not " + judged.solventUntilMillis());
  }

  /**
   * Whether one look at the store could have found both versions, at the time named or before: else
   * a time before everything would make any round one of the future, and refuse any proof. That a
   * later version was there already at that time is no fault: a look may wait for its clock.
   */
  private boolean wereTogether(Decision.ProofJudged judged) {
    long gateVersion = judged.gateVersion();
    Since account = accountsSince.get(new Key(judged.account(), gateVersion));
    Since venue = venuesSince.get(judged.venueVersion());
    Since later = account.index() > venue.index() ? account : venue;
    Since nextAccount = accountsSince.get(new Key(judged.account(), gateVersion + 1));
    Since nextVenue = venuesSince.get(judged.venueVersion() + 1);
    return (nextAccount == null || later.index() < nextAccount.index())
        && (nextVenue == null || later.index() < nextVenue.index())
        && judged.receivedAtMillis() >= later.atMillis();
  }

  private PublishedRound asOf(PublishedRound entry, long venueVersion) {
    Long disputed = disputedAt.get(entry.sequence());
    return entry.disputed() && (disputed == null || venueVersion < disputed)
        ? new PublishedRound(
            entry.sequence(),
            entry.digest(),
            entry.asOfMillis(),
            entry.publishedAtMillis(),
            entry.signatures(),
            /* disputed= */ false)
        : entry;
  }

  private void remember(Decision decision) {
    VenueRecord venue = read(GateStore.View::venue);
    Since since = new Since(records, decision.atMillis());
    venues.putIfAbsent(venue.version(), venue);
    venuesSince.putIfAbsent(venue.version(), since);
    for (String account : replica.takeChanged()) {
      AccountRecord changed = read(view -> view.account(account)).orElseThrow();
      accounts.put(new Key(account, changed.version()), changed);
      accountsSince.put(new Key(account, changed.version()), since);
    }
    if (decision instanceof Decision.RoundDecided decided) {
      long sequence = decided.round().round().sequence();
      if (decided.published()) {
        publishedAt.put(sequence, venue.version());
      } else if (replica
          .read(view -> view.round(sequence))
          .map(PublishedRound::disputed)
          .orElse(false)) {
        disputedAt.putIfAbsent(sequence, venue.version());
      }
    }
  }
}
