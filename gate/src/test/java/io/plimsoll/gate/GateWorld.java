package io.plimsoll.gate;

import io.plimsoll.gate.GateTransitions.Step;
import io.plimsoll.gate.explore.Explorer;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.TestKey;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One account at a real gate, as far as anything can happen to it in a few ticks of the clock: the
 * gate's own transitions and judge, on real records, with proofs that stand for themselves.
 *
 * <p>Records are kept in a canonical form, so that histories that lead to one situation lead to one
 * state: what names a record and what is digested is levelled, times and attesters' versions stay.
 */
final class GateWorld implements Explorer.Model<GateWorld.Situation> {
  /** What can happen; a tick always can. */
  enum Event {
    PUBLISH,
    ATTEST,
    PROVE,
    CLAIM,
    EXECUTE,
    COMPLETE,
    CANCEL,
    RELEASE,
    SUSPEND,
    RESUME,
    BREAKER,
    DISPUTE,
    REVOKE,
    REPLACE,
    LEAVE,
    /** The owner asks for the newcomer. */
    JOIN,
    /** The newcomer signs a second attestation with its last version. */
    CONTRADICT
  }

  private static final long START = 100;
  private static final TestKey CUSTODIAN = GateHarness.CUSTODIAN;
  private static final TestKey LENDER = GateHarness.LENDER;
  private static final TestKey NEWCOMER = GateHarness.NEWCOMER;
  private static final Map<Ed25519PublicKey, String> NAMES =
      Map.of(
          CUSTODIAN.publicKey(), "the custodian",
          LENDER.publicKey(), "the lender",
          NEWCOMER.publicKey(), "the newcomer");

  private static final SolvencyVerifier VERIFIER = Fixtures.verifier();

  /**
   * A state.
   *
   * @param round the last one
   * @param awaited by the world's own count: for each attester that an order named, the end of the
   *     order, until the attester has attested anew
   * @param faults how many faults there were, so that they end
   * @param orders how many orders there were, so that they end
   * @param wrong what must not have happened, if it has
   */
  record Situation(
      AccountRecord account,
      VenueRecord venue,
      Optional<PublishedRound> round,
      long now,
      Map<Ed25519PublicKey, Long> awaited,
      int faults,
      int orders,
      String wrong) {
    @Override
    public String toString() {
      return "the account was opened at " + now;
    }
  }

  private final GatePolicy policy;
  private final GatePolicy promised;
  private final GateTransitions transitions;
  private final ProofJudge judge;
  private final List<TestKey> attesters;
  private final Set<Event> events;
  private final long validity;
  private final long horizon;
  private final int mostFaults;
  private final int mostOrders;

  /** Whether nobody but the owner, and the attester that it asks for, does anything amiss. */
  private boolean ownerAlone;

  /** What was signed before: signing takes a hundred times longer than all the rest. */
  private final Map<List<Object>, Attestation> attestations = new HashMap<>();

  private final Map<List<Object>, Execution> executions = new HashMap<>();
  private final Map<Long, PreparedRound> prepared = new HashMap<>();

  /**
   * A world.
   *
   * @param policy of the gate
   * @param promised whose bounds are asked for
   * @param attesters on the roster, 1 or 2
   * @param validity of attestations, in ticks
   * @param ticks after which nothing is done any more
   * @param mostFaults how often somebody suspends, disputes, revokes, or moves the breaker
   * @param mostOrders how many liquidations are claimed
   */
  GateWorld(
      GatePolicy policy,
      GatePolicy promised,
      int attesters,
      long validity,
      long ticks,
      int mostFaults,
      int mostOrders,
      Event first,
      Event... more) {
    this.policy = policy;
    this.promised = promised;
    this.attesters = List.of(CUSTODIAN, LENDER).subList(0, attesters);
    this.validity = validity;
    this.horizon = START + ticks;
    this.mostFaults = mostFaults;
    this.mostOrders = mostOrders;
    events = EnumSet.of(first, more);
    transitions = new GateTransitions(policy);
    judge = new ProofJudge(VERIFIER, policy, transitions);
  }

  /** The same, where nothing that happens is a reason to suspend an account that cannot prove. */
  GateWorld whereOnlyTheOwnerMeansIll() {
    ownerAlone = true;
    return this;
  }

  @Override
  public List<Situation> initial() {
    AccountState state = Fixtures.account(attesters.stream().map(TestKey::publicKey).toList());
    List<Situation> reached = new ArrayList<>();
    reached.add(
        new Situation(
            AccountRecord.opened(state, START),
            VenueRecord.EMPTY,
            Optional.empty(),
            START,
            Map.of(),
            0,
            0,
            ""));
    // A round, and everybody's first attestation: in which order they came is of no interest.
    publish(reached.get(0), (name, result) -> reached.set(0, result));
    for (TestKey attester : attesters) {
      attest(reached.get(0), attester, (name, result) -> reached.set(0, result));
    }
    return reached;
  }

  // What can happen

  @Override
  public void next(Situation before, Explorer.Actions<Situation> actions) {
    if (before.now < horizon) {
      actions.add(() -> "a tick", at(before, before.now + 1));
    }
    Situation here = before;
    AccountRecord lapsed = transitions.asOf(before.account, before.now);
    if (!lapsed.liquidation().equals(before.account.liquidation())) {
      here = with(before, lapsed);
    }
    List<Ed25519PublicKey> rostered = here.account.state().roster().attesters();
    publish(here, actions);
    prove(here, actions);
    for (TestKey attester : List.of(CUSTODIAN, LENDER, NEWCOMER)) {
      if (rostered.contains(attester.publicKey())) {
        attest(here, attester, actions);
        execute(here, attester, actions);
        leave(here, attester, actions);
      }
      release(here, attester.publicKey(), actions);
    }
    join(here, actions);
    contradict(here, actions);
    liquidate(here, actions);
    faults(here, actions);
  }

  private boolean may(Event event) {
    return events.contains(event);
  }

  private Situation at(Situation here, long now) {
    return new Situation(
        here.account,
        here.venue,
        here.round,
        now,
        here.awaited,
        here.faults,
        here.orders,
        here.wrong);
  }

  private Situation with(Situation here, AccountRecord account) {
    return with(here, account, here.awaited, here.wrong);
  }

  private Situation with(
      Situation here, AccountRecord account, Map<Ed25519PublicKey, Long> awaited, String wrong) {
    return new Situation(
        canonical(account),
        here.venue,
        here.round,
        here.now,
        awaited,
        here.faults,
        here.orders,
        wrong);
  }

  private void publish(Situation here, Explorer.Actions<Situation> actions) {
    // One round lasts where no more are of interest.
    boolean enough = ownerAlone && here.round.isPresent();
    if (!may(Event.PUBLISH) || enough || here.venue.highestSequence() == here.now) {
      return;
    }
    PublishedRound round =
        new PublishedRound(
            here.now,
            Fixtures.round(here.now, here.now).digest(),
            here.now,
            here.now,
            List.of(),
            false);
    VenueRecord venue = here.venue.withRound(round, policy.maximumRoundAgeMillis(), here.now);
    actions.add(
        () -> "the publishers publish a round",
        new Situation(
            here.account,
            venue,
            Optional.of(round),
            here.now,
            here.awaited,
            here.faults,
            here.orders,
            here.wrong));
  }

  private void prove(Situation here, Explorer.Actions<Situation> actions) {
    if (!may(Event.PROVE) || here.round.isEmpty()) {
      return;
    }
    long sequence = here.round.get().sequence();
    byte[] proof = Fixtures.proof(here.account.state(), Fixtures.round(sequence, sequence));
    Verdict verdict =
        judge.judge(
            new ProofJudge.Received(Optional.of(here.account), here.venue, here.round, here.now),
            number -> Optional.of(prepared.computeIfAbsent(number, GateWorld::prepare)),
            proof);
    if (!(verdict instanceof VerifiedSolvency verified)) {
      return;
    }
    Step<Verdict> step =
        transitions.accept(
            here.account, here.venue, here.round, verified, Digest.of(proof), here.now);
    if (step.changed().isPresent()) {
      String wrong =
          here.awaited.isEmpty()
              ? here.wrong
              : "a proof counts that rests on what an order named: " + names(here.awaited);
      actions.add(
          () -> "the owner proves, and the proof is accepted",
          with(here, step.changed().get(), here.awaited, wrong));
    }
  }

  private static PreparedRound prepare(long sequence) {
    try {
      return VERIFIER.prepare(Fixtures.round(sequence, sequence));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private void attest(Situation here, TestKey attester, Explorer.Actions<Situation> actions) {
    if (!may(Event.ATTEST)) {
      return;
    }
    Attestation next = next(here, attester, false);
    Step<AccountUpdate> step =
        transitions.attest(here.account, here.venue, next, Optional.empty(), false, here.now);
    if (step.changed().isPresent()) {
      Map<Ed25519PublicKey, Long> awaited = here.awaited;
      Long end = awaited.get(attester.publicKey());
      if (end != null && next.body().asOfMillis() >= end) {
        awaited = without(awaited, attester.publicKey());
      }
      actions.add(
          () -> name(attester) + " attests", with(here, step.changed().get(), awaited, here.wrong));
    }
  }

  private void execute(Situation here, TestKey attester, Explorer.Actions<Situation> actions) {
    if (!may(Event.EXECUTE)
        || here.account.liquidation().isEmpty()
        || here.account.liquidation().get().attested().contains(attester.publicKey())) {
      return;
    }
    Digest order = here.account.liquidation().get().order().digest();
    Attestation left = next(here, attester, false);
    Execution execution =
        executions.computeIfAbsent(
            List.of(order, left.digest()), key -> executed(attester, order, left));
    Step<AccountUpdate> step =
        transitions.execute(here.account, here.venue, execution, Optional.empty(), here.now);
    if (step.changed().isPresent()) {
      actions.add(
          () -> name(attester) + " executes the order and attests what is left",
          with(
              here, step.changed().get(), without(here.awaited, attester.publicKey()), here.wrong));
    }
  }

  private static Execution executed(TestKey attester, Digest order, Attestation left) {
    try {
      return Execution.of(order, left, attester.sign(Execution.signedBytes(order, left)));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private void leave(Situation here, TestKey attester, Explorer.Actions<Situation> actions) {
    if (!may(Event.LEAVE) || attester.equals(CUSTODIAN)) {
      return;
    }
    Step<AccountUpdate> step =
        transitions.changeRoster(
            here.account,
            here.venue,
            new RosterChange.Leave(next(here, attester, true)),
            Optional.empty(),
            Fixtures.MAX_ATTESTERS,
            here.now);
    if (step.changed().isPresent()) {
      actions.add(
          () -> name(attester) + " leaves",
          with(
              here, step.changed().get(), without(here.awaited, attester.publicKey()), here.wrong));
    }
  }

  private void join(Situation here, Explorer.Actions<Situation> actions) {
    long said =
        GateTransitions.binding(here.account.state(), NEWCOMER.publicKey())
            .map(last -> last.body().version())
            .orElse(0L);
    // It comes, leaves and comes again: more often is the same again.
    if (may(Event.JOIN) && said < 2) {
      transitions
          .changeRoster(
              here.account,
              here.venue,
              new RosterChange.Join(NEWCOMER.publicKey()),
              Optional.empty(),
              Fixtures.MAX_ATTESTERS,
              here.now)
          .changed()
          .ifPresent(
              joined -> actions.add(() -> "the owner asks for the newcomer", with(here, joined)));
    }
  }

  private void contradict(Situation here, Explorer.Actions<Situation> actions) {
    Optional<Attestation> last =
        GateTransitions.binding(here.account.state(), NEWCOMER.publicKey());
    // From the proof on that has counted it, it is an attester like any other.
    if (!may(Event.CONTRADICT)
        || last.isEmpty()
        || !here.account.newcomers().contains(NEWCOMER.publicKey())) {
      return;
    }
    AttestationBody body = last.get().body();
    // Of the tick after: nothing that the newcomer says in this world says the same.
    Attestation second =
        attestation(NEWCOMER, body.version(), body.asOfMillis() + 1, false, body.previousDigest());
    transitions
        .attest(here.account, here.venue, second, last, false, here.now)
        .changed()
        .ifPresent(
            suspended ->
                actions.add(() -> "the newcomer contradicts itself", with(here, suspended)));
  }

  private void release(
      Situation here, Ed25519PublicKey attester, Explorer.Actions<Situation> actions) {
    if (!may(Event.RELEASE)
        || transitions.releaseRefusal(here.account, here.venue, attester, here.now).isPresent()) {
      return;
    }
    AccountRecord released =
        transitions.release(here.account, here.venue, attester, here.now).changed().orElseThrow();
    actions.add(() -> "the venue releases " + NAMES.get(attester), with(here, released));
  }

  private void liquidate(Situation here, Explorer.Actions<Situation> actions) {
    Step<Optional<LiquidationOrder>> claim =
        may(Event.CLAIM) && here.orders < mostOrders
            ? transitions.claim(here.account, here.venue, "desk", here.now)
            : Step.unchanged(Optional.empty());
    if (claim.result().isPresent()) {
      Map<Ed25519PublicKey, Long> awaited = new HashMap<>(here.awaited);
      LiquidationOrder order = claim.result().get();
      order.attesters().forEach(attester -> awaited.put(attester, order.notAfterMillis()));
      AccountStatus status = transitions.status(here.account, here.venue, here.now);
      long earliest = here.account.solventUntilMillis() + policy.graceMillis();
      String wrong =
          here.now < earliest
              ? "claimed before " + earliest + ", at " + here.now + ", while " + status
              : here.wrong;
      actions.add(
          () -> "a liquidation is claimed",
          ordered(with(here, claim.changed().orElseThrow(), awaited, wrong)));
    }
    if (here.account.liquidation().isPresent()) {
      LiquidationOrder order = here.account.liquidation().get().order();
      for (boolean completed : new boolean[] {true, false}) {
        if (may(completed ? Event.COMPLETE : Event.CANCEL)) {
          actions.add(
              () -> "the liquidation is " + (completed ? "completed" : "cancelled"),
              with(
                  here,
                  transitions
                      .end(here.account, here.venue, order, completed, here.now)
                      .changed()
                      .orElseThrow()));
        }
      }
    }
  }

  private static Situation ordered(Situation here) {
    return new Situation(
        here.account,
        here.venue,
        here.round,
        here.now,
        here.awaited,
        here.faults,
        here.orders + 1,
        here.wrong);
  }

  private void faults(Situation here, Explorer.Actions<Situation> actions) {
    VenueRecord venue = here.venue;
    if (may(Event.RESUME)) {
      transitions
          .resume(here.account, venue, here.now, true)
          .changed()
          .ifPresent(resumed -> actions.add(() -> "the venue resumes", with(here, resumed)));
    }
    if (may(Event.BREAKER) && venue.breakerIsOpen()) {
      actions.add(
          () -> "the breaker is closed",
          faulty(here, here.account, venue.withBreakerClosed(here.now), here.faults));
    }
    if (may(Event.REPLACE)) {
      transitions
          .changeRoster(
              here.account,
              venue,
              new RosterChange.Replace(LENDER.publicKey(), NEWCOMER.publicKey()),
              Optional.empty(),
              Fixtures.MAX_ATTESTERS,
              here.now)
          .changed()
          .ifPresent(
              replaced ->
                  actions.add(
                      () -> "the newcomer takes the lender's place",
                      with(here, replaced, without(here.awaited, LENDER.publicKey()), here.wrong)));
    }
    if (here.faults == mostFaults) {
      return;
    }
    int faults = here.faults + 1;
    if (may(Event.SUSPEND)) {
      transitions
          .suspend(here.account, venue, SuspensionCause.VENUE_FAULT, here.now, true)
          .changed()
          .ifPresent(
              suspended ->
                  actions.add(() -> "the venue suspends", faulty(here, suspended, venue, faults)));
    }
    if (may(Event.BREAKER) && !venue.breakerIsOpen()) {
      actions.add(() -> "the breaker opens", faulty(here, here.account, breaker(here), faults));
    }
    if (may(Event.DISPUTE) && here.round.isPresent() && !here.round.get().disputed()) {
      VenueRecord stopped = breaker(at(here, here.now)).withoutFreshRound(here.now);
      actions.add(
          () -> "a second round has the last one's number",
          new Situation(
              here.account,
              stopped,
              here.round.map(PublishedRound::asDisputed),
              here.now,
              here.awaited,
              faults,
              here.orders,
              here.wrong));
    }
    if (may(Event.REVOKE) && !venue.revokedAtMillis().containsKey(LENDER.publicKey())) {
      actions.add(
          () -> "the lender's key is revoked",
          faulty(here, here.account, venue.withRevoked(LENDER.publicKey(), here.now), faults));
    }
  }

  private VenueRecord breaker(Situation here) {
    return here.venue.withBreakerOpen(here.now, policy.maximumSuspensionMillis());
  }

  private Situation faulty(Situation here, AccountRecord account, VenueRecord venue, int faults) {
    return new Situation(
        canonical(account),
        venue,
        here.round,
        here.now,
        here.awaited,
        faults,
        here.orders,
        here.wrong);
  }

  private static Map<Ed25519PublicKey, Long> without(
      Map<Ed25519PublicKey, Long> awaited, Ed25519PublicKey attester) {
    Map<Ed25519PublicKey, Long> fewer = new HashMap<>(awaited);
    fewer.remove(attester);
    return fewer;
  }

  private static String name(TestKey attester) {
    return NAMES.get(attester.publicKey());
  }

  private static List<String> names(Map<Ed25519PublicKey, Long> attesters) {
    return attesters.keySet().stream().map(NAMES::get).sorted().toList();
  }

  private Attestation next(Situation here, TestKey attester, boolean closing) {
    Optional<Attestation> last =
        GateTransitions.binding(here.account.state(), attester.publicKey());
    return attestation(
        attester,
        last.map(before -> before.body().version()).orElse(0L) + 1,
        here.now,
        closing,
        last.map(Attestation::digest).orElse(Digest.ZERO));
  }

  private Attestation attestation(
      TestKey attester, long version, long asOf, boolean closing, Digest previous) {
    return attestations.computeIfAbsent(
        List.of(attester.publicKey(), version, asOf, closing, previous),
        key ->
            attester.attest(
                Fixtures.body()
                    .version(version)
                    .previousDigest(previous)
                    .asOfMillis(asOf)
                    .notAfterMillis(asOf + validity)
                    .closing(closing)));
  }

  // What must hold

  @Override
  public Optional<String> broken(Situation here) {
    if (!here.wrong.isEmpty()) {
      return Optional.of(here.wrong);
    }
    AccountStatus status = transitions.status(here.account, here.venue, here.now);
    if (status instanceof AccountStatus.Solvent solvent) {
      AcceptedProof proof = here.account.lastProof().orElseThrow();
      if (here.account.liquidation().isPresent()
          && transitions.asOf(here.account, here.now).liquidation().isPresent()) {
        return Optional.of("solvent and liquidating at once");
      }
      if (solvent.untilMillis() > proof.roundAsOfMillis() + policy.maximumRoundAgeMillis()) {
        return Optional.of("solvent beyond the round's age");
      }
      for (Ed25519PublicKey attester : proof.attested().keySet()) {
        boolean left =
            GateTransitions.binding(here.account.state(), attester)
                .filter(binding -> binding.body().closing())
                .isPresent();
        if (here.venue.revokedAtMillis().containsKey(attester) && !left) {
          return Optional.of("solvent by the word of a revoked key: " + NAMES.get(attester));
        }
        Release release = here.account.releases().get(attester);
        if (release != null && release.throughVersion() >= proof.attested().get(attester)) {
          return Optional.of("solvent by what was released: " + NAMES.get(attester));
        }
      }
    }
    if (ownerAlone
        && status instanceof AccountStatus.Suspended
        && here.now >= here.account.solventUntilMillis()) {
      return Optional.of("an owner that cannot prove is " + status);
    }
    return everythingEnds(here);
  }

  /**
   * If nobody does anything any more: how long grace and suspension may last together, how long a
   * liquidation, and what is at the end.
   */
  private Optional<String> everythingEnds(Situation here) {
    long waiting =
        promised.maximumSuspensionMillis() + promised.graceMillis() + promised.clockSkewMillis();
    long liquidating = promised.orderLifetimeMillis() + promised.clockSkewMillis();
    long until =
        here.now
            + promised.maximumRoundAgeMillis()
            + liquidating
            + waiting
            + promised.softLiquidationMillis();
    long waited = 0;
    long liquidated = 0;
    for (long time = here.now; time < until; time++) {
      AccountStatus status = transitions.status(here.account, here.venue, time);
      boolean waits =
          status instanceof AccountStatus.InGrace || status instanceof AccountStatus.Suspended;
      waited += waits ? 1 : 0;
      liquidated += status instanceof AccountStatus.Liquidating ? 1 : 0;
      if (waited > waiting) {
        return Optional.of("grace and suspension last longer than " + waiting);
      }
      if (liquidated > liquidating) {
        return Optional.of("a liquidation lasts longer than " + liquidating);
      }
    }
    AccountStatus end = transitions.status(here.account, here.venue, until);
    return end instanceof AccountStatus.Liquidatable
        ? Optional.empty()
        : Optional.of("in the end the account is " + end);
  }

  // Keys

  @Override
  public byte[] key(Situation here) {
    StringBuilder out = new StringBuilder(300);
    write(out, here);
    return out.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void write(StringBuilder out, Object value) {
    if (value instanceof Ed25519PublicKey key) {
      out.append(NAMES.get(key).charAt(4));
    } else if (value instanceof Attestation attestation) {
      write(out, attestation.body().attester());
      out.append(attestation.body().version())
          .append('/')
          .append(attestation.body().asOfMillis() - START)
          .append(attestation.body().closing() ? "x" : "");
    } else if (value instanceof AccountState state) {
      write(out, state.roster().attesters());
      write(out, state.attestations());
      write(out, state.departed());
    } else if (value instanceof Optional<?> optional) {
      optional.ifPresentOrElse(inner -> write(out, inner), () -> out.append('-'));
    } else if (value instanceof Map<?, ?> map) {
      Map<String, Object> sorted = new TreeMap<>();
      map.forEach(
          (key, inner) -> {
            StringBuilder name = new StringBuilder();
            write(name, key);
            sorted.put(name.toString(), inner);
          });
      sorted.forEach(
          (key, inner) -> {
            out.append(key);
            write(out, inner);
            out.append(';');
          });
      out.append('.');
    } else if (value instanceof List<?> list) {
      for (Object inner : list) {
        write(out, inner);
        out.append(';');
      }
      out.append('.');
    } else if (value instanceof Long number) {
      out.append((long) number);
    } else if (value instanceof Record record) {
      for (Object part : SHAPES.get(record.getClass()).parts(record)) {
        write(out, part);
        out.append(',');
      }
    } else if (!(value instanceof Digest)) {
      out.append(value);
    }
  }

  /** What names a record, and when it was made: nothing is concluded from these. */
  private static final Set<String> LEVELLED =
      Set.of(
          "version",
          "gateVersion",
          "accountVersion",
          "rosterVersion",
          "venueVersion",
          "acceptedAtMillis",
          "issuedAtMillis");

  /** A record in which histories that make no difference make none. */
  private AccountRecord canonical(AccountRecord record) {
    return (AccountRecord) level(record);
  }

  private Object level(Object value) {
    if (value instanceof AccountState state) {
      try {
        return AccountState.of(
            state.venue(),
            state.account(),
            state.circuitId(),
            1,
            io.plimsoll.verifier.Roster.of(1, state.roster().attesters()),
            levelled(state.attestations()),
            levelled(state.departed()));
      } catch (InvalidFormatException e) {
        throw new AssertionError(e);
      }
    }
    if (value instanceof Digest) {
      return Digest.ZERO;
    }
    if (value instanceof Optional<?> optional) {
      return optional.map(this::level);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(this::level).toList();
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> levelled = new HashMap<>();
      map.forEach((key, inner) -> levelled.put(key, level(inner)));
      return levelled;
    }
    if (!(value instanceof Record record)) {
      return value;
    }
    Shape shape = SHAPES.get(record.getClass());
    Object[] parts = shape.parts(record);
    for (int i = 0; i < parts.length; i++) {
      parts[i] = shape.levelled[i] ? Long.valueOf(1) : level(parts[i]);
    }
    return shape.make(parts);
  }

  private List<Attestation> levelled(List<Attestation> from) {
    List<Attestation> levelled = new ArrayList<>();
    for (Attestation attestation : from) {
      TestKey attester =
          List.of(CUSTODIAN, LENDER, NEWCOMER).stream()
              .filter(key -> key.publicKey().equals(attestation.body().attester()))
              .findFirst()
              .orElseThrow();
      levelled.add(
          attestation(
              attester,
              attestation.body().version(),
              attestation.body().asOfMillis(),
              attestation.body().closing(),
              Digest.ZERO));
    }
    return levelled;
  }

  /** How a class of records is taken apart and made. */
  private static final class Shape {
    private final List<Method> accessors = new ArrayList<>();
    private final boolean[] levelled;
    private final Constructor<?> constructor;

    Shape(Class<?> type) {
      RecordComponent[] components = type.getRecordComponents();
      Class<?>[] types = new Class<?>[components.length];
      levelled = new boolean[components.length];
      for (int i = 0; i < components.length; i++) {
        accessors.add(components[i].getAccessor());
        types[i] = components[i].getType();
        levelled[i] = LEVELLED.contains(components[i].getName());
      }
      try {
        constructor = type.getDeclaredConstructor(types);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(type.toString(), e);
      }
    }

    Object[] parts(Object record) {
      Object[] parts = new Object[accessors.size()];
      try {
        for (int i = 0; i < parts.length; i++) {
          parts[i] = accessors.get(i).invoke(record);
        }
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(record.toString(), e);
      }
      return parts;
    }

    Object make(Object[] parts) {
      try {
        return constructor.newInstance(parts);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(constructor.toString(), e);
      }
    }
  }

  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          return new Shape(type);
        }
      };
}
