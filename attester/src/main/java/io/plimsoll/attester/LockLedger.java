package io.plimsoll.attester;

import io.plimsoll.verifier.Digest;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * What an attester has promised and to whom, and so what it may still promise and what may leave.
 * Pure: no clock, no disk. Immutable and thread-safe.
 *
 * <p>Several pledges (accounts at venues) may share one custody account, a <em>pool</em>. Of each
 * pledge the ledger has the versions that a venue may still rely on. Their claims on an asset make
 * the pledge's <em>lock</em>:
 *
 * <ul>
 *   <li>more is better: the largest claim is a floor. Over the pledges of a pool, positive floors
 *       add up, and negative ones (debts) do; they are never netted: a debt told to one venue does
 *       not pay for an asset promised to another.
 *   <li>less is better: the smallest claim is a ceiling; ceilings add up.
 *   <li>exact: the largest claim is a floor and the smallest a ceiling. While two versions disagree
 *       the quantity must stay as it is.
 * </ul>
 */
final class LockLedger {
  private final AssetTable table;
  private final SortedMap<PledgeId, Pledged> pledges;

  /**
   * One account at a venue.
   *
   * @param pool the custody account that it is kept in
   * @param held ascending versions
   */
  record Pledged(String pool, List<HeldVersion> held) {
    Pledged {
      held = List.copyOf(held);
    }

    boolean isUnknown() {
      return held.stream().anyMatch(version -> version.claims().isEmpty());
    }
  }

  private LockLedger(AssetTable table, SortedMap<PledgeId, Pledged> pledges) {
    this.table = table;
    this.pledges = pledges;
  }

  static LockLedger empty(AssetTable table) {
    return new LockLedger(table, new TreeMap<>());
  }

  AssetTable table() {
    return table;
  }

  /** The versions that a venue may rely on for an account, ascending. */
  List<HeldVersion> held(PledgeId id) {
    Pledged pledged = pledges.get(id);
    return pledged == null ? List.of() : pledged.held();
  }

  /** With an account's versions replaced: how a ledger is read from the disk. */
  LockLedger with(PledgeId id, String pool, List<HeldVersion> held) {
    SortedMap<PledgeId, Pledged> changed = new TreeMap<>(pledges);
    if (held.isEmpty()) {
      changed.remove(id);
    } else {
      changed.put(id, new Pledged(pool, held));
    }
    return new LockLedger(table, changed);
  }

  /**
   * Why a commitment must not leave. It may, for each asset, if what all pledges of the pool are
   * locked for with it is kept; or if it raises no lock of its own account and what the newest
   * versions say is kept, which is how the truth is told after a loss, or about interest on a debt;
   * or if it says less than the account's newest version does.
   *
   * <p>A pool's debts are told before anything else of it is attested, and what is exact exactly.
   *
   * @param claims what it would say
   * @param kept what the pool has, without what is on its way out
   */
  Optional<String> attestRefusal(
      PledgeId id, String pool, Digest circuitId, Amounts claims, Amounts kept) {
    for (HeldVersion version : held(id)) {
      if (!version.circuitId().equals(circuitId) && version.version() > 0) {
        return Optional.of(
            id
                + " has version "
                + version.version()
                + " under circuit "
                + version.circuitId()
                + " that is not released; an account has one circuit at a time");
      }
    }
    if (pledges.containsKey(id) && !pledges.get(id).pool().equals(pool)) {
      return Optional.of(
          id + " is kept in custody account " + pledges.get(id).pool() + ", not " + pool);
    }
    for (int i = 0; i < table.size(); i++) {
      if (!isBacked(i, id, pool, claims.at(i), kept.at(i))) {
        return Optional.of(
            id
                + ": "
                + table.asset(i)
                + " is not there for it: with what is locked for others, and not released, more"
                + " would be attested than is kept");
      }
    }
    return Optional.empty();
  }

  private boolean isBacked(int i, PledgeId id, String pool, long claim, long kept) {
    Sums locked = new Sums();
    Sums newest = new Sums();
    boolean unknownElsewhere = false;
    for (var entry : pledges.entrySet()) {
      if (entry.getValue().pool().equals(pool) && !entry.getKey().equals(id)) {
        unknownElsewhere |= entry.getValue().isUnknown();
        lock(i, entry.getValue()).ifPresent(locked::add);
        newestClaim(i, entry.getValue()).ifPresent(each -> newest.add(new Lock(each, each)));
      }
    }
    Pledged own = pledges.get(id);
    Optional<Lock> before = own == null ? Optional.empty() : lock(i, own);
    Optional<Long> last = own == null ? Optional.empty() : newestClaim(i, own);
    locked.add(before.map(lock -> lock.and(claim)).orElse(new Lock(claim, claim)));
    newest.add(new Lock(claim, claim));
    return switch (table.side(i)) {
      // Nothing else is the truth; in which steps it may change is for changeRefusal.
      case EXACT -> newest.tells(kept) && (!unknownElsewhere || claim == 0);
      case LESS_IS_BETTER -> {
        boolean notLowered = claim >= before.map(Lock::ceiling).orElse(0L);
        yield locked.tellsDebt(kept) || (notLowered && newest.tellsDebt(kept));
      }
      case MORE_IS_BETTER -> {
        boolean notRaised = claim <= before.map(Lock::floor).orElse(0L);
        boolean assetIsThere =
            claim <= 0
                || (locked.haveAsset(kept) && !unknownElsewhere)
                || (notRaised && newest.haveAsset(kept))
                || last.stream().anyMatch(each -> claim < each);
        boolean debtIsTold =
            locked.tellOverdraft(kept) || (notRaised && newest.tellOverdraft(kept));
        yield assetIsThere && debtIsTold;
      }
    };
  }

  /** The account with one more version. Whether it may be is {@link #attestRefusal}'s. */
  LockLedger attested(PledgeId id, String pool, HeldVersion version) {
    List<HeldVersion> held = new ArrayList<>(held(id));
    held.add(version);
    return with(id, pool, held);
  }

  /** Without the versions of a circuit up to {@code through}. */
  LockLedger released(PledgeId id, Digest circuitId, long through) {
    return without(
        id, version -> version.circuitId().equals(circuitId) && version.version() <= through);
  }

  /** Without what no longer binds at a time. */
  LockLedger expired(long nowMillis, long skewMillis) {
    LockLedger result = this;
    for (PledgeId id : pledges.keySet()) {
      result = result.without(id, version -> nowMillis - skewMillis > version.notAfterMillis());
    }
    return result;
  }

  private LockLedger without(PledgeId id, Predicate<HeldVersion> gone) {
    Pledged pledged = pledges.get(id);
    if (pledged == null || pledged.held().stream().noneMatch(gone)) {
      return this;
    }
    return with(id, pledged.pool(), pledged.held().stream().filter(gone.negate()).toList());
  }

  /** With an account of which it is not known what was promised for it: nothing leaves its pool. */
  LockLedger unknown(PledgeId id, String pool) {
    return attested(
        id, pool, new HeldVersion(Digest.ZERO, 0, Digest.ZERO, Long.MAX_VALUE, Optional.empty()));
  }

  /**
   * After a liquidation that the venue ordered: every version up to {@code through} says less by
   * what was executed, because the venue relies on that no more.
   *
   * @param change of what is kept
   */
  LockLedger executed(PledgeId id, long through, Amounts change) {
    Pledged pledged = pledges.get(id);
    if (pledged == null) {
      return this;
    }
    UnaryOperator<HeldVersion> lowered =
        version ->
            version.claims().isEmpty() || version.version() > through
                ? version
                : version.withClaims(version.claims().get().plus(change));
    return with(id, pledged.pool(), pledged.held().stream().map(lowered).toList());
  }

  /**
   * Why the contents of a pool must not change: a change may bring nothing farther from what any
   * version says that a venue may rely on.
   *
   * @param before what the pool has, without what is on its way out
   * @param after what it would have
   */
  Optional<String> changeRefusal(String pool, Amounts before, Amounts after) {
    if (before.sameAs(after)) {
      return Optional.empty();
    }
    for (var entry : pledges.entrySet()) {
      if (entry.getValue().pool().equals(pool) && entry.getValue().isUnknown()) {
        return Optional.of(
            entry.getKey()
                + " has a version whose contents are not known here; until it is released or"
                + " expires nothing may leave");
      }
    }
    for (int i = 0; i < table.size(); i++) {
      Sums locked = new Sums();
      for (Pledged pledged : pledges.values()) {
        if (pledged.pool().equals(pool)) {
          lock(i, pledged).ifPresent(locked::add);
        }
      }
      if (!locked.permit(table.side(i), before.at(i), after.at(i))) {
        return Optional.of(
            "custody account "
                + pool
                + ": "
                + table.asset(i)
                + " is locked by attestations that the venue has not released");
      }
    }
    return Optional.empty();
  }

  /**
   * The most that one more version of an account may claim, of what it would like to.
   *
   * @param wanted its share of what is kept
   */
  Amounts admissible(PledgeId id, String pool, Amounts wanted, Amounts kept) {
    Amounts result = wanted;
    for (int i = 0; i < table.size(); i++) {
      if (table.side(i) != Side.MORE_IS_BETTER || wanted.at(i) <= 0) {
        continue;
      }
      BigInteger left = BigInteger.valueOf(Math.max(0, kept.at(i)));
      boolean unknownElsewhere = false;
      for (var entry : pledges.entrySet()) {
        if (entry.getValue().pool().equals(pool) && !entry.getKey().equals(id)) {
          Optional<Lock> lock = lock(i, entry.getValue());
          if (lock.isPresent()) {
            left = left.subtract(BigInteger.valueOf(Math.max(0, lock.get().floor())));
          }
          unknownElsewhere |= entry.getValue().isUnknown();
        }
      }
      if (unknownElsewhere) {
        // Nothing anew; what it is locked for already stays promised.
        Pledged own = pledges.get(id);
        long floor = own == null ? 0 : lock(i, own).map(Lock::floor).orElse(0L);
        left = left.min(BigInteger.valueOf(Math.max(0, floor)));
      }
      long most = left.signum() <= 0 ? 0 : left.longValueExact();
      if (most < wanted.at(i)) {
        result = result.with(i, most);
      }
    }
    return result;
  }

  /** Whether a pool no longer has what its pledges' versions say: what must be told at once. */
  boolean isShort(String pool, Amounts kept) {
    for (int i = 0; i < table.size(); i++) {
      Sums locked = new Sums();
      for (Pledged pledged : pledges.values()) {
        if (pledged.pool().equals(pool)) {
          lock(i, pledged).ifPresent(locked::add);
        }
      }
      long now = kept.at(i);
      boolean fits =
          switch (table.side(i)) {
            case MORE_IS_BETTER -> locked.haveAsset(now) && locked.tellOverdraft(now);
            case LESS_IS_BETTER -> locked.tellsDebt(now);
            case EXACT -> true;
          };
      if (locked.count > 0 && !fits) {
        return true;
      }
    }
    return false;
  }

  /** The claim on one asset by an account's newest version that is known. */
  private static Optional<Long> newestClaim(int i, Pledged pledged) {
    Optional<Long> newest = Optional.empty();
    for (HeldVersion version : pledged.held()) {
      if (version.claims().isPresent()) {
        newest = Optional.of(version.claims().get().at(i));
      }
    }
    return newest;
  }

  private static Optional<Lock> lock(int i, Pledged pledged) {
    Lock lock = null;
    for (HeldVersion version : pledged.held()) {
      if (version.claims().isPresent()) {
        long claim = version.claims().get().at(i);
        lock = lock == null ? new Lock(claim, claim) : lock.and(claim);
      }
    }
    return Optional.ofNullable(lock);
  }

  /**
   * What the versions of one account say about one asset.
   *
   * @param floor the largest claim
   * @param ceiling the smallest claim
   */
  private record Lock(long floor, long ceiling) {
    Lock and(long claim) {
      return new Lock(Math.max(floor, claim), Math.min(ceiling, claim));
    }
  }

  /** Locks of several accounts on one asset, added up. */
  private static final class Sums {
    private int count;
    private BigInteger positive = BigInteger.ZERO;
    private BigInteger negative = BigInteger.ZERO;
    private BigInteger floor = BigInteger.ZERO;
    private BigInteger ceiling = BigInteger.ZERO;

    void add(Lock lock) {
      count++;
      positive = positive.add(BigInteger.valueOf(Math.max(0, lock.floor())));
      negative = negative.add(BigInteger.valueOf(Math.min(0, lock.floor())));
      floor = floor.add(BigInteger.valueOf(lock.floor()));
      ceiling = ceiling.add(BigInteger.valueOf(lock.ceiling()));
    }

    /** Whether this much is kept of an asset. */
    boolean haveAsset(long kept) {
      return positive.compareTo(BigInteger.valueOf(Math.max(0, kept))) <= 0;
    }

    /** Whether all of what is owed, if anything is, has been told. */
    boolean tellOverdraft(long kept) {
      return negative.compareTo(BigInteger.valueOf(Math.min(0, kept))) <= 0;
    }

    /** The same, of a debt that is written as a positive number. */
    boolean tellsDebt(long kept) {
      return ceiling.compareTo(BigInteger.valueOf(kept)) >= 0;
    }

    boolean tells(long kept) {
      BigInteger exactly = BigInteger.valueOf(kept);
      return floor.equals(exactly) && ceiling.equals(exactly);
    }

    boolean permit(Side side, long before, long after) {
      if (count == 0 || before == after) {
        return true;
      }
      return switch (side) {
        case MORE_IS_BETTER ->
            BigInteger.valueOf(Math.max(0, after))
                        .compareTo(positive.min(BigInteger.valueOf(Math.max(0, before))))
                    >= 0
                && BigInteger.valueOf(Math.min(0, after))
                        .compareTo(negative.min(BigInteger.valueOf(Math.min(0, before))))
                    >= 0;
        case LESS_IS_BETTER ->
            BigInteger.valueOf(after).compareTo(ceiling.max(BigInteger.valueOf(before))) <= 0;
        case EXACT -> {
          BigInteger b = BigInteger.valueOf(before);
          BigInteger a = BigInteger.valueOf(after);
          // Between where it is and what every version says.
          boolean towardsFloor = isBetween(a, b, floor);
          boolean towardsCeiling = isBetween(a, b, ceiling);
          yield towardsFloor && towardsCeiling;
        }
      };
    }

    private static boolean isBetween(BigInteger x, BigInteger a, BigInteger b) {
      return x.compareTo(a.min(b)) >= 0 && x.compareTo(a.max(b)) <= 0;
    }
  }

  /** Counts alone. */
  @Override
  public String toString() {
    return "LockLedger of " + pledges.size() + " accounts";
  }
}
