package io.plimsoll.attester;

import io.plimsoll.attestation.AttestationLedger;
import io.plimsoll.attestation.AttestationTerms;
import io.plimsoll.attestation.Attester;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What is attested next for a pledge: whether it is time, what it may say so that nothing is
 * promised twice, and the signing of it. A version is on the disk before it leaves for the outbox.
 * All of it under the lock.
 */
final class NextAttestation {
  private final Accounts accounts;
  private final CustodyPools pools;
  private final SigningIdentity identity;

  NextAttestation(Accounts accounts, CustodyPools pools, SigningIdentity identity) {
    this.accounts = accounts;
    this.pools = pools;
    this.identity = identity;
  }

  /**
   * Attests if it is time to.
   *
   * @return whether there was nothing in the way
   */
  boolean attestIfDue(Pledge pledge, CustodyPools.Books books)
      throws IOException, InvalidFormatException {
    Progress state = accounts.progress(pledge);
    AccountRecord record = accounts.record(pledge);
    Schedule schedule = accounts.venue(pledge).schedule();
    Digest circuitId = pledge.circuit().id();
    Optional<Attestation> last = record.last(circuitId);
    if (!state.isReconciled()
        || last.stream().anyMatch(each -> each.body().closing())
        || pools.isUncertain(pledge.pool())) {
      return true;
    }
    long now = accounts.now();
    long age = now - books.snapshot().asOfMillis();
    if (age > schedule.booksAge().toMillis() || -age > schedule.skew().toMillis()) {
      state.trouble(
          "the books are of "
              + books.snapshot().asOfMillis()
              + (age < 0 ? ", which is to come" : ", older than ")
              + (age < 0 ? "" : schedule.booksAge().toMillis() + " ms"));
      return true;
    }
    LockLedger locks = accounts.locks(now);
    Amounts gross = books.pools().get(pledge.pool());
    Optional<Movement> executed =
        record.movements().stream()
            .filter(
                each ->
                    each.order().isPresent()
                        && each.state() == Movement.State.PAID
                        && !each.attested())
            .findFirst();
    boolean underOrder =
        executed.isPresent()
            || record.outbox().stream().anyMatch(pending -> pending.order().isPresent());
    Amounts kept = gross.plus(pools.underWay(pledge.pool(), books, underOrder));
    try {
      Amounts claims =
          pledge
              .circuit()
              .expressible(
                  locks.admissible(
                      pledge.id(), pledge.pool(), pools.wanted(pledge, books, underOrder), kept));
      List<HeldVersion> held = locks.held(pledge.id());
      Optional<Amounts> newest =
          held.isEmpty() ? Optional.empty() : held.get(held.size() - 1).claims();
      // The newest may have been refused: then the venue has to hear it in other words.
      boolean unheard =
          record.outbox().isEmpty()
              && accounts.mayAsk(pledge, now)
              && record
                  .newest()
                  .map(HeldVersion::digest)
                  .filter(digest -> last.map(Attestation::digest).equals(Optional.of(digest)))
                  .isEmpty();
      boolean changed = newest.isEmpty() || unheard || !newest.get().sameAs(claims);
      boolean loss =
          changed
              && locks.isShort(
                  pledge.pool(), gross.plus(pools.underWay(pledge.pool(), books, true)));
      long slot = Math.floorDiv(now, schedule.cadence().toMillis());
      boolean hurried = executed.isEmpty() && loss && isTooSoon(last, schedule, now);
      boolean forced = executed.isPresent() || (loss && (!hurried || state.mayHurry(slot)));
      if (!forced && (!isDue(last, changed, schedule, now) || isUnderWay(record, schedule, now))) {
        return true;
      }
      Optional<String> refusal =
          locks.attestRefusal(pledge.id(), pledge.pool(), circuitId, claims, kept);
      if (refusal.isPresent()) {
        state.trouble(refusal.get());
        return false;
      }
      attest(pledge, claims, books.snapshot().asOfMillis(), forced, executed, false);
      if (hurried) {
        state.hurried(slot);
      }
      state.noTrouble();
      return true;
    } catch (InvalidFormatException e) {
      // A holding beyond its interval, or not exact: said without its value.
      state.trouble("what is kept cannot be attested: it does not fit the circuit's columns");
      return true;
    }
  }

  /** Whether it is a new slot, there is something new, or the last soon expires. */
  private static boolean isDue(
      Optional<Attestation> last, boolean changed, Schedule schedule, long now) {
    if (last.isEmpty() || isTooSoon(last, schedule, now)) {
      return last.isEmpty();
    }
    long validity = schedule.validity().toMillis();
    long notAfter = last.get().body().notAfterMillis();
    long attestedAt = notAfter - validity;
    long cadence = schedule.cadence().toMillis();
    boolean newSlot = Math.floorDiv(now, cadence) > Math.floorDiv(attestedAt, cadence);
    return changed || newSlot || notAfter - now < validity / 2;
  }

  /** Whether the venue takes nothing yet that could wait. */
  private static boolean isTooSoon(Optional<Attestation> last, Schedule schedule, long now) {
    return last.stream()
        .anyMatch(
            each ->
                now
                    < each.body().notAfterMillis()
                        - schedule.validity().toMillis()
                        + schedule.spacing().toMillis());
  }

  /** Whether an attestation waits to be delivered, and is good for long enough to be. */
  private static boolean isUnderWay(AccountRecord record, Schedule schedule, long now) {
    return record.outbox().stream()
        .anyMatch(
            pending ->
                pending.attestation().body().notAfterMillis() - now
                    >= schedule.validity().toMillis() / 2);
  }

  private void attest(
      Pledge pledge,
      Amounts claims,
      long asOfMillis,
      boolean forced,
      Optional<Movement> executed,
      boolean closing)
      throws IOException, InvalidFormatException {
    long now = accounts.now();
    AttestationTerms terms =
        new AttestationTerms(
            pledge.id().venue(),
            pledge.id().account(),
            pledge.owner(),
            Math.min(asOfMillis, now),
            now + accounts.venue(pledge).schedule().validity().toMillis());
    Circuit circuit = pledge.circuit();
    Attester attester =
        new Attester(
            identity,
            circuit.key(),
            circuit.model(),
            circuit.listing(),
            circuit.scope(),
            new OneEntry(pledge, claims, forced, executed, now));
    if (closing) {
      Attestation unused = attester.close(terms);
    } else {
      try (Holdings holdings = circuit.holdings(claims)) {
        Attestation unused = attester.attest(terms, holdings);
      }
    }
  }

  /**
   * Attests that nothing is kept any more.
   *
   * @throws InvalidFormatException if nothing is attested, it is closed already, or has withdrawals
   *     under way
   */
  void close(Pledge pledge) throws IOException, InvalidFormatException {
    PledgeId id = pledge.id();
    AccountRecord record = accounts.record(pledge);
    Optional<Attestation> last = record.last(pledge.circuit().id());
    if (last.isEmpty() || last.get().body().closing()) {
      throw new InvalidFormatException(id + ": nothing is attested that could be closed");
    }
    if (record.movements().stream().anyMatch(movement -> movement.state().isOpen())) {
      throw new InvalidFormatException(id + ": withdrawals are under way");
    }
    attest(pledge, Amounts.zero(accounts.table()), accounts.now(), false, Optional.empty(), true);
  }

  /**
   * The ledger of one attestation: its version is on the disk before the commitment exists, and the
   * attestation, its lock, its place in the outbox and the withdrawals that it leaves out are
   * written together before it leaves.
   */
  private final class OneEntry implements AttestationLedger {
    private final Pledge pledge;
    private final Amounts claims;
    private final boolean forced;
    private final Optional<Movement> executed;
    private final long now;

    OneEntry(Pledge pledge, Amounts claims, boolean forced, Optional<Movement> executed, long now) {
      this.pledge = pledge;
      this.claims = claims;
      this.forced = forced;
      this.executed = executed;
      this.now = now;
    }

    /**
     * A version is the time in milliseconds, or one more than the last: so a ledger that was
     * restored from an old backup gives out none that was given out since.
     */
    @Override
    public Reservation reserve(String venue, String account) throws IOException {
      AccountRecord record = accounts.record(pledge);
      long version = Math.max(Math.addExact(record.highestVersion(), 1), now);
      accounts.commit(record.reserved(version, now));
      return new Reservation(
          version,
          Optional.ofNullable(record.heads().get(pledge.circuit().id()))
              .map(Attestation::digest)
              .orElse(Digest.ZERO));
    }

    @Override
    public void record(Attestation attestation) throws IOException {
      var body = attestation.body();
      HeldVersion version =
          new HeldVersion(
              body.circuitId(),
              body.version(),
              attestation.digest(),
              body.notAfterMillis(),
              Optional.of(claims));
      AccountRecord record = accounts.record(pledge);
      List<HeldVersion> held = accounts.recordedLocks(now).held(pledge.id());
      // An attestation that it replaces may have been under an order, or in a hurry.
      Optional<AccountRecord.Pending> replaced = record.outbox().stream().findFirst();
      Optional<Digest> order =
          executed
              .flatMap(Movement::order)
              .map(signed -> signed.message().digest())
              .or(() -> replaced.flatMap(AccountRecord.Pending::order));
      AccountRecord next =
          record
              .withHeld(held, now)
              .pending(
                  new AccountRecord.Pending(
                      attestation,
                      forced || replaced.stream().anyMatch(AccountRecord.Pending::forced),
                      order),
                  version,
                  now)
              .withMovements(movement -> offered(movement, body.version(), order.isPresent()));
      if (executed.isPresent()) {
        next = next.with(executed.get().withAttested(), now);
      }
      accounts.commit(next);
    }

    /** What is attested under an order leaves out no withdrawal: the next version does again. */
    private Movement offered(Movement movement, long version, boolean underOrder) {
      if (underOrder) {
        return movement.state() == Movement.State.OFFERED ? movement.requestedAgain() : movement;
      }
      return movement.state() == Movement.State.REQUESTED ? movement.offered(version) : movement;
    }

    @Override
    public Optional<Attestation> latest(String venue, String account) {
      return accounts.record(pledge).last(pledge.circuit().id());
    }
  }
}
