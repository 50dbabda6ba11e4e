package io.plimsoll.gate;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The gate's rules: pure functions of a record, an event and the time. Nothing here reads a clock,
 * takes a lock or verifies a proof. Immutable and thread-safe.
 *
 * <p>Suspended time is added up whenever a record changes and, in between, worked out from instants
 * that are kept: causes come and go at known times even if nothing happens to the account.
 */
final class GateTransitions {
  private final GatePolicy policy;

  GateTransitions(GatePolicy policy) {
    this.policy = policy;
  }

  /** A result and, if it changed, the record to keep with it. */
  record Step<R>(Optional<AccountRecord> changed, R result) {
    static <R> Step<R> unchanged(R result) {
      return new Step<>(Optional.empty(), result);
    }

    static <R> Step<R> changed(AccountRecord record, R result) {
      return new Step<>(Optional.of(record), result);
    }
  }

  AccountStatus status(AccountRecord kept, VenueRecord venue, long now) {
    AccountRecord record = asOf(kept, now);
    if (record.liquidation().isPresent()) {
      Liquidation running = record.liquidation().get();
      return new AccountStatus.Liquidating(running.order(), running.attested());
    }
    Count count = count(record, venue, now);
    if (count.active().isPresent()) {
      Suspension active = count.active().get();
      return new AccountStatus.Suspended(active.cause(), active.fromMillis(), active.toMillis());
    }
    long due = record.solventUntilMillis();
    if (now < due) {
      return new AccountStatus.Solvent(due);
    }
    long liquidatableAt =
        due + count.suspendedPastDue() + policy.clockSkewMillis() + policy.graceMillis();
    if (now < liquidatableAt) {
      return new AccountStatus.InGrace(due, liquidatableAt);
    }
    long wholeAt = liquidatableAt + policy.softLiquidationMillis();
    Fraction fraction = now < wholeAt ? policy.liquidationFraction() : Fraction.WHOLE;
    return new AccountStatus.Liquidatable(liquidatableAt, fraction, wholeAt);
  }

  /**
   * The record without a liquidation whose time has passed; the same one if there is none. The skew
   * is waited for: an attester whose clock is behind may execute the order until then. If some
   * attester has said under the order what is left, it ends as one that was carried out, and the
   * account is in grace anew; else as one that was not.
   */
  AccountRecord asOf(AccountRecord record, long now) {
    if (record.liquidation().isEmpty()) {
      return record;
    }
    Liquidation running = record.liquidation().get();
    long end = running.order().notAfterMillis() + policy.clockSkewMillis();
    if (now < end) {
      return record;
    }
    return running.attested().isEmpty() ? record.cancelled(end) : record.liquidated(end);
  }

  /**
   * Suspended time up to {@code now}, and the suspension that holds then.
   *
   * @param suspended since the last accepted proof
   * @param suspendedPastDue the part of it after the proof stopped counting
   * @param active cause and start of the longest cause; end of the suspension at the latest
   */
  record Count(long suspended, long suspendedPastDue, Optional<Suspension> active) {}

  Count count(AccountRecord record, VenueRecord venue, long now) {
    long suspended = record.suspendedMillis();
    long pastDue = record.suspendedPastDueMillis();
    if (record.liquidation().isPresent()) {
      return new Count(suspended, pastDue, Optional.empty());
    }
    List<Suspension> causes = causes(record, venue);
    causes.sort(Comparator.comparingLong(Suspension::fromMillis));
    // The union of the causes since the last count, as far as the budget goes.
    long countedTo = record.countedToMillis();
    for (Suspension cause : causes) {
      long from = Math.max(cause.fromMillis(), countedTo);
      long to = Math.min(cause.toMillis(), now);
      to = Math.min(to, from + policy.maximumSuspensionMillis() - suspended);
      if (to > from) {
        suspended += to - from;
        pastDue += Math.max(0, to - Math.max(from, record.solventUntilMillis()));
        countedTo = to;
      }
    }
    long budget = policy.maximumSuspensionMillis() - suspended;
    Optional<Suspension> active = Optional.empty();
    if (budget > 0) {
      List<Suspension> holding = new ArrayList<>(causes);
      holding.removeIf(cause -> now < cause.fromMillis() || now >= cause.toMillis());
      if (!holding.isEmpty()) {
        long end = holding.stream().mapToLong(Suspension::toMillis).max().getAsLong();
        active =
            Optional.of(
                new Suspension(
                    holding.get(0).cause(),
                    holding.get(0).fromMillis(),
                    Math.min(end, now + budget)));
      }
    }
    return new Count(suspended, pastDue, active);
  }

  /** Every cause to suspend the account, past ones included, each as long as one may last. */
  private List<Suspension> causes(AccountRecord record, VenueRecord venue) {
    List<Suspension> causes = new ArrayList<>(venue.outages());
    causes.add(Suspension.since(SuspensionCause.ROUND_MISSING, venue.roundsFreshUntilMillis()));
    record
        .suspension()
        .ifPresent(
            fault ->
                causes.add(own(record, fault.cause() == SuspensionCause.NEWCOMER_FAULT, fault)));
    AccountState state = record.state();
    if (!state.isComplete()) {
      causes.add(
          own(
              record,
              isIncompleteByItsOwner(record),
              Suspension.since(SuspensionCause.ATTESTATION_MISSING, record.changedAtMillis())));
    }
    for (Attestation attestation : state.attestations()) {
      causes.add(
          own(
              record,
              record.newcomers().contains(attestation.body().attester()),
              Suspension.since(
                  SuspensionCause.ATTESTATION_EXPIRED,
                  attestation.body().notAfterMillis() - policy.lockCoverMillis())));
    }
    if (!record.awaited().isEmpty()) {
      causes.add(
          Suspension.since(SuspensionCause.ATTESTATION_MISSING, record.liquidationEndedAtMillis()));
    }
    for (Ed25519PublicKey attester : state.roster().attesters()) {
      Long revokedAt = venue.revokedAtMillis().get(attester);
      if (revokedAt != null) {
        causes.add(
            own(
                record,
                record.newcomers().contains(attester),
                Suspension.since(SuspensionCause.ATTESTER_REVOKED, revokedAt)));
      }
    }
    List<Suspension> bounded = new ArrayList<>();
    for (Suspension cause : causes) {
      long from = Math.max(cause.fromMillis(), record.openedAtMillis());
      // A cause too far ahead for its end to be a number does not begin while anybody counts.
      long end = from + policy.maximumSuspensionMillis();
      long to = Math.min(cause.toMillis(), end);
      if (end > from && to > from) {
        bounded.add(new Suspension(cause.cause(), from, to));
      }
    }
    return bounded;
  }

  /**
   * A cause as long as it suspends. What an owner brings about by asking for an attester suspends
   * while the last proof counts and no longer: else an owner that cannot prove could put off
   * liquidation at will, by asking for somebody who never attests, or who contradicts itself.
   *
   * @param own whether the owner has brought it about
   */
  private static Suspension own(AccountRecord record, boolean own, Suspension cause) {
    return own
        ? cause.endedAt(
            Math.max(cause.fromMillis(), Math.min(cause.toMillis(), record.solventUntilMillis())))
        : cause;
  }

  /** Whether those alone are missing that the owner has asked for, or everybody has left. */
  private static boolean isIncompleteByItsOwner(AccountRecord record) {
    AccountState state = record.state();
    List<Ed25519PublicKey> attesters = state.roster().attesters();
    return attesters.isEmpty()
        ? !state.departed().isEmpty()
        : attesters.stream()
            .filter(attester -> state.attestation(attester).isEmpty())
            .allMatch(record.newcomers()::contains);
  }

  /** The next version of a record, with suspended time added up: the start of every change. */
  AccountRecord counted(AccountRecord record, VenueRecord venue, long now) {
    Count count = count(record, venue, now);
    return record.counted(now, count.suspended(), count.suspendedPastDue());
  }

  /** Why a proof for this account and round would be refused whatever it is. */
  Optional<Rejected> refusal(
      AccountRecord record, VenueRecord venue, Optional<PublishedRound> logged, long now) {
    Optional<Liquidation> running = record.liquidation();
    if (!record.awaited().isEmpty()) {
      return running.isPresent()
          ? rejected(
              RejectionReason.LIQUIDATING,
              "claimed at "
                  + running.get().order().claimedAtMillis()
                  + "; "
                  + record.awaited().size()
                  + " attesters have not said what is left")
          : rejected(
              RejectionReason.MISSING_ATTESTATION,
              record.awaited().size()
                  + " attesters have not said what is left after a liquidation order");
    }
    if (logged.isEmpty()) {
      return rejected(RejectionReason.UNKNOWN_ROUND, "no round with this number was published");
    }
    PublishedRound round = logged.get();
    if (round.disputed()) {
      return rejected(
          RejectionReason.DISPUTED_ROUND, "two rounds have the number " + round.sequence());
    }
    if (round.asOfMillis() > now + policy.clockSkewMillis()) {
      return rejected(
          RejectionReason.FUTURE_ROUND, "round is of " + round.asOfMillis() + ", it is " + now);
    }
    if (round.asOfMillis() + policy.maximumRoundAgeMillis() <= now + policy.clockSkewMillis()) {
      return rejected(
          RejectionReason.STALE_ROUND,
          "round is of "
              + round.asOfMillis()
              + ", it is "
              + now
              + ", allowed age "
              + policy.maximumRoundAgeMillis()
              + " less skew "
              + policy.clockSkewMillis());
    }
    if (record.lastProof().isPresent()
        && round.sequence() < record.lastProof().get().roundSequence()) {
      return rejected(
          RejectionReason.STALE_ROUND,
          "round has number "
              + round.sequence()
              + ", the last accepted proof "
              + record.lastProof().get().roundSequence());
    }
    for (Ed25519PublicKey attester : record.state().roster().attesters()) {
      if (venue.revokedAtMillis().containsKey(attester)) {
        return rejected(RejectionReason.REVOKED_ATTESTER, "key " + attester + " is revoked");
      }
    }
    return Optional.empty();
  }

  /** Why no proof is taken although a statement could be formed. */
  Optional<Rejected> suspended(AccountRecord record, VenueRecord venue, long now) {
    // A liquidation that a proof would end does not hide a fault.
    AccountRecord judged = record.liquidation().isPresent() ? record.cancelled(now) : record;
    if (status(judged, venue, now) instanceof AccountStatus.Suspended suspended) {
      return rejected(
          RejectionReason.SUSPENDED, suspended.cause() + " since " + suspended.sinceMillis());
    }
    // Nor is one that does not stop the clock a reason to take the word of whoever is at fault.
    return record
        .suspension()
        .filter(fault -> fault.cause() == SuspensionCause.NEWCOMER_FAULT)
        .filter(fault -> now - fault.fromMillis() < policy.maximumSuspensionMillis())
        .flatMap(
            fault ->
                rejected(
                    RejectionReason.SUSPENDED, fault.cause() + " since " + fault.fromMillis()));
  }

  private static Optional<Rejected> rejected(RejectionReason reason, String detail) {
    return Optional.of(new Rejected(reason, detail));
  }

  /**
   * Accepts a verified proof, if account, round and time are still such that it counts: everything
   * that the verdict names is compared with the record again.
   */
  Step<Verdict> accept(
      AccountRecord record,
      VenueRecord venue,
      Optional<PublishedRound> logged,
      VerifiedSolvency verified,
      Digest proofDigest,
      long now) {
    Optional<Rejected> refusal = refusal(record, venue, logged, now);
    if (refusal.isEmpty()) {
      refusal = mismatch(record, logged.orElseThrow(), verified, now);
    }
    if (refusal.isEmpty()) {
      refusal = suspended(record, venue, now);
    }
    if (refusal.isPresent()) {
      return Step.unchanged(refusal.get());
    }
    AcceptedProof proof =
        new AcceptedProof(
            proofDigest,
            verified.accountVersion(),
            verified.rosterVersion(),
            verified.attestationSetDigest(),
            verified.roundSequence(),
            verified.roundDigest(),
            verified.roundAsOfMillis(),
            verified.threshold(),
            verified.purpose(),
            versions(record.state()),
            now);
    long solventUntil =
        Math.min(
            verified.roundAsOfMillis() + policy.maximumRoundAgeMillis(),
            verified.earliestNotAfterMillis() - policy.lockCoverMillis());
    return Step.changed(counted(record, venue, now).proven(proof, solventUntil), verified);
  }

  /** The time at which an attestation must still be good to be of use now. */
  long goodAt(long now) {
    return now + policy.clockSkewMillis() + policy.lockCoverMillis();
  }

  private static Map<Ed25519PublicKey, Long> versions(AccountState state) {
    Map<Ed25519PublicKey, Long> versions = new HashMap<>();
    // An attester that came back has both, and the later version is the current one's.
    state.departed().forEach(a -> versions.put(a.body().attester(), a.body().version()));
    state.attestations().forEach(a -> versions.put(a.body().attester(), a.body().version()));
    return versions;
  }

  private Optional<Rejected> mismatch(
      AccountRecord record, PublishedRound round, VerifiedSolvency verified, long now) {
    AccountState state = record.state();
    if (!verified.circuitId().equals(state.circuitId())) {
      return rejected(RejectionReason.WRONG_CIRCUIT, "account is under " + state.circuitId());
    }
    if (!verified.venue().equals(state.venue())) {
      return rejected(RejectionReason.WRONG_VENUE, "account is at " + state.venue());
    }
    if (!verified.account().equals(state.account())
        || verified.accountVersion() != state.version()
        || verified.rosterVersion() != state.roster().version()
        || !verified.attestationSetDigest().equals(state.attestationSetDigest())) {
      return rejected(
          RejectionReason.ACCOUNT_CHANGED,
          "proof is about "
              + verified.account()
              + " version "
              + verified.accountVersion()
              + ", the account is "
              + state.account()
              + " version "
              + state.version());
    }
    if (verified.roundSequence() != round.sequence()
        || !verified.roundDigest().equals(round.digest())) {
      return rejected(
          RejectionReason.UNKNOWN_ROUND,
          "round "
              + round.sequence()
              + " is "
              + round.digest()
              + ", not "
              + verified.roundDigest());
    }
    if (!verified.threshold().equals(policy.threshold())
        || verified.purpose() != policy.purpose()) {
      return rejected(
          RejectionReason.WRONG_THRESHOLD,
          "proof is for "
              + verified.threshold()
              + " "
              + verified.purpose()
              + ", required is "
              + policy.threshold()
              + " "
              + policy.purpose());
    }
    if (verified.earliestNotAfterMillis() <= goodAt(now)) {
      return rejected(
          RejectionReason.EXPIRED_ATTESTATION,
          "an attestation is good before "
              + verified.earliestNotAfterMillis()
              + ", it is "
              + now
              + ", skew "
              + policy.clockSkewMillis()
              + ", cover "
              + policy.lockCoverMillis());
    }
    return Optional.empty();
  }

  /**
   * Takes an attestation.
   *
   * @param logged what was taken with its version before
   * @param forced whether the attester could not wait
   */
  Step<AccountUpdate> attest(
      AccountRecord record,
      VenueRecord venue,
      Attestation attestation,
      Optional<Attestation> logged,
      boolean forced,
      long now) {
    AccountUpdate update = update(record.state(), attestation, logged, false);
    if (!(update instanceof AccountUpdate.Accepted accepted)) {
      return contradicted(record, venue, update, now);
    }
    AttestationBody body = attestation.body();
    Ed25519PublicKey attester = body.attester();
    Optional<AccountUpdate.Refused> refused = untimely(venue, body, now);
    if (refused.isPresent()) {
      return Step.unchanged(refused.get());
    }
    if (!policy.trusts(attester, body.scope())) {
      return refused(
          AccountUpdate.Refusal.SCOPE_NOT_TRUSTED,
          "attester " + attester + " is not trusted for all of " + body.scope());
    }
    if (body.notAfterMillis() <= goodAt(now)) {
      return refused(
          AccountUpdate.Refusal.EXPIRED,
          "attestation is good before "
              + body.notAfterMillis()
              + ", it is "
              + now
              + ", skew "
              + policy.clockSkewMillis()
              + ", cover "
              + policy.lockCoverMillis());
    }
    Long last = record.attestedAtMillis().get(attester);
    if (!forced && last != null && now < last + policy.minimumVersionSpacingMillis()) {
      return refused(
          AccountUpdate.Refusal.TOO_SOON,
          "attester's last attestation came at "
              + last
              + ", the next is taken from "
              + (last + policy.minimumVersionSpacingMillis()));
    }
    Step<AccountUpdate> step = changed(record, venue, accepted, attester, now);
    Long orderEnd = record.awaited().get(attester);
    // By its own clock it executes nothing after the order's end.
    return orderEnd != null && body.asOfMillis() >= orderEnd
        ? Step.changed(step.changed().orElseThrow().notAwaiting(attester), accepted)
        : step;
  }

  private static AccountUpdate update(
      AccountState state, Attestation attestation, Optional<Attestation> logged, boolean closing) {
    if (logged.isPresent() && !logged.get().equals(attestation)) {
      return new AccountUpdate.Equivocation(logged.get(), attestation);
    }
    return closing ? state.leave(attestation) : state.with(attestation);
  }

  /**
   * Changes the roster.
   *
   * @param logged what was taken with the version of a closing attestation before
   * @param maxAttesters how many the circuit allows
   */
  Step<AccountUpdate> changeRoster(
      AccountRecord record,
      VenueRecord venue,
      RosterChange change,
      Optional<Attestation> logged,
      int maxAttesters,
      long now) {
    AccountState state = record.state();
    AccountUpdate update;
    Ed25519PublicKey attester;
    if (change instanceof RosterChange.Leave leave) {
      attester = leave.closing().body().attester();
      update = update(state, leave.closing(), logged, true);
      if (!(update instanceof AccountUpdate.Accepted)) {
        return contradicted(record, venue, update, now);
      }
      Optional<AccountUpdate.Refused> refused = untimely(venue, leave.closing().body(), now);
      if (refused.isPresent()) {
        return Step.unchanged(refused.get());
      }
    } else if (change instanceof RosterChange.Replace replace) {
      attester = replace.successor();
      if (!venue.revokedAtMillis().containsKey(replace.revoked())) {
        return refused(
            AccountUpdate.Refusal.WRONG_KIND,
            "key " + replace.revoked() + " is not revoked; its attester leaves on its own word");
      }
      update = state.replace(replace.revoked(), attester);
    } else {
      attester = ((RosterChange.Join) change).attester();
      if (state.roster().attesters().size() >= maxAttesters) {
        return refused(
            AccountUpdate.Refusal.ROSTER_FULL,
            "roster has "
                + state.roster().attesters().size()
                + " attesters, the circuit allows "
                + maxAttesters);
      }
      update = state.join(attester);
    }
    if (!(update instanceof AccountUpdate.Accepted accepted)) {
      return Step.unchanged(update);
    }
    if (!(change instanceof RosterChange.Leave) && venue.revokedAtMillis().containsKey(attester)) {
      return refused(AccountUpdate.Refusal.REVOKED, "key " + attester + " is revoked");
    }
    if (record.liquidation().isPresent()) {
      return refused(
          AccountUpdate.Refusal.LIQUIDATING,
          "claimed at " + record.liquidation().get().order().claimedAtMillis());
    }
    AccountRecord changed = changed(record, venue, accepted, attester, now).changed().orElseThrow();
    if (change instanceof RosterChange.Replace replace) {
      // An existing solvent rests on the word of a key that is revoked: it must not come back.
      changed = changed.notAwaiting(replace.revoked()).solventAtMost(now);
      if (record.newcomers().contains(replace.revoked())) {
        changed = changed.withoutNewcomer(replace.revoked()).withNewcomer(attester);
      }
    } else if (change instanceof RosterChange.Leave) {
      changed = changed.notAwaiting(attester).withoutNewcomer(attester);
    } else if (!((RosterChange.Join) change).byVenue()) {
      changed = changed.withNewcomer(attester);
    }
    return Step.changed(changed, accepted);
  }

  private Optional<AccountUpdate.Refused> untimely(
      VenueRecord venue, AttestationBody body, long now) {
    if (venue.revokedAtMillis().containsKey(body.attester())) {
      return Optional.of(
          new AccountUpdate.Refused(
              AccountUpdate.Refusal.REVOKED, "key " + body.attester() + " is revoked"));
    }
    if (body.asOfMillis() > now + policy.clockSkewMillis()) {
      return Optional.of(
          new AccountUpdate.Refused(
              AccountUpdate.Refusal.FUTURE,
              "attestation is of "
                  + body.asOfMillis()
                  + ", it is "
                  + now
                  + ", skew "
                  + policy.clockSkewMillis()));
    }
    return Optional.empty();
  }

  private Step<AccountUpdate> changed(
      AccountRecord record,
      VenueRecord venue,
      AccountUpdate.Accepted accepted,
      Ed25519PublicKey attester,
      long now) {
    Map<Ed25519PublicKey, Long> attestedAt = new HashMap<>(record.attestedAtMillis());
    if (accepted.state().attestation(attester).isPresent()) {
      attestedAt.put(attester, now);
    }
    AccountRecord changed =
        counted(record, venue, now)
            .changed(accepted.state(), attestedAt, now, now + policy.reproofMillis());
    return Step.changed(changed, accepted);
  }

  /**
   * An attester on the roster that contradicts itself suspends the account; any other refusal
   * changes nothing. Nothing rests any more on the word of one that has left or been replaced: else
   * it could suspend the account for ever.
   */
  private Step<AccountUpdate> contradicted(
      AccountRecord record, VenueRecord venue, AccountUpdate update, long now) {
    if (update instanceof AccountUpdate.Equivocation two
        && record.state().roster().contains(two.second().body().attester())) {
      SuspensionCause cause =
          record.newcomers().contains(two.second().body().attester())
              ? SuspensionCause.NEWCOMER_FAULT
              : SuspensionCause.ATTESTER_FAULT;
      return suspend(record, venue, cause, now, update);
    }
    return Step.unchanged(update);
  }

  /**
   * Suspends the account; a suspension that lasts already goes on, with its own start. One that has
   * run out and was never resumed makes way: it must not hide the next fault. Nor must a newcomer's
   * fault, which suspends for less than others.
   */
  <R> Step<R> suspend(
      AccountRecord record, VenueRecord venue, SuspensionCause cause, long now, R result) {
    Optional<Suspension> last = record.suspension();
    boolean yields =
        last.isPresent()
            && last.get().cause() == SuspensionCause.NEWCOMER_FAULT
            && cause != SuspensionCause.NEWCOMER_FAULT;
    if (last.isPresent()
        && !yields
        && now - last.get().fromMillis() < policy.maximumSuspensionMillis()) {
      return Step.unchanged(result);
    }
    return Step.changed(
        counted(record, venue, now).suspended(Optional.of(Suspension.since(cause, now))), result);
  }

  <R> Step<R> resume(AccountRecord record, VenueRecord venue, long now, R result) {
    if (record.suspension().isEmpty()) {
      return Step.unchanged(result);
    }
    return Step.changed(counted(record, venue, now).suspended(Optional.empty()), result);
  }

  /** Takes a claim; the result is empty if the account is not liquidatable. */
  Step<Optional<LiquidationOrder>> claim(
      AccountRecord record, VenueRecord venue, String claimant, long now) {
    if (!(status(record, venue, now) instanceof AccountStatus.Liquidatable liquidatable)) {
      return Step.unchanged(Optional.empty());
    }
    AccountRecord next = counted(record, venue, now);
    AccountState state = record.state();
    LiquidationOrder order =
        new LiquidationOrder(
            state.venue(),
            state.account(),
            state.circuitId(),
            next.version(),
            state.version(),
            state.roster().version(),
            state.attestationSetDigest(),
            state.roster().attesters(),
            venue.highestSequence(),
            record.lastProof().map(AcceptedProof::proofDigest),
            record.lastProof().map(AcceptedProof::roundSequence),
            claimant,
            liquidatable.fraction(),
            now,
            now + policy.orderLifetimeMillis());
    return Step.changed(next.claimed(order), Optional.of(order));
  }

  /**
   * Takes what an attester says is left after its part of a liquidation. Its attestation may have
   * come before, as any other does.
   */
  Step<AccountUpdate> execute(
      AccountRecord record,
      VenueRecord venue,
      Execution execution,
      Optional<Attestation> logged,
      long now) {
    Attestation attestation = execution.attestation();
    Step<AccountUpdate> step = attest(record, venue, attestation, logged, /* forced= */ true, now);
    boolean known =
        step.result() instanceof AccountUpdate.Refused refused
            && refused.reason() == AccountUpdate.Refusal.ALREADY_KNOWN;
    if (!known && !(step.result() instanceof AccountUpdate.Accepted)) {
      return step;
    }
    Optional<AccountUpdate.Refused> wrong = wrongOrder(record, execution);
    if (wrong.isPresent()) {
      return Step.unchanged(wrong.get());
    }
    Liquidation running = record.liquidation().orElseThrow();
    Ed25519PublicKey attester = attestation.body().attester();
    if (known && running.attested().contains(attester)) {
      return step;
    }
    AccountRecord changed = step.changed().orElseGet(() -> counted(record, venue, now));
    return Step.changed(changed.executed(attester), new AccountUpdate.Accepted(changed.state()));
  }

  private Optional<AccountUpdate.Refused> wrongOrder(AccountRecord record, Execution execution) {
    AttestationBody body = execution.attestation().body();
    String wrong = "";
    if (record.liquidation().isEmpty()
        || !record.liquidation().get().order().digest().equals(execution.orderDigest())) {
      wrong = "no liquidation runs under order " + execution.orderDigest();
    } else if (!record.liquidation().get().order().attesters().contains(body.attester())) {
      wrong = "the order does not name attester " + body.attester();
    } else if (body.asOfMillis() + policy.clockSkewMillis()
        < record.liquidation().get().order().claimedAtMillis()) {
      wrong =
          "attestation is of "
              + body.asOfMillis()
              + ", the order was claimed at "
              + record.liquidation().get().order().claimedAtMillis();
    }
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of(new AccountUpdate.Refused(AccountUpdate.Refusal.WRONG_ORDER, wrong));
  }

  /** Ends the liquidation under this very order, if it runs. */
  Step<Boolean> end(
      AccountRecord record, VenueRecord venue, LiquidationOrder order, boolean done, long now) {
    if (!record.liquidation().map(Liquidation::order).equals(Optional.of(order))) {
      return Step.unchanged(false);
    }
    AccountRecord next = counted(record, venue, now);
    return Step.changed(done ? next.liquidated(now) : next.cancelled(now), true);
  }

  /** The attestation that binds an attester: its current one, or the one with which it left. */
  static Optional<Attestation> binding(AccountState state, Ed25519PublicKey attester) {
    return state
        .attestation(attester)
        .or(
            () ->
                state.departed().stream()
                    .filter(left -> left.body().attester().equals(attester))
                    .findFirst());
  }

  /**
   * Why an attester is not released from the versions before its current one. It is, when the
   * account is solvent by a proof that took note of the current one: then nothing that the venue
   * relies on is in the older ones alone.
   */
  Optional<ReleaseOutcome.Refused> releaseRefusal(
      AccountRecord record, VenueRecord venue, Ed25519PublicKey attester, long now) {
    Optional<Attestation> binding = binding(record.state(), attester);
    if (binding.isEmpty()) {
      return notReleased(
          ReleaseOutcome.Refusal.NOT_ATTESTED, "attester " + attester + " has not attested");
    }
    long version = binding.get().body().version();
    if (version == 0) {
      return notReleased(ReleaseOutcome.Refusal.NOTHING_BEFORE, "the attester's version is 0");
    }
    Optional<Long> proven = record.lastProof().map(proof -> proof.attested().get(attester));
    if (!proven.equals(Optional.of(version))) {
      return notReleased(
          ReleaseOutcome.Refusal.NOT_PROVEN,
          "the attester's version is "
              + version
              + ", the last accepted proof is about "
              + proven.map(String::valueOf).orElse("none"));
    }
    AccountStatus status = status(record, venue, now);
    return status instanceof AccountStatus.Solvent
        ? Optional.empty()
        : notReleased(ReleaseOutcome.Refusal.NOT_SOLVENT, "the account is " + status);
  }

  private static Optional<ReleaseOutcome.Refused> notReleased(
      ReleaseOutcome.Refusal reason, String detail) {
    return Optional.of(new ReleaseOutcome.Refused(reason, detail));
  }

  /** The release of the versions before an attester's current one. */
  Step<Release> release(
      AccountRecord record, VenueRecord venue, Ed25519PublicKey attester, long now) {
    AccountState state = record.state();
    Attestation binding = binding(state, attester).orElseThrow();
    Release release =
        new Release(
            state.venue(),
            state.account(),
            state.circuitId(),
            attester,
            binding.body().version() - 1,
            binding.body().version(),
            binding.digest(),
            state.version(),
            now);
    return Step.changed(counted(record, venue, now).released(release), release);
  }

  private static Step<AccountUpdate> refused(AccountUpdate.Refusal reason, String detail) {
    return Step.unchanged(new AccountUpdate.Refused(reason, detail));
  }
}
