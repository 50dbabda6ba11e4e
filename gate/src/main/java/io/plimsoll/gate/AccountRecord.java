package io.plimsoll.gate;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Ed25519PublicKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

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
 * @param liquidation the claim, while the account is liquidating; one whose time has passed counts
 *     no more, whether or not it is still here
 * @param releases the last release of each attester
 * @param awaited the attesters that an order has named and that have not attested anew since, each
 *     with that order's end: what they attested before may have been liquidated, however the
 *     liquidation ended
 * @param liquidationEndedAtMillis when the last liquidation ended other than by a proof; when the
 *     account was opened if none has
 * @param newcomers the attesters on the roster that the owner has asked for since the last accepted
 *     proof, ascending
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
    Optional<Liquidation> liquidation,
    Map<Ed25519PublicKey, Release> releases,
    Map<Ed25519PublicKey, Long> awaited,
    long liquidationEndedAtMillis,
    List<Ed25519PublicKey> newcomers) {
  /** Copies maps and list. */
  public AccountRecord {
    attestedAtMillis = Map.copyOf(attestedAtMillis);
    releases = Map.copyOf(releases);
    awaited = Map.copyOf(awaited);
    newcomers = List.copyOf(newcomers);
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
        Optional.empty(),
        Map.of(),
        Map.of(),
        now,
        List.of());
  }

  /** The next version, with suspended time added up to {@code now}. */
  AccountRecord counted(long now, long suspended, long suspendedPastDue) {
    return edit(
        next -> {
          next.version = version + 1;
          next.countedTo(now, suspended, suspendedPastDue);
        });
  }

  /** A changed state; a solvent that lasts beyond {@code latest} ends there. */
  AccountRecord changed(
      AccountState newState, Map<Ed25519PublicKey, Long> attestedAt, long now, long latest) {
    return edit(
        next -> {
          next.state = newState;
          next.changedAtMillis = now;
          next.attestedAtMillis = attestedAt;
          if (now < solventUntilMillis) {
            next.solventUntilMillis = Math.min(solventUntilMillis, latest);
          }
        });
  }

  /** Solvent by a proof, which ends a liquidation if there is one. */
  AccountRecord proven(AcceptedProof proof, long solventUntil) {
    return edit(
        next -> {
          next.solventUntilMillis = solventUntil;
          next.lastProof = Optional.of(proof);
          next.suspendedMillis = 0;
          next.suspendedPastDueMillis = 0;
          next.liquidation = Optional.empty();
          next.newcomers = List.of();
        });
  }

  /** An attester that the owner has asked for is on the roster. */
  AccountRecord withNewcomer(Ed25519PublicKey attester) {
    TreeSet<Ed25519PublicKey> more = new TreeSet<>(newcomers);
    more.add(attester);
    return edit(next -> next.newcomers = List.copyOf(more));
  }

  /** An attester is on the roster no more, or never as the owner's wish. */
  AccountRecord withoutNewcomer(Ed25519PublicKey attester) {
    return edit(
        next ->
            next.newcomers =
                newcomers.stream().filter(newcomer -> !newcomer.equals(attester)).toList());
  }

  AccountRecord solventAtMost(long millis) {
    return edit(next -> next.solventUntilMillis = Math.min(solventUntilMillis, millis));
  }

  AccountRecord suspended(Optional<Suspension> newSuspension) {
    return edit(next -> next.suspension = newSuspension);
  }

  /** Claimed: none of the attestations counts any more. */
  AccountRecord claimed(LiquidationOrder order) {
    return edit(
        next -> {
          next.liquidation = Optional.of(Liquidation.claimed(order));
          next.awaited = new HashMap<>(awaited);
          order.attesters().forEach(attester -> next.awaited.put(attester, order.notAfterMillis()));
        });
  }

  /** An attester has said under the running order what is left. */
  AccountRecord executed(Ed25519PublicKey attester) {
    return edit(next -> next.liquidation = liquidation.map(running -> running.attested(attester)))
        .notAwaiting(attester);
  }

  /** What an attester says counts again, or it need not say anything. */
  AccountRecord notAwaiting(Ed25519PublicKey attester) {
    return edit(
        next -> {
          next.awaited = new HashMap<>(awaited);
          next.awaited.remove(attester);
        });
  }

  /**
   * Back to where the claim found the account; from {@code millis} on it may be suspended again.
   */
  AccountRecord cancelled(long millis) {
    return edit(
        next -> {
          next.liquidation = Optional.empty();
          next.liquidationEndedAtMillis = millis;
          next.countedToMillis = millis;
        });
  }

  /** After a liquidation everything is counted anew: the holdings are others. */
  AccountRecord liquidated(long millis) {
    return edit(
        next -> {
          next.liquidation = Optional.empty();
          next.liquidationEndedAtMillis = millis;
          next.solventUntilMillis = millis;
          next.countedTo(millis, 0, 0);
        });
  }

  AccountRecord released(Release release) {
    return edit(
        next -> {
          next.releases = new HashMap<>(releases);
          next.releases.put(release.attester(), release);
        });
  }

  /** The same as the next version. */
  AccountRecord next() {
    return withVersion(version + 1);
  }

  AccountRecord withVersion(long other) {
    return edit(next -> next.version = other);
  }

  private AccountRecord edit(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.toRecord();
  }

  /** A record being changed. */
  private static final class Draft {
    private long version;
    private AccountState state;
    private final long openedAtMillis;
    private long changedAtMillis;
    private Map<Ed25519PublicKey, Long> attestedAtMillis;
    private long solventUntilMillis;
    private Optional<AcceptedProof> lastProof;
    private long countedToMillis;
    private long suspendedMillis;
    private long suspendedPastDueMillis;
    private Optional<Suspension> suspension;
    private Optional<Liquidation> liquidation;
    private Map<Ed25519PublicKey, Release> releases;
    private Map<Ed25519PublicKey, Long> awaited;
    private long liquidationEndedAtMillis;
    private List<Ed25519PublicKey> newcomers;

    Draft(AccountRecord from) {
      version = from.version;
      state = from.state;
      openedAtMillis = from.openedAtMillis;
      changedAtMillis = from.changedAtMillis;
      attestedAtMillis = from.attestedAtMillis;
      solventUntilMillis = from.solventUntilMillis;
      lastProof = from.lastProof;
      countedToMillis = from.countedToMillis;
      suspendedMillis = from.suspendedMillis;
      suspendedPastDueMillis = from.suspendedPastDueMillis;
      suspension = from.suspension;
      liquidation = from.liquidation;
      releases = from.releases;
      awaited = from.awaited;
      liquidationEndedAtMillis = from.liquidationEndedAtMillis;
      newcomers = from.newcomers;
    }

    void countedTo(long millis, long suspended, long suspendedPastDue) {
      countedToMillis = millis;
      suspendedMillis = suspended;
      suspendedPastDueMillis = suspendedPastDue;
    }

    AccountRecord toRecord() {
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
          liquidation,
          releases,
          awaited,
          liquidationEndedAtMillis,
          newcomers);
    }
  }
}
