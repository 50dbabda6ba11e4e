package io.plimsoll.gate;

import io.plimsoll.gate.GateStore.Transaction;
import io.plimsoll.gate.GateStore.View;
import io.plimsoll.gate.GateTransitions.Step;
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
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import io.plimsoll.verifier.VerifyingKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;

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
 * that matters is in the store, so several gates may share one if they have one policy, and a
 * restart loses nothing. What a gate keeps for itself are the prepared rounds; one that it has not
 * prepared it takes from the store. Every decision is entered in the store's journal in the
 * transaction that makes it.
 */
public final class LiquidationGate {
  private final String venue;
  private final SolvencyVerifier verifier;
  private final PublisherPolicy publishers;
  private final GatePolicy policy;
  private final GateStore store;
  private final GateTransitions transitions;
  private final ProofJudge judge;
  private final Decision.PolicySet inForce;
  private final Digest inForceDigest;

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
    this.judge = new ProofJudge(verifier, policy, transitions);
    this.inForce =
        new Decision.PolicySet(
            0,
            venue,
            verifier.circuitId(),
            policy,
            publishers.required(),
            List.copyOf(new TreeSet<>(publishers.publishers())));
    this.inForceDigest = inForce.digest();
  }

  /**
   * A gate.
   *
   * @param venue as attestations and rounds name it
   * @param verifier of the one circuit
   * @param publishers whose rounds count
   * @param store its records, perhaps of an earlier gate; from here on this gate's policy is in
   *     force, and an earlier gate with another one decides no more
   * @throws InvalidFormatException if the venue's name has no canonical form
   * @throws IllegalArgumentException if the store is another venue's or another circuit's
   */
  public static LiquidationGate create(
      String venue,
      SolvencyVerifier verifier,
      PublisherPolicy publishers,
      GatePolicy policy,
      GateStore store)
      throws InvalidFormatException {
    CanonicalWriter.requireText("venue", venue);
    LiquidationGate gate = new LiquidationGate(venue, verifier, publishers, policy, store);
    gate.putPolicyInForce();
    return gate;
  }

  private void putPolicyInForce() {
    store.transact(
        transaction -> {
          requireSameStory(transaction);
          if (!transaction.policyDigest().equals(inForceDigest)) {
            transaction.append(
                new Decision.PolicySet(
                    transaction.nowMillis(),
                    venue,
                    inForce.circuitId(),
                    policy,
                    inForce.requiredPublishers(),
                    inForce.publishers()));
          }
          return true;
        });
  }

  /** One store tells the story of one venue and one circuit. */
  private void requireSameStory(Transaction transaction) {
    for (JournalRecord first : transaction.journal(1, 1)) {
      if (first.decision() instanceof Decision.PolicySet set
          && !(set.venue().equals(venue) && set.circuitId().equals(inForce.circuitId()))) {
        throw new IllegalArgumentException(
            "the store is that of venue " + set.venue() + ", circuit " + set.circuitId());
      }
    }
  }

  /** A transaction of a gate whose policy is in force. */
  private <R> R decideIn(Function<Transaction, R> work) {
    return store.transact(
        transaction -> {
          if (!transaction.policyDigest().equals(inForceDigest)) {
            throw new IllegalStateException(
                "another gate on this store has put another policy in force");
          }
          return work.apply(transaction);
        });
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
        decideIn(
            transaction -> {
              if (transaction.account(account).isPresent()) {
                throw new IllegalArgumentException("account " + account + " is open already");
              }
              for (Ed25519PublicKey attester : attesters) {
                if (transaction.venue().revokedAtMillis().containsKey(attester)) {
                  return Optional.of(attester);
                }
              }
              long now = transaction.nowMillis();
              transaction.put(AccountRecord.opened(opened, now));
              transaction.append(
                  new Decision.AccountOpened(now, account, opened.roster().attesters()));
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
    return store.read(view -> existing(view, account).state());
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
                transaction.nowMillis()),
        (now, outcome) -> new Decision.Attested(now, attestation, forced, outcome));
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
                transaction.nowMillis()),
        (now, outcome) -> new Decision.RosterDecided(now, account, change, outcome));
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
      BiFunction<Transaction, AccountRecord, Step<AccountUpdate>> transition,
      BiFunction<Long, String, Decision> decision) {
    // Outside the transaction: it takes a while the first time.
    attestation.filter(this::isRostered).ifPresent(verifier::scopeRefusal);
    return decideIn(
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
          AccountUpdate update =
              unproven.isPresent()
                  ? new AccountUpdate.Refused(
                      AccountUpdate.Refusal.SCOPE_NOT_PROVEN, unproven.get())
                  : keep(transaction, step);
          outcome(update)
              .ifPresent(
                  outcome -> transaction.append(decision.apply(transaction.nowMillis(), outcome)));
          if (update instanceof AccountUpdate.Accepted) {
            attestation.ifPresent(transaction::append);
          } else if (update instanceof AccountUpdate.Equivocation two) {
            transaction.append(
                new Evidence.TwoAttestations(two.known(), two.second(), transaction.nowMillis()));
          }
          return update;
        });
  }

  /** A word or two; empty if there was nothing to decide. */
  private static Optional<String> outcome(AccountUpdate update) {
    if (update instanceof AccountUpdate.Refused refused) {
      return refused.reason() == AccountUpdate.Refusal.ALREADY_KNOWN
          ? Optional.empty()
          : Optional.of("refused: " + refused.reason());
    }
    return Optional.of(update instanceof AccountUpdate.Accepted ? "accepted" : "equivocation");
  }

  /** Whether the attestation is by somebody whose word could count: strangers cost no sums. */
  private boolean isRostered(Attestation attestation) {
    AttestationBody body = attestation.body();
    return store.read(
        view ->
            view.account(body.account())
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
    RoundUpdate update =
        decideIn(
            transaction -> {
              boolean known = isKnown(transaction, round);
              RoundUpdate entered = enter(transaction, signed, unusable);
              if (!known) {
                transaction.append(
                    new Decision.RoundDecided(transaction.nowMillis(), signed, outcome(entered)));
              }
              return entered;
            });
    if (update instanceof RoundUpdate.Published published) {
      ready(usable.orElseThrow(), published.round());
    }
    return update;
  }

  /** Whether the gate has decided on this very round before, in a way that still stands. */
  private static boolean isKnown(Transaction transaction, RiskRound round) {
    Optional<PublishedRound> known = transaction.round(round.sequence());
    return known.isPresent()
        && (known.get().digest().equals(round.digest())
            || transaction.evidence().stream().anyMatch(kept -> isAbout(kept, round)));
  }

  private static boolean isAbout(Evidence kept, RiskRound second) {
    return kept instanceof Evidence.TwoRounds two
        && two.second().round().digest().equals(second.digest());
  }

  private static String outcome(RoundUpdate update) {
    if (update instanceof RoundUpdate.Refused refused) {
      return "refused: " + refused.reason();
    }
    return update instanceof RoundUpdate.Published ? Decision.RoundDecided.PUBLISHED : "conflict";
  }

  private RoundUpdate enter(
      Transaction transaction, SignedRound signed, Optional<String> unusable) {
    RiskRound round = signed.round();
    long now = transaction.nowMillis();
    VenueRecord record = transaction.venue();
    Optional<PublishedRound> known = transaction.round(round.sequence());
    if (known.isPresent() && !known.get().digest().equals(round.digest())) {
      for (Evidence kept : transaction.evidence()) {
        if (isAbout(kept, round)) {
          return new RoundUpdate.Conflict((Evidence.TwoRounds) kept);
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
    return submitOwned(account, roundSequence, proof.clone());
  }

  /** With bytes that nobody changes between the verdict and the journal. */
  private ProofReceipt submitOwned(String account, long roundSequence, byte[] proof) {
    Digest proofDigest = Digest.of(proof);
    ProofJudge.Received received =
        store.read(
            view ->
                new ProofJudge.Received(
                    view.account(account),
                    view.venue(),
                    view.round(roundSequence),
                    view.nowMillis()));
    Verdict verdict = judge(received, proof);
    if (received.record().isPresent()) {
      AccountRecord record = received.record().get();
      Verdict judged = verdict;
      verdict =
          decideIn(
              transaction -> {
                Verdict decided =
                    judged instanceof VerifiedSolvency verified
                        ? accept(transaction, account, roundSequence, verified, proofDigest)
                        : judged;
                transaction.append(
                    new Decision.ProofJudged(
                        transaction.nowMillis(),
                        received.atMillis(),
                        account,
                        record.version(),
                        received.venue().version(),
                        record.state().version(),
                        record.state().attestationSetDigest(),
                        roundSequence,
                        policy.threshold(),
                        policy.purpose(),
                        proofDigest,
                        ProofBytes.of(
                            proof.length == VerifyingKey.PROOF_BYTES ? proof : new byte[0]),
                        ProofJudge.outcome(decided)));
                return decided;
              });
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

  /** The verdict on what the store said when the proof came. */
  Verdict judge(ProofJudge.Received received, byte[] proof) {
    return judge.judge(received, sequence -> preparedRound(sequence, received.round()), proof);
  }

  /** Accepts a verified proof, if it still fits what the store says now. */
  Verdict accept(
      Transaction transaction,
      String account,
      long roundSequence,
      VerifiedSolvency verified,
      Digest proofDigest) {
    return keep(
        transaction,
        transitions.accept(
            existing(transaction, account),
            transaction.venue(),
            transaction.round(roundSequence),
            verified,
            proofDigest,
            transaction.nowMillis()));
  }

  /** The round that the log names, prepared here before or now. */
  private Optional<PreparedRound> preparedRound(long sequence, Optional<PublishedRound> logged) {
    if (logged.isEmpty()) {
      return Optional.empty();
    }
    PreparedRound known = prepared.get(sequence);
    if (known != null && known.round().digest().equals(logged.get().digest())) {
      return Optional.of(known);
    }
    Optional<SignedRound> kept = store.read(view -> view.signedRound(sequence));
    if (kept.isEmpty() || !kept.get().round().digest().equals(logged.get().digest())) {
      return Optional.empty();
    }
    try {
      PreparedRound again = verifier.prepare(kept.get().round());
      ready(again, logged.get());
      return Optional.of(again);
    } catch (InvalidFormatException e) {
      throw new IllegalStateException("a published round is not in bounds: " + e.getMessage(), e);
    }
  }

  /** What may be concluded about an account now. */
  public AccountStatus decide(String account) {
    return store.read(
        view -> transitions.status(existing(view, account), view.venue(), view.nowMillis()));
  }

  /**
   * Claims the liquidation of an account. Of all concurrent claims and proofs one is committed
   * first, and decides.
   *
   * @param claimant named in the order; canonical text
   * @throws IllegalArgumentException if the claimant's name has no canonical form
   */
  public ClaimOutcome claimLiquidation(String account, String claimant) {
    try {
      CanonicalWriter.requireText("claimant", claimant);
    } catch (InvalidFormatException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return transition(
        account,
        (transaction, record) ->
            transitions.claim(record, transaction.venue(), claimant, transaction.nowMillis()),
        (now, outcome) -> {
          long order =
              outcome instanceof ClaimOutcome.Claimed claimed ? claimed.order().gateVersion() : 0;
          String said =
              outcome instanceof ClaimOutcome.Refused refused
                  ? "refused: " + refused.status().getClass().getSimpleName()
                  : "claimed";
          return Optional.of(new Decision.ClaimDecided(now, account, claimant, order, said));
        });
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
            transitions.complete(record, transaction.venue(), order, transaction.nowMillis()),
        (now, ended) -> ended(now, order, true, ended));
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
            transitions.cancel(record, transaction.venue(), order, transaction.nowMillis()),
        (now, ended) -> ended(now, order, false, ended));
  }

  private static Optional<Decision> ended(
      long now, LiquidationOrder order, boolean completed, boolean ended) {
    return ended
        ? Optional.of(
            new Decision.LiquidationEnded(now, order.account(), order.gateVersion(), completed))
        : Optional.empty();
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
            transitions.suspend(record, transaction.venue(), cause, transaction.nowMillis(), true),
        now -> new Decision.SuspensionChanged(now, account, Optional.of(cause)));
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
            transitions.resume(record, transaction.venue(), transaction.nowMillis(), true),
        now -> new Decision.SuspensionChanged(now, account, Optional.empty()));
  }

  /** Stops judging: every account is suspended. Nothing happens if the breaker is open already. */
  public void openBreaker() {
    decideIn(
        transaction -> {
          VenueRecord record = transaction.venue();
          if (!record.breakerIsOpen()) {
            transaction.put(record.withBreakerOpen(transaction.nowMillis()).next());
            transaction.append(new Decision.BreakerMoved(transaction.nowMillis(), true));
          }
          return true;
        });
  }

  /** Judges again. Rounds that are disputed stay so. */
  public void closeBreaker() {
    decideIn(
        transaction -> {
          VenueRecord record = transaction.venue();
          if (record.breakerIsOpen()) {
            transaction.put(record.withBreakerClosed(transaction.nowMillis()).next());
            transaction.append(new Decision.BreakerMoved(transaction.nowMillis(), false));
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
    decideIn(
        transaction -> {
          VenueRecord record = transaction.venue();
          if (!record.revokedAtMillis().containsKey(attester)) {
            transaction.put(record.withRevoked(attester, transaction.nowMillis()).next());
            transaction.append(new Decision.AttesterRevoked(transaction.nowMillis(), attester));
          }
          return true;
        });
  }

  /** The contradictions that were seen, oldest first. */
  public List<Evidence> evidence() {
    return store.read(View::evidence);
  }

  private <R> R transition(
      String account,
      BiFunction<Transaction, AccountRecord, Step<R>> transition,
      BiFunction<Long, R, Optional<Decision>> decision) {
    return decideIn(
        transaction -> {
          R result =
              keep(transaction, transition.apply(transaction, existing(transaction, account)));
          decision.apply(transaction.nowMillis(), result).ifPresent(transaction::append);
          return result;
        });
  }

  private AccountStatus transitionAndDecide(
      String account,
      BiFunction<Transaction, AccountRecord, Step<Boolean>> transition,
      Function<Long, Decision> decision) {
    return decideIn(
        transaction -> {
          Step<Boolean> step = transition.apply(transaction, existing(transaction, account));
          keep(transaction, step);
          if (step.changed().isPresent()) {
            transaction.append(decision.apply(transaction.nowMillis()));
          }
          return transitions.status(
              existing(transaction, account), transaction.venue(), transaction.nowMillis());
        });
  }

  private static <R> R keep(Transaction transaction, Step<R> step) {
    step.changed().ifPresent(transaction::put);
    return step.result();
  }

  private static AccountRecord existing(View view, String account) {
    return view.account(account)
        .orElseThrow(() -> new IllegalArgumentException("no account " + account));
  }
}
