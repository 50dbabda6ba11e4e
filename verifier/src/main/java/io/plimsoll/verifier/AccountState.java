package io.plimsoll.verifier;

import io.plimsoll.verifier.AccountUpdate.Refusal;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a venue knows of an account: its roster, and the current attestation of each attester. The
 * version grows by one with every change. Everything in a statement but the round and the threshold
 * comes from here. Immutable and thread-safe.
 */
public final class AccountState {
  private static final String WHAT = "account state";
  private static final String SET_TAG = "plimsoll/attestation-set/v1";

  private final String venue;
  private final String account;
  private final Digest circuitId;
  private final long version;
  private final Roster roster;
  private final SortedMap<Ed25519PublicKey, Attestation> current;
  private final SortedMap<Ed25519PublicKey, Attestation> departed;

  private AccountState(
      String venue,
      String account,
      Digest circuitId,
      long version,
      Roster roster,
      SortedMap<Ed25519PublicKey, Attestation> current,
      SortedMap<Ed25519PublicKey, Attestation> departed) {
    this.venue = venue;
    this.account = account;
    this.circuitId = circuitId;
    this.version = version;
    this.roster = roster;
    this.current = current;
    this.departed = departed;
  }

  /**
   * A new account without attestations: version 1, roster version 1.
   *
   * @param venue canonical text, not empty
   * @param account canonical text, not empty
   * @param circuitId the account's one circuit
   * @param attesters distinct keys in any order
   * @throws InvalidFormatException if one of them is not as said
   */
  public static AccountState open(
      String venue, String account, Digest circuitId, Collection<Ed25519PublicKey> attesters)
      throws InvalidFormatException {
    return of(venue, account, circuitId, 1, Roster.of(1, attesters), List.of());
  }

  /**
   * An account as kept or sent, without departed attesters.
   *
   * @param version 0 or more
   * @param attestations the current ones; of rostered attesters, at most one each
   * @throws InvalidFormatException if one of them is not as said or belongs elsewhere
   */
  public static AccountState of(
      String venue,
      String account,
      Digest circuitId,
      long version,
      Roster roster,
      Collection<Attestation> attestations)
      throws InvalidFormatException {
    return of(venue, account, circuitId, version, roster, attestations, List.of());
  }

  /**
   * An account as kept.
   *
   * @param version 0 or more
   * @param attestations the current ones; of rostered attesters, at most one each
   * @param departed the closing attestations of attesters that have left, at most one each; if they
   *     come back, their versions go on from there
   * @throws InvalidFormatException if one of them is not as said or belongs elsewhere
   */
  public static AccountState of(
      String venue,
      String account,
      Digest circuitId,
      long version,
      Roster roster,
      Collection<Attestation> attestations,
      Collection<Attestation> departed)
      throws InvalidFormatException {
    RiskRound.requireNotEmpty(WHAT + ": venue", venue);
    RiskRound.requireNotEmpty(WHAT + ": account", account);
    RiskRound.requireNotNegative(WHAT + ": version", version);
    AccountState empty =
        new AccountState(
            venue,
            account,
            Objects.requireNonNull(circuitId),
            version,
            Objects.requireNonNull(roster),
            new TreeMap<>(),
            new TreeMap<>());
    SortedMap<Ed25519PublicKey, Attestation> currentByKey = new TreeMap<>();
    for (Attestation attestation : attestations) {
      empty.requireBelongs(attestation, false);
      if (currentByKey.put(attestation.body().attester(), attestation) != null) {
        throw new InvalidFormatException(
            WHAT + ": two attestations of attester " + attestation.body().attester());
      }
    }
    SortedMap<Ed25519PublicKey, Attestation> departedByKey = new TreeMap<>();
    for (Attestation attestation : departed) {
      empty.requireBelongs(attestation, true);
      if (departedByKey.put(attestation.body().attester(), attestation) != null) {
        throw new InvalidFormatException(
            WHAT + ": two closing attestations of attester " + attestation.body().attester());
      }
    }
    return new AccountState(
        venue, account, circuitId, version, roster, currentByKey, departedByKey);
  }

  private void requireBelongs(Attestation attestation, boolean closing)
      throws InvalidFormatException {
    AttestationBody body = attestation.body();
    Optional<AccountUpdate.Refused> elsewhere = elsewhere(body);
    if (elsewhere.isPresent()) {
      throw new InvalidFormatException(WHAT + ": " + elsewhere.get().detail());
    }
    if (body.closing() != closing) {
      throw new InvalidFormatException(
          WHAT + ": " + attestation + " is " + (closing ? "not closing" : "closing"));
    }
    if (!closing && !roster.contains(body.attester())) {
      throw new InvalidFormatException(
          WHAT + ": attester " + body.attester() + " is not on the roster");
    }
  }

  private Optional<AccountUpdate.Refused> elsewhere(AttestationBody body) {
    if (!body.venue().equals(venue)) {
      return Optional.of(
          refused(
              Refusal.WRONG_VENUE,
              "attestation is for venue " + body.venue() + ", the account is at " + venue));
    }
    if (!body.account().equals(account)) {
      return Optional.of(
          refused(
              Refusal.WRONG_ACCOUNT,
              "attestation is for account " + body.account() + ", not " + account));
    }
    if (!body.circuitId().equals(circuitId)) {
      return Optional.of(
          refused(
              Refusal.WRONG_CIRCUIT,
              "attestation is for circuit "
                  + body.circuitId()
                  + ", the account is under "
                  + circuitId));
    }
    return Optional.empty();
  }

  /** The venue. */
  public String venue() {
    return venue;
  }

  /** The account at the venue. */
  public String account() {
    return account;
  }

  /** The account's one circuit. */
  public Digest circuitId() {
    return circuitId;
  }

  /** Grows by one with every change of attestations or roster. */
  public long version() {
    return version;
  }

  /** Who must attest. */
  public Roster roster() {
    return roster;
  }

  /** The current attestations, by attester key. */
  public List<Attestation> attestations() {
    return List.copyOf(current.values());
  }

  /** As {@link #attestations}, without a copy. */
  Collection<Attestation> current() {
    return Collections.unmodifiableCollection(current.values());
  }

  /** The closing attestations of attesters that have left and not come back, by attester key. */
  public List<Attestation> departed() {
    return List.copyOf(departed.values());
  }

  /** The current attestation of {@code attester}. */
  public Optional<Attestation> attestation(Ed25519PublicKey attester) {
    return Optional.ofNullable(current.get(attester));
  }

  /** Whether the roster is not empty and every attester on it has an attestation. */
  public boolean isComplete() {
    return !roster.attesters().isEmpty() && current.size() == roster.attesters().size();
  }

  /** The digest of the current attestations that the context names. */
  public Digest attestationSetDigest() {
    CanonicalWriter out = new CanonicalWriter(SET_TAG).u32(current.size());
    current.forEach(
        (attester, attestation) -> out.bytes(attester.toByteArray()).digest(attestation.digest()));
    return out.digest();
  }

  /**
   * The account with a further attestation of a rostered attester. Time plays no part here.
   *
   * @param attestation not closing; its version above the attester's last one, its previous digest
   *     that of the attester's last one
   */
  public AccountUpdate with(Attestation attestation) {
    Ed25519PublicKey attester = attestation.body().attester();
    Optional<AccountUpdate> refusal = refusal(attestation, false);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    SortedMap<Ed25519PublicKey, Attestation> changed = new TreeMap<>(current);
    changed.put(attester, attestation);
    SortedMap<Ed25519PublicKey, Attestation> stillDeparted = new TreeMap<>(departed);
    stillDeparted.remove(attester);
    return changed(roster, changed, stillDeparted);
  }

  /**
   * The account with one more attester on its roster, whose attestation is missing until it comes.
   */
  public AccountUpdate join(Ed25519PublicKey attester) {
    if (roster.contains(attester)) {
      return refused(Refusal.ALREADY_ROSTERED, "attester " + attester + " is on the roster");
    }
    if (roster.attesters().size() == Roster.MAX_ATTESTERS) {
      return refused(
          Refusal.ROSTER_FULL, "roster has " + Roster.MAX_ATTESTERS + " attesters, the most");
    }
    return changed(roster.with(attester), current, departed);
  }

  /**
   * The account without an attester, on that attester's own word.
   *
   * @param closing the attester's closing attestation; its version and previous digest as for any
   *     other
   */
  public AccountUpdate leave(Attestation closing) {
    Ed25519PublicKey attester = closing.body().attester();
    Optional<AccountUpdate> refusal = refusal(closing, true);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    SortedMap<Ed25519PublicKey, Attestation> remaining = new TreeMap<>(current);
    remaining.remove(attester);
    SortedMap<Ed25519PublicKey, Attestation> moreDeparted = new TreeMap<>(departed);
    moreDeparted.put(attester, closing);
    return changed(roster.without(attester), remaining, moreDeparted);
  }

  /**
   * The account with one attester in the place of another whose key can no longer sign. Whether
   * that is so is for the caller to know.
   */
  public AccountUpdate replace(Ed25519PublicKey lost, Ed25519PublicKey successor) {
    if (!roster.contains(lost)) {
      return refused(Refusal.NOT_ROSTERED, "attester " + lost + " is not on the roster");
    }
    if (roster.contains(successor)) {
      return refused(Refusal.ALREADY_ROSTERED, "attester " + successor + " is on the roster");
    }
    SortedMap<Ed25519PublicKey, Attestation> remaining = new TreeMap<>(current);
    remaining.remove(lost);
    Roster swapped = roster.without(lost).with(successor);
    return changed(new Roster(roster.version() + 1, swapped.attesters()), remaining, departed);
  }

  private AccountUpdate changed(
      Roster newRoster,
      SortedMap<Ed25519PublicKey, Attestation> newCurrent,
      SortedMap<Ed25519PublicKey, Attestation> newDeparted) {
    return new AccountUpdate.Accepted(
        new AccountState(
            venue,
            account,
            circuitId,
            Math.addExact(version, 1),
            newRoster,
            newCurrent,
            newDeparted));
  }

  private Optional<AccountUpdate> refusal(Attestation attestation, boolean closing) {
    AttestationBody body = attestation.body();
    Optional<AccountUpdate.Refused> elsewhere = elsewhere(body);
    if (elsewhere.isPresent()) {
      return Optional.of(elsewhere.get());
    }
    Ed25519PublicKey attester = body.attester();
    Attestation last = current.getOrDefault(attester, departed.get(attester));
    if (last != null && last.body().version() == body.version()) {
      // Before anything else can refuse it: two digests for one version are evidence.
      return Optional.of(
          last.equals(attestation)
              ? refused(Refusal.ALREADY_KNOWN, attestation + " is the current one")
              : new AccountUpdate.Equivocation(last, attestation));
    }
    if (!roster.contains(attester)) {
      return Optional.of(
          refused(Refusal.NOT_ROSTERED, "attester " + attester + " is not on the roster"));
    }
    if (body.closing() != closing) {
      return Optional.of(
          refused(
              Refusal.WRONG_KIND, attestation + " is " + (closing ? "not closing" : "closing")));
    }
    if (last != null && body.version() < last.body().version()) {
      return Optional.of(
          refused(
              Refusal.VERSION_NOT_INCREASING,
              "attestation version is "
                  + body.version()
                  + ", the attester's last is "
                  + last.body().version()));
    }
    Digest expected = last == null ? Digest.ZERO : last.digest();
    if (!body.previousDigest().equals(expected)) {
      return Optional.of(
          refused(
              Refusal.WRONG_PREVIOUS_DIGEST,
              "attestation's previous digest is " + body.previousDigest() + ", not " + expected));
    }
    return Optional.empty();
  }

  private static AccountUpdate.Refused refused(Refusal reason, String detail) {
    return new AccountUpdate.Refused(reason, detail);
  }

  /** Venue, account, version and roster version. */
  @Override
  public String toString() {
    return "AccountState["
        + venue
        + " "
        + account
        + " version "
        + version
        + ", roster version "
        + roster.version()
        + "]";
  }
}
