package io.plimsoll.gate;

import io.plimsoll.gate.GateStore.Transaction;
import io.plimsoll.gate.GateStore.View;
import io.plimsoll.gate.GateTransitions.Step;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import java.util.Collection;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Decides about accounts, and about all of them at once: each decision is one transaction that puts
 * what changes and enters it in the journal. Nothing is signed here and no proof is verified, so an
 * auditor comes to the same decisions by the same methods. Thread-safe.
 */
final class GateDecisions {
  private final PolicedStore store;
  private final SolvencyVerifier verifier;
  private final GateTransitions transitions;
  private final OutageLog outages;
  private final JournalBudget budget;

  GateDecisions(
      PolicedStore store,
      SolvencyVerifier verifier,
      GateTransitions transitions,
      OutageLog outages,
      JournalBudget budget) {
    this.store = store;
    this.verifier = verifier;
    this.transitions = transitions;
    this.outages = outages;
    this.budget = budget;
  }

  AccountState openAccount(String account, Collection<Ed25519PublicKey> attesters)
      throws InvalidFormatException {
    int most = verifier.layout().maxAttesters();
    if (attesters.size() > most) {
      throw new InvalidFormatException(
          "account " + account + ": " + attesters.size() + " attesters, more than " + most);
    }
    AccountState opened =
        AccountState.open(store.venue(), account, verifier.circuitId(), attesters);
    Optional<Ed25519PublicKey> revoked =
        store.decide(
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

  AccountUpdate attest(Attestation attestation, boolean forced) {
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
        Unrecorded.ATTESTATION,
        (now, outcome) -> new Decision.Attested(now, attestation, forced, outcome));
  }

  AccountUpdate execute(Execution execution) {
    Attestation attestation = execution.attestation();
    return update(
        attestation.body().account(),
        Optional.of(attestation),
        (transaction, record) ->
            transitions.execute(
                record,
                transaction.venue(),
                execution,
                logged(transaction, attestation),
                transaction.nowMillis()),
        Unrecorded.ATTESTATION,
        (now, outcome) -> new Decision.ExecutionDecided(now, execution, outcome));
  }

  AccountUpdate changeRoster(String account, RosterChange change) {
    Optional<Attestation> closing =
        change instanceof RosterChange.Leave leave
            ? Optional.of(leave.closing())
            : Optional.empty();
    if (closing.isPresent() && !closing.get().body().account().equals(account)) {
      // Looked up nowhere: else what is known of one account could be held against another.
      return new AccountUpdate.Refused(
          AccountUpdate.Refusal.WRONG_ACCOUNT,
          "attestation is for account " + closing.get().body().account() + ", not " + account);
    }
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
        Unrecorded.ROSTER_CHANGE,
        (now, outcome) -> new Decision.RosterDecided(now, account, change, outcome));
  }

  private Optional<Attestation> logged(Transaction transaction, Attestation attestation) {
    AttestationBody body = attestation.body();
    return body.venue().equals(store.venue())
        ? transaction.attestation(body.account(), body.attester(), body.version())
        : Optional.empty();
  }

  private AccountUpdate update(
      String account,
      Optional<Attestation> attestation,
      BiFunction<Transaction, AccountRecord, Step<AccountUpdate>> transition,
      Unrecorded kind,
      BiFunction<Long, String, Decision> decision) {
    // Outside the transaction: it takes a while the first time.
    attestation.filter(this::isRostered).ifPresent(verifier::scopeRefusal);
    JournalBudget.Entry entry = budget.entry();
    String sender = attestation.map(by -> by.body().attester().toString()).orElse("");
    return store.decide(
        transaction -> {
          if (transaction.account(account).isEmpty()) {
            return new AccountUpdate.Refused(
                AccountUpdate.Refusal.UNKNOWN_ACCOUNT, "no account " + account);
          }
          Step<AccountUpdate> step = transition.apply(transaction, current(transaction, account));
          if (step.result() instanceof AccountUpdate.Equivocation two
              && transaction.evidence().stream().anyMatch(kept -> isAbout(kept, two.second()))) {
            return two;
          }
          long round = transaction.venue().highestSequence();
          if (step.result() instanceof AccountUpdate.Equivocation two
              && step.changed().isEmpty()
              && !entry.records(Unrecorded.CONTRADICTION, account, sender, round)) {
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
              .filter(
                  outcome ->
                      !(update instanceof AccountUpdate.Refused)
                          || entry.records(kind, account, sender, round))
              .ifPresent(
                  outcome -> transaction.append(decision.apply(transaction.nowMillis(), outcome)));
          if (update instanceof AccountUpdate.Accepted) {
            attestation
                .filter(taken -> logged(transaction, taken).isEmpty())
                .ifPresent(transaction::append);
          } else if (update instanceof AccountUpdate.Equivocation two) {
            transaction.append(
                new Evidence.TwoAttestations(two.known(), two.second(), transaction.nowMillis()));
          }
          return update;
        });
  }

  /**
   * A word or two; empty if there was nothing to decide. Those whom an account does not know can
   * neither fill its journal nor see from the journal's growth that there is such an account.
   */
  private static Optional<String> outcome(AccountUpdate update) {
    if (update instanceof AccountUpdate.Refused refused) {
      return refused.reason() == AccountUpdate.Refusal.ALREADY_KNOWN
              || refused.reason() == AccountUpdate.Refusal.NOT_ROSTERED
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

  /** A release, the last one again if nothing has been attested since. */
  record ReleaseDecision(Optional<Release> release, Optional<ReleaseOutcome.Refused> refusal) {}

  ReleaseDecision release(String account, Ed25519PublicKey attester) {
    return store.decide(
        transaction -> {
          if (transaction.account(account).isEmpty()) {
            return refused(ReleaseOutcome.Refusal.UNKNOWN_ACCOUNT, "no account " + account);
          }
          AccountRecord record = current(transaction, account);
          long now = transaction.nowMillis();
          Optional<Release> last = lastRelease(record, attester);
          if (last.isPresent()) {
            return new ReleaseDecision(last, Optional.empty());
          }
          Optional<ReleaseOutcome.Refused> refusal =
              transitions.releaseRefusal(record, transaction.venue(), attester, now);
          if (refusal.isPresent()) {
            return new ReleaseDecision(Optional.empty(), refusal);
          }
          Release release =
              keep(transaction, transitions.release(record, transaction.venue(), attester, now));
          transaction.append(new Decision.Released(now, release));
          return new ReleaseDecision(Optional.of(release), Optional.empty());
        });
  }

  private static ReleaseDecision refused(ReleaseOutcome.Refusal reason, String detail) {
    return new ReleaseDecision(
        Optional.empty(), Optional.of(new ReleaseOutcome.Refused(reason, detail)));
  }

  /** The release by the attester's current version, if it was issued: saying it again is safe. */
  private static Optional<Release> lastRelease(AccountRecord record, Ed25519PublicKey attester) {
    Optional<Digest> binding =
        GateTransitions.binding(record.state(), attester).map(Attestation::digest);
    return Optional.ofNullable(record.releases().get(attester))
        .filter(release -> binding.equals(Optional.of(release.successorDigest())));
  }

  /** The order of a claim, or what the account is instead of liquidatable. */
  record ClaimDecision(Optional<LiquidationOrder> order, AccountStatus status) {}

  ClaimDecision claim(String account, String claimant) {
    JournalBudget.Entry entry = budget.entry();
    return store.decide(
        transaction -> {
          AccountRecord record = current(transaction, account);
          long now = transaction.nowMillis();
          AccountStatus status = transitions.status(record, transaction.venue(), now);
          Optional<LiquidationOrder> order =
              keep(transaction, transitions.claim(record, transaction.venue(), claimant, now));
          String outcome =
              order.isPresent() ? "claimed" : "refused: " + status.getClass().getSimpleName();
          long round = transaction.venue().highestSequence();
          if (order.isPresent() || entry.records(Unrecorded.CLAIM, account, claimant, round)) {
            transaction.append(
                new Decision.ClaimDecided(
                    now,
                    account,
                    claimant,
                    order.map(LiquidationOrder::gateVersion).orElse(0L),
                    outcome));
          }
          return new ClaimDecision(order, status);
        });
  }

  /** Ends the liquidation under this very order, if it runs. */
  boolean end(LiquidationOrder order, boolean completed) {
    return store.decide(
        transaction -> {
          AccountRecord record = current(transaction, order.account());
          long now = transaction.nowMillis();
          boolean ended =
              keep(
                  transaction, transitions.end(record, transaction.venue(), order, completed, now));
          if (ended) {
            transaction.append(
                new Decision.LiquidationEnded(
                    now,
                    order.account(),
                    order.gateVersion(),
                    completed ? Decision.Ending.COMPLETED : Decision.Ending.CANCELLED));
          }
          return ended;
        });
  }

  /** Ends a liquidation whose time has passed, if there is one. */
  void endLapsed(String account) {
    store.decide(transaction -> current(transaction, account));
  }

  AccountStatus suspend(String account, SuspensionCause cause) {
    return transition(
        account,
        (transaction, record) ->
            transitions.suspend(record, transaction.venue(), cause, transaction.nowMillis(), true),
        now -> new Decision.SuspensionChanged(now, account, Optional.of(cause)));
  }

  AccountStatus resume(String account) {
    return transition(
        account,
        (transaction, record) ->
            transitions.resume(record, transaction.venue(), transaction.nowMillis(), true),
        now -> new Decision.SuspensionChanged(now, account, Optional.empty()));
  }

  private AccountStatus transition(
      String account,
      BiFunction<Transaction, AccountRecord, Step<Boolean>> transition,
      Function<Long, Decision> decision) {
    return store.decide(
        transaction -> {
          Step<Boolean> step = transition.apply(transaction, current(transaction, account));
          keep(transaction, step);
          if (step.changed().isPresent()) {
            transaction.append(decision.apply(transaction.nowMillis()));
          }
          return transitions.status(
              existing(transaction, account), transaction.venue(), transaction.nowMillis());
        });
  }

  void openBreaker() {
    store.decide(
        transaction -> {
          VenueRecord record = transaction.venue();
          VenueRecord opened =
              record.withBreakerOpen(
                  transaction.nowMillis(), store.policy().maximumSuspensionMillis());
          if (!opened.outages().equals(record.outages())) {
            outages.put(transaction, opened);
            transaction.append(new Decision.BreakerMoved(transaction.nowMillis(), true));
          }
          return true;
        });
  }

  void closeBreaker() {
    store.decide(
        transaction -> {
          VenueRecord record = transaction.venue();
          if (record.breakerIsOpen()) {
            outages.put(transaction, record.withBreakerClosed(transaction.nowMillis()));
            transaction.append(new Decision.BreakerMoved(transaction.nowMillis(), false));
          }
          return true;
        });
  }

  void revokeAttester(Ed25519PublicKey attester) {
    store.decide(
        transaction -> {
          VenueRecord record = transaction.venue();
          if (!record.revokedAtMillis().containsKey(attester)) {
            transaction.put(record.withRevoked(attester, transaction.nowMillis()).next());
            transaction.append(new Decision.AttesterRevoked(transaction.nowMillis(), attester));
          }
          return true;
        });
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
            current(transaction, account),
            transaction.venue(),
            transaction.round(roundSequence),
            verified,
            proofDigest,
            transaction.nowMillis()));
  }

  /** The record as it is now: a liquidation whose time has passed is ended first. */
  private AccountRecord current(Transaction transaction, String account) {
    AccountRecord record = existing(transaction, account);
    long now = transaction.nowMillis();
    AccountRecord lapsed = transitions.asOf(record, now);
    if (lapsed.liquidation().equals(record.liquidation())) {
      return record;
    }
    AccountRecord ended = lapsed.next();
    transaction.put(ended);
    transaction.append(
        new Decision.LiquidationEnded(
            now,
            account,
            record.liquidation().orElseThrow().order().gateVersion(),
            Decision.Ending.LAPSED));
    return ended;
  }

  private static <R> R keep(Transaction transaction, Step<R> step) {
    step.changed().ifPresent(transaction::put);
    return step.result();
  }

  /**
   * The record of an account.
   *
   * @throws IllegalArgumentException if there is none
   */
  static AccountRecord existing(View view, String account) {
    return view.account(account)
        .orElseThrow(() -> new IllegalArgumentException("no account " + account));
  }
}
