package io.plimsoll.verifier.gate;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyStatement;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Statement;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import io.plimsoll.verifier.gate.GateStore.Transaction;
import io.plimsoll.verifier.gate.GateTransitions.Step;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * Decides, for one venue and one circuit, what follows from proofs and from their absence. A valid
 * proof for an account's current attestations on a fresh round makes it solvent for a while;
 * without one it is in grace and then liquidatable; claiming a liquidation and accepting a proof
 * exclude each other. Faults that are not the owner's suspend the account for a bounded time.
 *
 * <p>The gate takes nothing about a statement from outside but the proof: it rebuilds the rest from
 * its store. Proofs are verified outside any transaction; whether the verdict still fits the
 * account, the round and the time is checked again in the transaction that accepts it.
 *
 * <p>Operations on an account that was never opened throw {@link IllegalArgumentException}, except
 * where a message from outside names the account; there it is a refusal. Thread-safe; all state
 * that matters is in the store, so several gates may share one. What a gate keeps for itself are
 * the prepared rounds: after a restart, or beside another gate, publish the fresh rounds to it
 * again.
 */
public final class LiquidationGate {
  private final String venue;
  private final SolvencyVerifier verifier;
  private final PublisherPolicy publishers;
  private final GatePolicy policy;
  private final GateStore store;
  private final GateTransitions transitions;

  /** By sequence number; replaced as a whole, under this object's lock. */
  private volatile Map<Long, PreparedRound> prepared = Map.of();

  private LiquidationGate(
      String venue,
      SolvencyVerifier verifier,
      PublisherPolicy publishers,
      GatePolicy policy,
      GateStore store) {
    this.venue = venue;
    this.verifier = Objects.requireNonNull(verifier);
    this.publishers = Objects.requireNonNull(publishers);
    this.policy = Objects.requireNonNull(policy);
    this.store = Objects.requireNonNull(store);
    this.transitions = new GateTransitions(policy);
  }

  /**
   * A gate.
   *
   * @param venue as attestations and rounds name it
   * @param verifier of the one circuit
   * @param publishers whose rounds count
   * @param store its records, perhaps of an earlier gate
   * @throws InvalidFormatException if the venue's name has no canonical form
   */
  public static LiquidationGate create(
      String venue,
      SolvencyVerifier verifier,
      PublisherPolicy publishers,
      GatePolicy policy,
      GateStore store)
      throws InvalidFormatException {
    CanonicalWriter.requireText("venue", venue);
    return new LiquidationGate(venue, verifier, publishers, policy, store);
  }

  /**
   * Opens an account with its first attesters. Until all have attested and a proof is accepted it
   * is suspended or in grace, never solvent.
   *
   * @return the account as opened
   * @throws InvalidFormatException if the name has no canonical form, or a key is listed twice, is
   *     revoked, or there are more than the circuit allows
   * @throws IllegalArgumentException if the account is open already
   */
  public AccountState openAccount(String account, Collection<Ed25519PublicKey> attesters)
      throws InvalidFormatException {
    int most = verifier.layout().maxAttesters();
    if (attesters.size() > most) {
      throw new InvalidFormatException(
          "account " + account + ": " + attesters.size() + " attesters, more than " + most);
    }
    AccountState opened = AccountState.open(venue, account, verifier.circuitId(), attesters);
    Optional<Ed25519PublicKey> revoked =
        store.transact(
            transaction -> {
              if (transaction.account(account).isPresent()) {
                throw new IllegalArgumentException("account " + account + " is open already");
              }
              for (Ed25519PublicKey attester : attesters) {
                if (transaction.venue().revokedAtMillis().containsKey(attester)) {
                  return Optional.of(attester);
                }
              }
              transaction.put(AccountRecord.opened(opened, transaction.nowMillis()));
              return Optional.empty();
            });
    if (revoked.isPresent()) {
      throw new InvalidFormatException(
          "account " + account + ": attester key " + revoked.get() + " is revoked");
    }
    return opened;
  }

  /** Roster and attestations of an account: what an owner proves on. */
  public AccountState account(String account) {
    return store.transact(transaction -> existing(transaction, account).state());
  }

  /**
   * Takes an attestation, for the account that it names. An existing solvent outlives it by the
   * policy's reproof time at most. Two attestations with one version are kept as evidence and
   * suspend the account, once: evidence is public, and sending it again must not undo {@link
   * #resume}.
   */
  public AccountUpdate attest(Attestation attestation) {
    return attest(attestation, false);
  }

  /**
   * Takes an attestation that its attester could not delay, because what it keeps has become less:
   * the minimum spacing of versions does not apply.
   */
  public AccountUpdate attestForcedDecrease(Attestation attestation) {
    return attest(attestation, true);
  }

  private AccountUpdate attest(Attestation attestation, boolean forced) {
    return update(
        attestation.body().account(),
        Optional.of(attestation),
        (transaction, record) ->
            transitions.attest(
                record,
                transaction.venue(),
                attestation,
                logged(transaction, attestation),
                forced,
                transaction.nowMillis()));
  }

  /**
   * Changes who must attest. The owner asks for it; an attester leaves only on its own word.
   *
   * @param account must be the one that a closing attestation names
   */
  public AccountUpdate changeRoster(String account, RosterChange change) {
    Optional<Attestation> closing =
        change instanceof RosterChange.Leave leave
            ? Optional.of(leave.closing())
            : Optional.empty();
    return update(
        account,
        closing,
        (transaction, record) ->
            transitions.changeRoster(
                record,
                transaction.venue(),
                change,
                closing.flatMap(attestation -> logged(transaction, attestation)),
                verifier.layout().maxAttesters(),
                transaction.nowMillis()));
  }

  private Optional<Attestation> logged(Transaction transaction, Attestation attestation) {
    AttestationBody body = attestation.body();
    return body.venue().equals(venue)
        ? transaction.attestation(body.account(), body.attester(), body.version())
        : Optional.empty();
  }

  private AccountUpdate update(
      String account,
      Optional<Attestation> attestation,
      BiFunction<Transaction, AccountRecord, Step<AccountUpdate>> transition) {
    // Outside the transaction: it takes a while the first time.
    attestation.filter(this::isRostered).ifPresent(verifier::scopeRefusal);
    return store.transact(
        transaction -> {
          Optional<AccountRecord> record = transaction.account(account);
          if (record.isEmpty()) {
            return new AccountUpdate.Refused(
                AccountUpdate.Refusal.UNKNOWN_ACCOUNT, "no account " + account);
          }
          Step<AccountUpdate> step = transition.apply(transaction, record.get());
          if (step.result() instanceof AccountUpdate.Equivocation two
              && transaction.evidence().stream().anyMatch(kept -> isAbout(kept, two.second()))) {
            return two;
          }
          // Contradictions are evidence with a scope proof or without.
          Optional<String> unproven =
              step.result() instanceof AccountUpdate.Accepted
                  ? attestation.flatMap(verifier::scopeRefusal)
                  : Optional.empty();
          if (unproven.isPresent()) {
            return new AccountUpdate.Refused(
                AccountUpdate.Refusal.SCOPE_NOT_PROVEN, unproven.get());
          }
          AccountUpdate update = keep(transaction, step);
          if (update instanceof AccountUpdate.Accepted) {
            attestation.ifPresent(transaction::append);
          } else if (update instanceof AccountUpdate.Equivocation two) {
            transaction.append(
                new Evidence.TwoAttestations(two.known(), two.second(), transaction.nowMillis()));
          }
          return update;
        });
  }

  /** Whether the attestation is by somebody whose word could count: strangers cost no sums. */
  private boolean isRostered(Attestation attestation) {
    AttestationBody body = attestation.body();
    return store.transact(
        transaction ->
            transaction
                .account(body.account())
                .filter(record -> record.state().roster().contains(body.attester()))
                .isPresent());
  }

  private static boolean isAbout(Evidence kept, Attestation second) {
    return kept instanceof Evidence.TwoAttestations two && two.second().equals(second);
  }

  /**
   * Takes a risk round: checks signatures and coefficients, computes its points, and enters it in
   * the log. Rounds are taken in order only. A second round with a number that was published before
   * is kept as evidence, counts no more than the first does from then on, and opens the circuit
   * breaker: every account is suspended until {@link #closeBreaker}, or as long as the policy
   * allows. Sent again it changes nothing.
   */
  public RoundUpdate publishRound(SignedRound signed) {
    RiskRound round = signed.round();
    if (!round.venue().equals(venue)) {
      return refused(
          RoundUpdate.Refusal.WRONG_VENUE, "round is for " + round.venue() + ", not " + venue);
    }
    if (!round.circuitId().equals(verifier.circuitId())) {
      return refused(
          RoundUpdate.Refusal.WRONG_CIRCUIT,
          "round is for circuit " + round.circuitId() + ", not " + verifier.circuitId());
    }
    PublisherPolicy.SignatureReport signatures = publishers.check(signed);
    if (!signatures.accepted()) {
      return refused(RoundUpdate.Refusal.NOT_SIGNED, signatures.toString());
    }
    Optional<PreparedRound> usable = Optional.empty();
    String outOfBounds = "";
    try {
      usable = Optional.of(verifier.prepare(round));
    } catch (InvalidFormatException e) {
      outOfBounds = e.getMessage();
    }
    // Entered even if unusable, so far as to see whether its number is taken.
    Optional<String> unusable = usable.isPresent() ? Optional.empty() : Optional.of(outOfBounds);
    RoundUpdate update = store.transact(transaction -> enter(transaction, signed, unusable));
    if (update instanceof RoundUpdate.Published published) {
      ready(usable.orElseThrow(), published.round());
    }
    return update;
  }

  private RoundUpdate enter(
      Transaction transaction, SignedRound signed, Optional<String> unusable) {
    RiskRound round = signed.round();
    long now = transaction.nowMillis();
    VenueRecord record = transaction.venue();
    Optional<PublishedRound> known = transaction.round(round.sequence());
    if (known.isPresent() && !known.get().digest().equals(round.digest())) {
      for (Evidence kept : transaction.evidence()) {
        if (kept instanceof Evidence.TwoRounds two
            && two.second().round().digest().equals(round.digest())) {
          return new RoundUpdate.Conflict(two);
        }
      }
      Evidence.TwoRounds evidence = new Evidence.TwoRounds(known.get(), signed, now);
      transaction.append(evidence);
      if (!known.get().disputed()) {
        transaction.append(known.get().asDisputed());
      }
      VenueRecord stopped =
          round.sequence() == record.highestSequence() ? record.withoutFreshRound(now) : record;
      transaction.put(stopped.withBreakerOpen(now).next());
      return new RoundUpdate.Conflict(evidence);
    }
    if (unusable.isPresent()) {
      return refused(RoundUpdate.Refusal.OUT_OF_BOUNDS, unusable.get());
    }
    if (known.isPresent()) {
      return new RoundUpdate.Published(known.get());
    }
    if (round.asOfMillis() > now + policy.clockSkewMillis()) {
      return refused(
          RoundUpdate.Refusal.FUTURE,
          "round is of "
              + round.asOfMillis()
              + ", it is "
              + now
              + ", skew "
              + policy.clockSkewMillis());
    }
    if (round.sequence() <= record.highestSequence()
        || round.asOfMillis() < record.highestAsOfMillis()) {
      return refused(
          RoundUpdate.Refusal.OUT_OF_ORDER,
          "round "
              + round.sequence()
              + " of "
              + round.asOfMillis()
              + " comes after round "
              + record.highestSequence()
              + " of "
              + record.highestAsOfMillis());
    }
    PublishedRound entry =
        new PublishedRound(
            round.sequence(), round.digest(), round.asOfMillis(), now, signed.signatures(), false);
    transaction.append(entry);
    transaction.put(record.withRound(entry, policy.maximumRoundAgeMillis(), now).next());
    return new RoundUpdate.Published(entry);
  }

  private static RoundUpdate refused(RoundUpdate.Refusal reason, String detail) {
    return new RoundUpdate.Refused(reason, detail);
  }

  synchronized void ready(PreparedRound round, PublishedRound entry) {
    Map<Long, PreparedRound> changed = new TreeMap<>(prepared);
    long oldest = entry.publishedAtMillis() - policy.maximumRoundAgeMillis();
    changed.values().removeIf(old -> old.round().asOfMillis() < oldest);
    changed.put(entry.sequence(), round);
    prepared = Map.copyOf(changed);
  }

  /**
   * Takes a proof that the account meets the policy's threshold on a round.
   *
   * @param account as the submitter says
   * @param roundSequence which of the venue's own rounds the proof is about, as the submitter says
   * @param proof from outside; anything at all
   * @return always a receipt; its verdict says whether the account is solvent by this proof
   */
  public ProofReceipt submitProof(String account, long roundSequence, byte[] proof) {
    Digest proofDigest = Digest.of(proof);
    Received received =
        store.transact(
            transaction ->
                new Received(
                    transaction.account(account),
                    transaction.venue(),
                    transaction.round(roundSequence),
                    transaction.nowMillis()));
    Verdict verdict = check(received, roundSequence, proof);
    if (verdict instanceof VerifiedSolvency verified) {
      verdict =
          store.transact(
              transaction ->
                  keep(
                      transaction,
                      transitions.accept(
                          existing(transaction, account),
                          transaction.venue(),
                          transaction.round(roundSequence),
                          verified,
                          proofDigest,
                          transaction.nowMillis())));
    }
    return new ProofReceipt(
        venue,
        account,
        received.record().map(record -> record.state().version()).orElse(0L),
        roundSequence,
        proofDigest,
        received.atMillis(),
        verdict);
  }

  /** What the store said when a proof came. */
  private record Received(
      Optional<AccountRecord> record,
      VenueRecord venue,
      Optional<PublishedRound> round,
      long atMillis) {}

  private Verdict check(Received received, long roundSequence, byte[] proof) {
    if (received.record().isEmpty()) {
      return new Rejected(RejectionReason.UNKNOWN_ACCOUNT, "no such account");
    }
    AccountRecord record = received.record().get();
    long now = received.atMillis();
    Optional<Rejected> refusal =
        transitions.refusal(record, received.venue(), received.round(), now);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    PreparedRound round = prepared.get(roundSequence);
    if (round == null || !round.round().digest().equals(received.round().orElseThrow().digest())) {
      return new Rejected(
          RejectionReason.UNKNOWN_ROUND, "this gate has not prepared round " + roundSequence);
    }
    Statement statement =
        SolvencyStatement.form(
            record.state(),
            round,
            policy.threshold(),
            policy.purpose(),
            now + policy.clockSkewMillis());
    if (!(statement instanceof SolvencyStatement formed)) {
      return (Rejected) statement;
    }
    Optional<Rejected> suspended = transitions.suspended(record, received.venue(), now);
    if (suspended.isPresent()) {
      return suspended.get();
    }
    return verifier.verify(formed, proof);
  }

  /** What may be concluded about an account now. */
  public AccountStatus decide(String account) {
    return store.transact(
        transaction ->
            transitions.status(
                existing(transaction, account), transaction.venue(), transaction.nowMillis()));
  }

  /**
   * Claims the liquidation of an account. Of all concurrent claims and proofs one is committed
   * first, and decides.
   *
   * @param claimant named in the order
   */
  public ClaimOutcome claimLiquidation(String account, String claimant) {
    Objects.requireNonNull(claimant);
    return transition(
        account,
        (transaction, record) ->
            transitions.claim(record, transaction.venue(), claimant, transaction.nowMillis()));
  }

  /**
   * Ends a liquidation that was carried out. The account is in grace anew: what it holds now has
   * not been proven.
   *
   * @return whether this liquidation was running
   */
  public boolean completeLiquidation(LiquidationOrder order) {
    return transition(
        order.account(),
        (transaction, record) ->
            transitions.complete(record, transaction.venue(), order, transaction.nowMillis()));
  }

  /**
   * Ends a liquidation that was not carried out. The account is liquidatable as before, and its
   * owner may prove.
   *
   * @return whether this liquidation was running
   */
  public boolean cancelLiquidation(LiquidationOrder order) {
    return transition(
        order.account(),
        (transaction, record) ->
            transitions.cancel(record, transaction.venue(), order, transaction.nowMillis()));
  }

  /**
   * Suspends an account for a fault that is not its owner's. It ends with {@link #resume}, or by
   * itself after the policy's longest time. A suspension that lasts already goes on with its own
   * start. A liquidation that was claimed goes on.
   *
   * @return the account's status now
   */
  public AccountStatus suspend(String account, SuspensionCause cause) {
    Objects.requireNonNull(cause);
    return transitionAndDecide(
        account,
        (transaction, record) ->
            transitions.suspend(record, transaction.venue(), cause, transaction.nowMillis(), true));
  }

  /**
   * Ends a suspension that {@link #suspend} or contradictory attestations began. Causes that still
   * hold, such as an expired attestation, go on.
   *
   * @return the account's status now
   */
  public AccountStatus resume(String account) {
    return transitionAndDecide(
        account,
        (transaction, record) ->
            transitions.resume(record, transaction.venue(), transaction.nowMillis(), true));
  }

  /** Stops judging: every account is suspended. Nothing happens if the breaker is open already. */
  public void openBreaker() {
    store.transact(
        transaction -> {
          VenueRecord record = transaction.venue();
          if (!record.breakerIsOpen()) {
            transaction.put(record.withBreakerOpen(transaction.nowMillis()).next());
          }
          return true;
        });
  }

  /** Judges again. Rounds that are disputed stay so. */
  public void closeBreaker() {
    store.transact(
        transaction -> {
          VenueRecord record = transaction.venue();
          if (record.breakerIsOpen()) {
            transaction.put(record.withBreakerClosed(transaction.nowMillis()).next());
          }
          return true;
        });
  }

  /**
   * Revokes an attester's key, for good: it attests no more, no statement is formed with its
   * attestations, and the accounts that it is rostered on are suspended until another key takes its
   * place.
   */
  public void revokeAttester(Ed25519PublicKey attester) {
    Objects.requireNonNull(attester);
    store.transact(
        transaction -> {
          VenueRecord record = transaction.venue();
          if (!record.revokedAtMillis().containsKey(attester)) {
            transaction.put(record.withRevoked(attester, transaction.nowMillis()).next());
          }
          return true;
        });
  }

  /** The contradictions that were seen, oldest first. */
  public List<Evidence> evidence() {
    return store.transact(Transaction::evidence);
  }

  private <R> R transition(
      String account, BiFunction<Transaction, AccountRecord, Step<R>> transition) {
    return store.transact(
        transaction ->
            keep(transaction, transition.apply(transaction, existing(transaction, account))));
  }

  private <R> AccountStatus transitionAndDecide(
      String account, BiFunction<Transaction, AccountRecord, Step<R>> transition) {
    return store.transact(
        transaction -> {
          keep(transaction, transition.apply(transaction, existing(transaction, account)));
          return transitions.status(
              existing(transaction, account), transaction.venue(), transaction.nowMillis());
        });
  }

  private static <R> R keep(Transaction transaction, Step<R> step) {
    step.changed().ifPresent(transaction::put);
    return step.result();
  }

  private static AccountRecord existing(Transaction transaction, String account) {
    return transaction
        .account(account)
        .orElseThrow(() -> new IllegalArgumentException("no account " + account));
  }
}
