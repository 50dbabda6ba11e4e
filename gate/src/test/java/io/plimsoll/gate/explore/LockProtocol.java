package io.plimsoll.gate.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The lock protocol of {@code docs/protocol.md} as actions on small states: one owner, attesters
 * that keep units of one asset, venues (or circuits of one venue) that each have an account.
 *
 * <p>The network may lose, delay, reorder and repeat anything: a message that was ever sent can
 * arrive at any later time, any number of times, or never. A crash costs a party what it had only
 * in memory. A party's clock is off by a constant that the run begins with. Times are kept as ages,
 * and versions of which nothing can come any more are forgotten, so that runs of any length are
 * finitely many states: what is bounded is the number of versions that matter at once, the units,
 * and the orders.
 */
final class LockProtocol implements Explorer.Model<LockProtocol.State> {
  /** What can be left out of the protocol, each to see that it is needed. */
  enum Weakness {
    /** The venue releases as soon as it has the successor. */
    RELEASE_BEFORE_PROOF,
    /** The venue releases a closing attester before a proof without it. */
    CLOSING_NEEDS_NO_PROOF,
    /** Attesters lock the last version that they signed, and no other. */
    PAYOUT_AT_ATTEST,
    /** Locks end at not-after on the attester's clock. */
    NO_SKEW_AT_EXPIRY,
    /** Locks end by releases alone. */
    LOCK_WITHOUT_END,
    /** Attesters look at each account apart. */
    ACCOUNTS_APART,
    /** Versions are kept after they were sent. */
    KEPT_AFTER_SENT,
    /** An attester goes on from a backup as if nothing had happened. */
    BACKUP_WITHOUT_RECONCILING,
    /** A verdict is committed without comparing the attestations again. */
    PROOF_NOT_COMPARED,
    /** Older versions are taken after newer ones. */
    OLDER_VERSION_TAKEN,
    /** A claim is committed without looking at the status again. */
    CLAIM_NOT_COMPARED,
    /** When an order is over, the attestations that it named count again. */
    ORDER_FORGOTTEN,
    /** Any attestation that comes after a claim is taken for one under the order. */
    LINK_NOT_SIGNED,
    /** One attester that attested under the order is enough. */
    ONE_ATTESTER_IS_ENOUGH,
    /** An attester executes an order under which it has attested. */
    EXECUTED_AFTER_ATTESTING,
    /** An attester executes an order as often as it comes. */
    EXECUTED_AGAIN,
    /** An attester executes an order although it knows a newer one. */
    OLDER_ORDER_EXECUTED,
    /** An order is executed without regard to its end. */
    EXECUTED_AFTER_THE_END,
    /** Orders have no end of their own. */
    ORDER_WITHOUT_END,
    /** What is attested under an order may be less than what is left. */
    LESS_THAN_IS_LEFT
  }

  /**
   * How much is explored. Times are ticks.
   *
   * @param attesters 1 or 2
   * @param venues accounts that rely on them, 1 or 2
   * @param units how many there are, at most 3
   * @param required how many an account must have for a proof
   * @param validity from a version's signature to its not-after
   * @param roundAge how long a proof counts at most
   * @param reproof how long a proof outlives a change
   * @param grace grace window
   * @param skew how far clocks are apart at most
   * @param term how long an order holds
   * @param cover how long before the first not-after a proof stops to count
   * @param slots how many versions of one account and attester can matter at once
   * @param orders how many orders a venue issues at most, up to 2
   * @param leaving whether attesters leave rosters
   * @param prompt whether liquidations are claimed in the first tick or never, and then locks must
   *     outlive the order
   */
  record Bounds(
      int attesters,
      int venues,
      int units,
      int required,
      int validity,
      int roundAge,
      int reproof,
      int grace,
      int skew,
      int term,
      int cover,
      int slots,
      int orders,
      boolean leaving,
      boolean prompt) {}

  // A version is an int: two bits of attested units, two of locked ones, four of age, and flags.
  private static final int LOCKED = 1 << 8;

  /** The venue has signed its release. */
  private static final int ISSUED = 1 << 9;

  /** The venue has taken a later one, or the closing one. */
  private static final int LATE = 1 << 10;

  private static final int CURRENT = 1 << 11;

  /** In the set of the last accepted proof, which may still count or be claimed upon. */
  private static final int PROVEN = 1 << 12;

  /** Under the venue's last order, or as of its end or later, or there was no order. */
  private static final int COUNTS = 1 << 13;

  private static final int CLOSING = 1 << 14;

  /** In the set on which a proof is being verified. */
  private static final int PENDING = 1 << 15;

  /** In the set that the last order names. */
  private static final int NAMED = 1 << 16;

  /** Sent, and not yet kept. */
  private static final int UNSAVED = 1 << 17;

  private static int attested(int version) {
    return version & 3;
  }

  private static int locked(int version) {
    return (version >> 2) & 3;
  }

  private static int age(int version) {
    return (version >> 4) & 15;
  }

  private static int withLocked(int version, int units) {
    return (version & ~(3 << 2)) | (units << 2);
  }

  private static boolean is(int version, int flag) {
    return (version & flag) != 0;
  }

  private final Bounds bounds;
  private final Set<Weakness> weaknesses;

  LockProtocol(Bounds bounds, Weakness... weaknesses) {
    this.bounds = bounds;
    this.weaknesses = Set.of(weaknesses);
  }

  private boolean lacks(Weakness weakness) {
    return weaknesses.contains(weakness);
  }

  /** A state; changed only by the action that makes it. Indices are attester, then venue. */
  final class State {
    /** What the owner has outside, on its way between custodians included. */
    int wallet;

    final int[] kept = new int[bounds.attesters];
    final int[] attesterClock = new int[bounds.attesters];
    final int[] venueClock = new int[bounds.venues];

    /** Versions by account and attester, oldest first, zeros at the end. */
    final int[] versions = new int[bounds.attesters * bounds.venues * bounds.slots];

    /** Bits by venue and attester: who must attest. */
    final boolean[] rostered = new boolean[bounds.attesters * bounds.venues];

    /** Bit k: the attester has closed order k. */
    final int[] closed = new int[bounds.attesters * bounds.venues];

    /** The highest order that the attester has acted on. */
    final int[] seen = new int[bounds.attesters * bounds.venues];

    /** Units sold under order 1, and four times those sold under order 2. */
    final int[] sold = new int[bounds.attesters * bounds.venues];

    /** Time until the last proof stops to count, on the venue's clock; negative after. */
    final int[] solventFor = new int[bounds.venues];

    /** Orders issued so far. */
    final int[] ordered = new int[bounds.venues];

    /** Time until each order's not-after, on the venue's clock. */
    final int[] orderFor = new int[bounds.venues * 2];

    final boolean[] liquidating = new boolean[bounds.venues];

    /** A look at a liquidatable account, not yet committed. */
    final boolean[] claiming = new boolean[bounds.venues];

    State copy() {
      State copy = new State();
      copy.wallet = wallet;
      System.arraycopy(kept, 0, copy.kept, 0, kept.length);
      System.arraycopy(attesterClock, 0, copy.attesterClock, 0, attesterClock.length);
      System.arraycopy(venueClock, 0, copy.venueClock, 0, venueClock.length);
      System.arraycopy(versions, 0, copy.versions, 0, versions.length);
      System.arraycopy(rostered, 0, copy.rostered, 0, rostered.length);
      System.arraycopy(closed, 0, copy.closed, 0, closed.length);
      System.arraycopy(seen, 0, copy.seen, 0, seen.length);
      System.arraycopy(sold, 0, copy.sold, 0, sold.length);
      System.arraycopy(solventFor, 0, copy.solventFor, 0, solventFor.length);
      System.arraycopy(ordered, 0, copy.ordered, 0, ordered.length);
      System.arraycopy(orderFor, 0, copy.orderFor, 0, orderFor.length);
      System.arraycopy(liquidating, 0, copy.liquidating, 0, liquidating.length);
      System.arraycopy(claiming, 0, copy.claiming, 0, claiming.length);
      return copy;
    }

    @Override
    public String toString() {
      return "the owner has "
          + wallet
          + " outside, attesters keep "
          + Arrays.toString(kept)
          + "; clocks are ahead by "
          + Arrays.toString(attesterClock)
          + " at attesters, by "
          + Arrays.toString(venueClock)
          + " at venues";
    }
  }

  private int at(int attester, int venue) {
    return attester * bounds.venues + venue;
  }

  private int first(int attester, int venue) {
    return at(attester, venue) * bounds.slots;
  }

  @Override
  public List<State> initial() {
    List<State> states = new ArrayList<>();
    int clocks = bounds.attesters + bounds.venues;
    for (int clock = 0; clock < (bounds.skew == 0 ? 1 : 1 << clocks); clock++) {
      State state = new State();
      for (int x = 0; x < bounds.attesters; x++) {
        state.attesterClock[x] = bounds.skew * ((clock >> x) & 1);
      }
      for (int v = 0; v < bounds.venues; v++) {
        state.venueClock[v] = bounds.skew * ((clock >> (bounds.attesters + v)) & 1);
      }
      Arrays.fill(state.rostered, true);
      state.kept[0] = bounds.units;
      states.add(state);
    }
    return states;
  }

  // What the parties know

  /** Time until a version's not-after on the venue's clock. */
  private int validFor(State state, int x, int v, int version) {
    return bounds.validity + state.attesterClock[x] - state.venueClock[v] - age(version);
  }

  private boolean lockHolds(int version) {
    int skew = lacks(Weakness.NO_SKEW_AT_EXPIRY) ? 0 : bounds.skew;
    return is(version, LOCKED)
        && (lacks(Weakness.LOCK_WITHOUT_END) || age(version) < bounds.validity + skew);
  }

  /** What an attester must not pay out because of one account. */
  private int lock(State state, int x, int v) {
    int most = 0;
    for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
      int version = state.versions[i];
      if (lockHolds(version)) {
        boolean last = i + 1 == first(x, v) + bounds.slots || state.versions[i + 1] == 0;
        if (last || !lacks(Weakness.PAYOUT_AT_ATTEST)) {
          most = Math.max(most, locked(version));
        }
      }
    }
    return most;
  }

  private int locks(State state, int x, int exceptVenue) {
    int sum = 0;
    for (int v = 0; v < bounds.venues; v++) {
      if (v != exceptVenue) {
        int lock = lock(state, x, v);
        sum = lacks(Weakness.ACCOUNTS_APART) ? Math.max(sum, lock) : sum + lock;
      }
    }
    return sum;
  }

  private int current(State state, int x, int v) {
    return flagged(state, x, v, CURRENT);
  }

  private int flagged(State state, int x, int v, int flag) {
    for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
      if (is(state.versions[i], flag)) {
        return state.versions[i];
      }
    }
    return 0;
  }

  /** Whether the venue would accept a proof on the attestations that it has now. */
  private boolean acceptable(State state, int v) {
    int sum = 0;
    boolean someCount = false;
    boolean allCount = true;
    for (int x = 0; x < bounds.attesters; x++) {
      if (state.rostered[at(x, v)]) {
        int version = current(state, x, v);
        if (version == 0 || validFor(state, x, v, version) <= bounds.skew) {
          return false;
        }
        someCount |= is(version, COUNTS);
        allCount &= is(version, COUNTS);
        sum += attested(version);
      }
    }
    boolean counts = lacks(Weakness.ONE_ATTESTER_IS_ENOUGH) ? someCount : allCount;
    if (lacks(Weakness.ORDER_FORGOTTEN) && !state.liquidating[v]) {
      counts = true;
    }
    return counts && sum >= bounds.required && provenFor(state, v) > 0;
  }

  private int provenFor(State state, int v) {
    int until = bounds.roundAge;
    for (int x = 0; x < bounds.attesters; x++) {
      if (state.rostered[at(x, v)]) {
        until = Math.min(until, validFor(state, x, v, current(state, x, v)) - bounds.cover);
      }
    }
    return until;
  }

  /** What the account's last proof rests on at one attester, while it counts. */
  int provenAt(State state, int x, int v) {
    return solvent(state, v) ? attested(flagged(state, x, v, PROVEN)) : 0;
  }

  static boolean solvent(State state, int v) {
    return state.solventFor[v] > 0 && !state.liquidating[v];
  }

  private boolean liquidatable(State state, int v) {
    return !state.liquidating[v] && state.solventFor[v] <= -(bounds.grace + bounds.skew);
  }

  /** Whether the attester's own clock is before an order's not-after. */
  private boolean orderRuns(State state, int x, int v, int order) {
    return state.attesterClock[x] - state.venueClock[v] < state.orderFor[2 * v + order - 1];
  }

  // Actions

  @Override
  public void next(State state, Explorer.Actions<State> actions) {
    State later = state.copy();
    tick(later);
    add(actions, () -> "a tick", later);
    for (int x = 0; x < bounds.attesters; x++) {
      attesterMoves(state, x, actions);
      for (int v = 0; v < bounds.venues; v++) {
        attests(state, x, v, actions);
        ordersArrive(state, x, v, actions);
        attestationsArrive(state, x, v, actions);
        releases(state, x, v, actions);
      }
    }
    for (int v = 0; v < bounds.venues; v++) {
      proofs(state, v, actions);
      liquidations(state, v, actions);
    }
  }

  private void add(Explorer.Actions<State> actions, Supplier<String> name, State result) {
    forget(result);
    actions.add(name, result);
  }

  private static String attester(int x) {
    return x == 0 ? "A" : "B";
  }

  private static String venue(int v) {
    return v == 0 ? "V" : "W";
  }

  private void tick(State state) {
    int oldest = bounds.validity + bounds.skew;
    for (int i = 0; i < state.versions.length; i++) {
      int version = state.versions[i];
      if (version != 0 && age(version) < oldest) {
        state.versions[i] = version + (1 << 4);
      }
    }
    for (int v = 0; v < bounds.venues; v++) {
      state.solventFor[v] = Math.max(state.solventFor[v] - 1, -(bounds.grace + bounds.skew + 1));
      for (int k = 0; k < 2; k++) {
        state.orderFor[2 * v + k] = Math.max(state.orderFor[2 * v + k] - 1, -(bounds.skew + 1));
      }
    }
  }

  /** Assets come and go; an attester's process fails. */
  private void attesterMoves(State state, int x, Explorer.Actions<State> actions) {
    if (state.wallet > 0) {
      State credited = state.copy();
      credited.wallet--;
      credited.kept[x]++;
      add(actions, () -> attester(x) + " credits a unit", credited);
    }
    if (state.kept[x] - 1 >= locks(state, x, -1)) {
      State paid = state.copy();
      paid.kept[x]--;
      paid.wallet++;
      add(actions, () -> attester(x) + " pays a unit out", paid);
    }
    if (lacks(Weakness.KEPT_AFTER_SENT)) {
      State saved = state.copy();
      State lost = state.copy();
      for (int v = 0; v < bounds.venues; v++) {
        for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
          if (is(state.versions[i], UNSAVED)) {
            saved.versions[i] &= ~UNSAVED;
            lost.versions[i] &= ~(UNSAVED | LOCKED);
          }
        }
      }
      add(actions, () -> attester(x) + " keeps what it has sent", saved);
      add(actions, () -> attester(x) + " crashes and starts again", lost);
    }
    if (lacks(Weakness.BACKUP_WITHOUT_RECONCILING)) {
      State restored = state.copy();
      for (int v = 0; v < bounds.venues; v++) {
        for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
          if (age(state.versions[i]) == 0) {
            restored.versions[i] &= ~LOCKED;
          }
        }
      }
      add(actions, () -> attester(x) + " is restored from a backup of before this tick", restored);
    }
  }

  private void attests(State state, int x, int v, Explorer.Actions<State> actions) {
    if (state.versions[first(x, v) + bounds.slots - 1] != 0 || !state.rostered[at(x, v)]) {
      return;
    }
    int order = state.ordered[v];
    boolean counts =
        order == 0
            || state.attesterClock[x] - state.venueClock[v] >= state.orderFor[2 * v + order - 1];
    for (int units = 0; units <= bounds.units; units++) {
      int lock = Math.max(lock(state, x, v), units);
      int others = locks(state, x, v);
      int all = lacks(Weakness.ACCOUNTS_APART) ? Math.max(others, lock) : others + lock;
      if (all > state.kept[x]) {
        continue;
      }
      int said = units;
      add(
          actions,
          () -> attester(x) + " attests " + said + " to " + venue(v),
          signed(state, x, v, units, counts ? COUNTS : 0));
      if (bounds.leaving && units == 0) {
        add(
            actions,
            () -> attester(x) + " signs a closing attestation to " + venue(v),
            signed(state, x, v, 0, (counts ? COUNTS : 0) | CLOSING));
      }
    }
  }

  private State signed(State state, int x, int v, int units, int flags) {
    State signed = state.copy();
    int i = first(x, v);
    while (signed.versions[i] != 0) {
      i++;
    }
    int unsaved = lacks(Weakness.KEPT_AFTER_SENT) ? UNSAVED : 0;
    signed.versions[i] = units | (units << 2) | LOCKED | flags | unsaved;
    return signed;
  }

  private void attestationsArrive(State state, int x, int v, Explorer.Actions<State> actions) {
    for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
      int version = state.versions[i];
      boolean late = is(version, LATE) && !lacks(Weakness.OLDER_VERSION_TAKEN);
      boolean closing = is(version, CLOSING);
      if (version == 0
          || late
          || is(version, CURRENT)
          || validFor(state, x, v, version) <= bounds.skew
          || !state.rostered[at(x, v)]
          || (closing && state.liquidating[v])) {
        continue;
      }
      State taken = state.copy();
      for (int j = first(x, v); j < first(x, v) + bounds.slots; j++) {
        int other = taken.versions[j];
        if (other != 0) {
          taken.versions[j] = (other & ~CURRENT) | (j <= i || closing ? LATE : 0);
        }
      }
      if (closing) {
        taken.rostered[at(x, v)] = false;
      } else {
        taken.versions[i] |= CURRENT;
        if (lacks(Weakness.LINK_NOT_SIGNED)) {
          taken.versions[i] |= COUNTS;
        }
      }
      taken.solventFor[v] = Math.min(state.solventFor[v], bounds.reproof);
      add(
          actions,
          () ->
              venue(v)
                  + " takes "
                  + attester(x)
                  + (closing ? "'s closing attestation" : "'s attestation of " + attested(version)),
          taken);
    }
  }

  private void releases(State state, int x, int v, Explorer.Actions<State> actions) {
    int successor = -1;
    for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
      int version = state.versions[i];
      boolean proven = is(version, PROVEN) || lacks(Weakness.RELEASE_BEFORE_PROOF);
      if (is(version, CURRENT) && proven) {
        successor = i;
      }
    }
    if (!state.rostered[at(x, v)]
        && (flagged(state, x, v, PROVEN) == 0 || lacks(Weakness.CLOSING_NEEDS_NO_PROOF))) {
      successor = first(x, v) + bounds.slots;
    }
    if (solvent(state, v) && successor >= 0) {
      State issued = state.copy();
      boolean any = false;
      for (int i = first(x, v); i < successor; i++) {
        if (state.versions[i] != 0 && !is(state.versions[i], ISSUED)) {
          issued.versions[i] |= ISSUED;
          any = true;
        }
      }
      if (any) {
        add(actions, () -> venue(v) + " signs a release for " + attester(x), issued);
      }
    }
    // Any release that was ever signed arrives: through any version that is released.
    State arrived = state.copy();
    for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
      if (is(state.versions[i], ISSUED) && is(state.versions[i], LOCKED)) {
        arrived.versions[i] &= ~LOCKED;
        State now = arrived.copy();
        add(actions, () -> attester(x) + " takes a release from " + venue(v), now);
      }
    }
  }

  private void proofs(State state, int v, Explorer.Actions<State> actions) {
    if (acceptable(state, v)) {
      State received = state.copy();
      forEachVersion(
          received, v, version -> (version & ~PENDING) | (is(version, CURRENT) ? PENDING : 0));
      add(actions, () -> venue(v) + " receives a proof and verifies it", received);
    }
    boolean pending = false;
    boolean same = true;
    for (int x = 0; x < bounds.attesters; x++) {
      for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
        int version = state.versions[i];
        pending |= is(version, PENDING);
        same &= is(version, PENDING) == is(version, CURRENT);
      }
    }
    if (!pending) {
      return;
    }
    if ((same && acceptable(state, v)) || lacks(Weakness.PROOF_NOT_COMPARED)) {
      State accepted = state.copy();
      int until = lacks(Weakness.PROOF_NOT_COMPARED) ? bounds.roundAge : provenFor(state, v);
      forEachVersion(
          accepted,
          v,
          version -> (version & ~(PENDING | PROVEN)) | (is(version, PENDING) ? PROVEN : 0));
      accepted.solventFor[v] = until;
      accepted.liquidating[v] = false;
      add(actions, () -> venue(v) + " accepts the proof", accepted);
    }
    State crashed = state.copy();
    forEachVersion(crashed, v, version -> version & ~PENDING);
    crashed.claiming[v] = false;
    add(actions, () -> venue(v) + " crashes and starts again", crashed);
  }

  private interface Change {
    int of(int version);
  }

  private void forEachVersion(State state, int v, Change change) {
    for (int x = 0; x < bounds.attesters; x++) {
      for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
        if (state.versions[i] != 0) {
          state.versions[i] = change.of(state.versions[i]);
        }
      }
    }
  }

  private void liquidations(State state, int v, Explorer.Actions<State> actions) {
    boolean claimable =
        liquidatable(state, v)
            && state.ordered[v] < bounds.orders
            && (!bounds.prompt || promptly(state, v));
    if (lacks(Weakness.CLAIM_NOT_COMPARED)) {
      if (claimable && !state.claiming[v]) {
        State looked = state.copy();
        looked.claiming[v] = true;
        add(actions, () -> venue(v) + " finds the account liquidatable", looked);
      }
      claimable = state.claiming[v] && !state.liquidating[v];
    }
    if (claimable) {
      State claimed = state.copy();
      claimed.claiming[v] = false;
      claimed.liquidating[v] = true;
      claimed.orderFor[2 * v + claimed.ordered[v]] = bounds.term;
      claimed.ordered[v]++;
      forEachVersion(
          claimed,
          v,
          version ->
              (version & ~(COUNTS | PROVEN | NAMED))
                  | (is(version, CURRENT) && bounds.prompt ? NAMED : 0));
      int order = claimed.ordered[v];
      add(actions, () -> venue(v) + " signs liquidation order " + order, claimed);
    }
    if (state.liquidating[v]) {
      State ended = state.copy();
      ended.liquidating[v] = false;
      add(actions, () -> venue(v) + " cancels, or the order has lapsed", ended);
    }
  }

  /** In the first tick in which it can be, of an account that was solvent before. */
  private boolean promptly(State state, int v) {
    boolean proven = false;
    for (int x = 0; x < bounds.attesters; x++) {
      proven |= flagged(state, x, v, PROVEN) != 0;
    }
    return proven && state.solventFor[v] == -(bounds.grace + bounds.skew);
  }

  private void ordersArrive(State state, int x, int v, Explorer.Actions<State> actions) {
    for (int k = 1; k <= state.ordered[v]; k++) {
      int order = k;
      int sold = (state.sold[at(x, v)] >> (2 * (k - 1))) & 3;
      boolean closed = (state.closed[at(x, v)] & (1 << k)) != 0;
      boolean older = k < state.seen[at(x, v)] && !lacks(Weakness.OLDER_ORDER_EXECUTED);
      if (older) {
        continue;
      }
      boolean runs = orderRuns(state, x, v, k) || lacks(Weakness.EXECUTED_AFTER_THE_END);
      boolean once = sold == 0 || (sold == 1 && lacks(Weakness.EXECUTED_AGAIN));
      boolean open = !closed || lacks(Weakness.EXECUTED_AFTER_ATTESTING);
      if (runs && once && open && state.rostered[at(x, v)] && lock(state, x, v) > 0) {
        State executed = state.copy();
        executed.kept[x]--;
        executed.sold[at(x, v)] += 1 << (2 * (k - 1));
        executed.seen[at(x, v)] = Math.max(k, state.seen[at(x, v)]);
        for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
          int version = executed.versions[i];
          if (is(version, LOCKED) && locked(version) > 0) {
            executed.versions[i] = withLocked(version, locked(version) - 1);
          }
        }
        add(
            actions,
            () -> attester(x) + " sells a unit under order " + order + " of " + venue(v),
            executed);
      }
      boolean room = state.versions[first(x, v) + bounds.slots - 1] == 0;
      if (!closed && room && state.rostered[at(x, v)]) {
        int left = lock(state, x, v);
        for (int units = lacks(Weakness.LESS_THAN_IS_LEFT) ? 0 : left; units <= left; units++) {
          State closing = state.copy();
          for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
            closing.versions[i] &= ~LOCKED;
          }
          closing.closed[at(x, v)] |= 1 << k;
          closing.seen[at(x, v)] = Math.max(k, state.seen[at(x, v)]);
          forget(closing);
          int said = units;
          add(
              actions,
              () -> attester(x) + " attests " + said + " under order " + order + " of " + venue(v),
              signed(closing, x, v, units, k == state.ordered[v] ? COUNTS : 0));
        }
      }
    }
  }

  // What can be forgotten

  /** Drops versions of which nothing can come, and facts about the others that nobody asks for. */
  private void forget(State state) {
    for (int v = 0; v < bounds.venues; v++) {
      boolean over = state.solventFor[v] <= -(bounds.grace + bounds.skew + 1);
      boolean orderOver =
          state.ordered[v] == 0
              || state.orderFor[2 * v + state.ordered[v] - 1] <= -(bounds.skew + 1);
      for (int x = 0; x < bounds.attesters; x++) {
        int to = first(x, v);
        for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
          int version = state.versions[i];
          state.versions[i] = 0;
          if (version == 0) {
            continue;
          }
          int validFor = validFor(state, x, v, version);
          if (is(version, LOCKED) && !lockHolds(version)) {
            version &= ~LOCKED;
          }
          if (over) {
            version &= ~PROVEN;
          }
          if (orderOver) {
            version &= ~NAMED;
          }
          boolean late = is(version, LATE) && !lacks(Weakness.OLDER_VERSION_TAKEN);
          boolean canCome = !late && !is(version, CURRENT) && validFor > bounds.skew;
          if (validFor <= bounds.skew && !is(version, PROVEN | PENDING)) {
            version &= ~CURRENT;
          }
          boolean asked = canCome || is(version, CURRENT | PROVEN | PENDING | NAMED);
          if (!is(version, LOCKED)) {
            version = withLocked(version, 0) & ~UNSAVED;
          }
          if (!asked && !is(version, LOCKED)) {
            continue;
          }
          state.versions[to++] = version;
        }
      }
    }
  }

  // Properties

  @Override
  public Optional<String> broken(State state) {
    for (int v = 0; v < bounds.venues; v++) {
      if (state.liquidating[v] && state.solventFor[v] > 0) {
        return Optional.of("solvent and liquidating at once");
      }
    }
    for (int x = 0; x < bounds.attesters; x++) {
      int relied = 0;
      int unreleased = 0;
      int claimable = 0;
      for (int v = 0; v < bounds.venues; v++) {
        relied += reliedOn(state, x, v);
        unreleased += unreleased(state, x, v);
        claimable += claimable(state, x, v);
        if (state.sold[at(x, v)] % 4 > 1 || state.sold[at(x, v)] / 4 > 1) {
          return Optional.of("more is sold than an order allows");
        }
      }
      if (relied > state.kept[x]) {
        return Optional.of("counted twice: venues rely on " + relied + " of " + state.kept[x]);
      }
      if (unreleased > state.kept[x]) {
        return Optional.of(
            "paid out before release: " + unreleased + " attested, " + state.kept[x] + " kept");
      }
      if (bounds.prompt && claimable > state.kept[x]) {
        return Optional.of("nothing left to liquidate");
      }
    }
    return everythingEnds(state);
  }

  /** What a venue relies on: for an account that is solvent, or could be by a proof now. */
  private int reliedOn(State state, int x, int v) {
    int units = 0;
    if (solvent(state, v)) {
      units = attested(flagged(state, x, v, PROVEN));
    }
    return acceptable(state, v) && state.rostered[at(x, v)]
        ? Math.max(units, attested(current(state, x, v)))
        : units;
  }

  /** What the venue has not released, whatever it does with it. */
  private int unreleased(State state, int x, int v) {
    int units = 0;
    for (int i = first(x, v); i < first(x, v) + bounds.slots; i++) {
      int version = state.versions[i];
      if (is(version, COUNTS) && !is(version, ISSUED) && validFor(state, x, v, version) > 0) {
        units = Math.max(units, attested(version));
      }
    }
    return units;
  }

  /** What a liquidation would be carried out on, or is. */
  private int claimable(State state, int x, int v) {
    int order = state.ordered[v];
    if (state.liquidating[v]) {
      int sold = (state.sold[at(x, v)] >> (2 * (order - 1))) & 3;
      boolean closed = (state.closed[at(x, v)] & (1 << order)) != 0;
      return closed || !orderRuns(state, x, v, order)
          ? 0
          : Math.max(0, attested(flagged(state, x, v, NAMED)) - sold);
    }
    return state.solventFor[v] >= -(bounds.grace + bounds.skew)
        ? attested(flagged(state, x, v, PROVEN))
        : 0;
  }

  /** If nobody does anything any more: liquidations, grace and locks end by themselves. */
  private Optional<String> everythingEnds(State state) {
    State end = state.copy();
    int longest =
        Math.max(
            bounds.validity + bounds.skew,
            Math.max(bounds.term + bounds.skew, bounds.roundAge + bounds.grace + bounds.skew));
    for (int i = 0; i < longest; i++) {
      tick(end);
    }
    for (int v = 0; v < bounds.venues; v++) {
      boolean lapsed =
          state.ordered[v] > 0
              && end.orderFor[2 * v + state.ordered[v] - 1] <= -bounds.skew
              && !lacks(Weakness.ORDER_WITHOUT_END);
      if (state.liquidating[v] && !lapsed) {
        return Optional.of("a liquidation without end");
      }
      if (end.solventFor[v] > -(bounds.grace + bounds.skew)) {
        return Optional.of("grace without end");
      }
      for (int x = 0; x < bounds.attesters; x++) {
        if (lock(end, x, v) > 0) {
          return Optional.of("a lock without end");
        }
      }
    }
    return Optional.empty();
  }

  // Keys

  @Override
  public byte[] key(State state) {
    byte[] least = key(state, false, false);
    if (bounds.attesters == 2) {
      least = lesser(least, key(state, true, false));
    }
    if (bounds.venues == 2) {
      least = lesser(least, key(state, false, true));
      if (bounds.attesters == 2) {
        least = lesser(least, key(state, true, true));
      }
    }
    return least;
  }

  /** A key that tells attesters and venues apart. */
  byte[] keyWithNames(State state) {
    return key(state, false, false);
  }

  private static byte[] lesser(byte[] a, byte[] b) {
    return Arrays.compare(a, b) <= 0 ? a : b;
  }

  /** The state, perhaps with attesters or venues under each other's names. */
  private byte[] key(State state, boolean swapAttesters, boolean swapVenues) {
    byte[] key =
        new byte
            [1
                + 2 * bounds.attesters
                + 8 * bounds.venues
                + state.versions.length * 3
                + 4 * state.rostered.length];
    int n = 0;
    key[n++] = (byte) state.wallet;
    for (int i = 0; i < bounds.attesters; i++) {
      int x = swapAttesters ? 1 - i : i;
      key[n++] = (byte) (state.kept[x] * 2 + state.attesterClock[x]);
    }
    for (int j = 0; j < bounds.venues; j++) {
      int v = swapVenues ? 1 - j : j;
      key[n++] = (byte) state.solventFor[v];
      key[n++] =
          (byte)
              (state.venueClock[v]
                  + (state.liquidating[v] ? 2 : 0)
                  + (state.claiming[v] ? 4 : 0)
                  + 8 * state.ordered[v]);
      if (state.ordered[v] > 0) {
        key[n++] = (byte) state.orderFor[2 * v];
        key[n++] = (byte) state.orderFor[2 * v + 1];
      }
      for (int i = 0; i < bounds.attesters; i++) {
        int x = swapAttesters ? 1 - i : i;
        int at = at(x, v);
        int count = 0;
        int countAt = n++;
        for (int s = first(x, v); s < first(x, v) + bounds.slots; s++) {
          int version = state.versions[s];
          if (version != 0) {
            count++;
            key[n++] = (byte) version;
            key[n++] = (byte) (version >> 8);
            key[n++] = (byte) (version >> 16);
          }
        }
        key[countAt] = (byte) (count + (state.rostered[at] ? 16 : 0));
        if (state.ordered[v] > 0) {
          key[n++] = (byte) (state.closed[at] + 16 * state.seen[at]);
          key[n++] = (byte) state.sold[at];
        }
      }
    }
    return Arrays.copyOf(key, n);
  }
}
