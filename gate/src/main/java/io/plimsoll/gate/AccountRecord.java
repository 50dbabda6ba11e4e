package io.plimsoll.gate;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Ed25519PublicKey;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a gate keeps of an account. What may be concluded from it at a time is for {@link
 * LiquidationGate#decide} to say. Immutable and thread-safe.
 *
 * @param version grows by one with every change; 1 in the first
 * @param state roster and attestations
 * @param openedAtMillis when the account was opened
 * @param changedAtMillis when the state last changed
 * @param attestedAtMillis when the last attestation of each attester was taken
 * @param solventUntilMillis until when the last accepted proof counts, exclusive; when the account
 *     was opened or its last liquidation ended if there is no proof since
 * @param lastProof the last accepted proof, also after a liquidation
 * @param countedToMillis up to when the next two have been added up
 * @param suspendedMillis suspended time since the last accepted proof
 * @param suspendedPastDueMillis how much of that came after {@code solventUntilMillis}: it does not
 *     count as grace
 * @param suspension a suspension of this account alone that lasts
 * @param liquidation the claim, while the account is liquidating
 */
public record AccountRecord(
    long version,
    AccountState state,
    long openedAtMillis,
    long changedAtMillis,
    Map<Ed25519PublicKey, Long> attestedAtMillis,
    long solventUntilMillis,
    Optional<AcceptedProof> lastProof,
    long countedToMillis,
    long suspendedMillis,
    long suspendedPastDueMillis,
    Optional<Suspension> suspension,
    Optional<LiquidationOrder> liquidation) {
  /** Copies the map. */
  public AccountRecord {
    attestedAtMillis = Map.copyOf(attestedAtMillis);
  }

  static AccountRecord opened(AccountState state, long now) {
    return new AccountRecord(
        1,
        state,
        now,
        now,
        Map.of(),
        now,
        Optional.empty(),
        now,
        0,
        0,
        Optional.empty(),
        Optional.empty());
  }

  AccountRecord counted(long now, long suspended, long suspendedPastDue) {
    return new AccountRecord(
        version + 1,
        state,
        openedAtMillis,
        changedAtMillis,
        attestedAtMillis,
        solventUntilMillis,
        lastProof,
        now,
        suspended,
        suspendedPastDue,
        suspension,
        liquidation);
  }

  /** A changed state; a solvent that lasts beyond {@code latest} ends there. */
  AccountRecord changed(
      AccountState newState, Map<Ed25519PublicKey, Long> attestedAt, long now, long latest) {
    return new AccountRecord(
        version,
        newState,
        openedAtMillis,
        now,
        attestedAt,
        now < solventUntilMillis ? Math.min(solventUntilMillis, latest) : solventUntilMillis,
        lastProof,
        countedToMillis,
        suspendedMillis,
        suspendedPastDueMillis,
        suspension,
        liquidation);
  }

  AccountRecord proven(AcceptedProof proof, long solventUntil) {
    return new AccountRecord(
        version,
        state,
        openedAtMillis,
        changedAtMillis,
        attestedAtMillis,
        solventUntil,
        Optional.of(proof),
        countedToMillis,
        0,
        0,
        suspension,
        liquidation);
  }

  AccountRecord suspended(Optional<Suspension> newSuspension) {
    return new AccountRecord(
        version,
        state,
        openedAtMillis,
        changedAtMillis,
        attestedAtMillis,
        solventUntilMillis,
        lastProof,
        countedToMillis,
        suspendedMillis,
        suspendedPastDueMillis,
        newSuspension,
        liquidation);
  }

  AccountRecord liquidating(LiquidationOrder order) {
    return withLiquidation(Optional.of(order));
  }

  /** Back to where the claim found the account. */
  AccountRecord cancelled() {
    return withLiquidation(Optional.empty());
  }

  private AccountRecord withLiquidation(Optional<LiquidationOrder> order) {
    return new AccountRecord(
        version,
        state,
        openedAtMillis,
        changedAtMillis,
        attestedAtMillis,
        solventUntilMillis,
        lastProof,
        countedToMillis,
        suspendedMillis,
        suspendedPastDueMillis,
        suspension,
        order);
  }

  /** After a liquidation everything is counted anew: the holdings are others. */
  AccountRecord liquidated(long now) {
    return new AccountRecord(
        version,
        state,
        openedAtMillis,
        changedAtMillis,
        attestedAtMillis,
        now,
        lastProof,
        now,
        0,
        0,
        suspension,
        Optional.empty());
  }
}
