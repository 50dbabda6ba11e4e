package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static io.plimsoll.gate.GateHarness.CUSTODIAN;
import static io.plimsoll.gate.GateHarness.GRACE;
import static io.plimsoll.gate.GateHarness.LENDER;
import static io.plimsoll.gate.GateHarness.NEWCOMER;
import static io.plimsoll.gate.GateHarness.ORDER;
import static io.plimsoll.gate.GateHarness.ROUND_AGE;
import static io.plimsoll.gate.GateHarness.SKEW;
import static io.plimsoll.gate.GateHarness.SPACING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.Fixtures;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The venue stops between any two writes of a decision, or after the commit and before anybody is
 * told. A decision is there as a whole or not at all, and what was to be signed is signed again.
 */
class CrashTest {
  /** A history, and the one operation in it that is interrupted. */
  private record Case(String name, Consumer<GateHarness> before, Consumer<GateHarness> operation) {}

  private static final List<Case> CASES =
      List.of(
          new Case(
              "attest", gate -> gate.now += SPACING, gate -> gate.attest(CUSTODIAN, 1_000_000)),
          new Case(
              "equivocate",
              gate -> {},
              gate ->
                  gate.gate.attest(
                      CUSTODIAN.attest(
                          Fixtures.body().asOfMillis(gate.now).notAfterMillis(999_999)))),
          new Case("join", gate -> {}, gate -> gate.join(NEWCOMER)),
          new Case("leave", gate -> {}, gate -> gate.leave(LENDER)),
          new Case("publish", gate -> gate.now += 2 * ROUND_AGE, GateHarness::publish),
          new Case(
              "conflict",
              gate -> {},
              gate ->
                  gate.gate.publishRound(
                      GateHarness.signed(Fixtures.round(gate.round.sequence(), gate.now, 3, 3)))),
          new Case("prove", gate -> {}, GateHarness::prove),
          new Case(
              "release", gate -> {}, gate -> gate.gate.release(ACCOUNT, CUSTODIAN.publicKey())),
          new Case(
              "claim",
              CrashTest::makeLiquidatable,
              gate -> gate.gate.claimLiquidation(ACCOUNT, "desk")),
          new Case("execute", CrashTest::makeLiquidating, gate -> gate.execute(LENDER)),
          new Case(
              "prove what is left",
              gate -> {
                makeLiquidating(gate);
                gate.execute(LENDER);
                gate.execute(CUSTODIAN);
              },
              GateHarness::prove),
          new Case(
              "prove after the order has lapsed",
              gate -> {
                makeLiquidating(gate);
                gate.now += ORDER;
                gate.attest(CUSTODIAN, 1_000_000);
                gate.attest(LENDER, 1_000_000);
                gate.now += SKEW;
                gate.publish();
              },
              GateHarness::prove),
          new Case(
              "complete",
              CrashTest::makeLiquidating,
              gate ->
                  gate.gate.completeLiquidation(
                      gate.gate.runningOrder(ACCOUNT).orElseThrow().message())),
          new Case(
              "suspend",
              gate -> {},
              gate -> gate.gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT)),
          new Case("breaker", gate -> {}, gate -> gate.gate.openBreaker()),
          new Case("revoke", gate -> {}, gate -> gate.gate.revokeAttester(LENDER.publicKey())));

  private static void makeLiquidatable(GateHarness gate) {
    gate.now += ROUND_AGE - 1;
    gate.publish();
    gate.now += 1 + SKEW + GRACE;
    assertTrue(gate.status() instanceof AccountStatus.Liquidatable);
  }

  private static void makeLiquidating(GateHarness gate) {
    makeLiquidatable(gate);
    gate.gate.claimLiquidation(ACCOUNT, "desk");
  }

  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Stops at a write, counted from when it is armed, or after the commit. */
  private static final class Stopping implements GateStore {
    private final GateStore store;
    private int writesLeft = Integer.MAX_VALUE;
    private boolean afterCommit;

    Stopping(GateStore store) {
      this.store = store;
    }

    @Override
    public <R> R transact(Function<Transaction, R> work) {
      R result = store.transact(transaction -> work.apply(counted(transaction)));
      if (afterCommit) {
        throw new Stopped();
      }
      return result;
    }

    @Override
    public <R> R read(Function<View, R> work) {
      return store.read(work);
    }

    private Transaction counted(Transaction transaction) {
      return (Transaction)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Transaction.class},
              (proxy, method, arguments) -> {
                if (List.of("put", "append").contains(method.getName()) && writesLeft-- == 0) {
                  throw new Stopped();
                }
                try {
                  return method.invoke(transaction, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }

  private final List<AutoCloseable> opened = new ArrayList<>();

  /** A fresh store. */
  GateStore create(InstantSource clock) {
    return new InMemoryGateStore(clock);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable store : opened) {
      store.close();
    }
  }

  private GateHarness start(Case interrupted) {
    GateHarness gate =
        new GateHarness(
            Fixtures.verifier(),
            clock -> {
              GateStore store = create(clock);
              if (store instanceof AutoCloseable closeable) {
                opened.add(closeable);
              }
              return new Stopping(store);
            });
    gate.makeSolvent();
    interrupted.before().accept(gate);
    return gate;
  }

  private static String everything(GateHarness gate) {
    return gate.store.read(
        view ->
            show(view.account(ACCOUNT).orElseThrow())
                + show(view.venue())
                + view.evidence().size()
                + show(view.round(view.venue().highestSequence()))
                + show(view.journal(1, 1000).stream().map(JournalRecord::digest).toList()));
  }

  /** Maps in order. */
  private static String show(Object value) {
    if (value instanceof Optional<?> optional) {
      return optional.map(CrashTest::show).orElse("none");
    }
    if (value instanceof Map<?, ?> map) {
      TreeMap<String, String> sorted = new TreeMap<>();
      map.forEach((key, mapped) -> sorted.put(key.toString(), show(mapped)));
      return sorted.toString();
    }
    if (!(value instanceof Record)) {
      return value.toString();
    }
    StringBuilder all = new StringBuilder();
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      try {
        Object part = component.getAccessor().invoke(value);
        all.append(component.getName()).append('=').append(show(part)).append('\n');
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(component.getName(), e);
      }
    }
    return all.toString();
  }

  @Test
  void decisionThatIsInterruptedIsThereAsAWholeOrNotAtAll() {
    for (Case interrupted : CASES) {
      GateHarness whole = start(interrupted);
      interrupted.operation().accept(whole);
      String expected = everything(whole);
      int writes = 0;
      for (boolean stopped = true; stopped; writes++) {
        GateHarness gate = start(interrupted);
        String before = everything(gate);
        Stopping store = (Stopping) gate.store;
        store.writesLeft = writes;
        try {
          interrupted.operation().accept(gate);
          stopped = false;
        } catch (Stopped e) {
          assertEquals(before, everything(gate), interrupted.name() + " at write " + writes);
          store.writesLeft = Integer.MAX_VALUE;
          gate.gate = gate.gate(Fixtures.verifier());
          interrupted.operation().accept(gate);
        }
        assertEquals(expected, everything(gate), interrupted.name() + " at write " + writes);
      }
      assertTrue(writes > 2, interrupted.name() + " writes " + writes);
    }
    GateHarness.auditAll();
  }

  @Test
  void decisionThatNobodyWasToldOfStandsAndIsSignedAgain() {
    for (Case interrupted : CASES) {
      GateHarness whole = start(interrupted);
      interrupted.operation().accept(whole);
      GateHarness gate = start(interrupted);
      Stopping store = (Stopping) gate.store;
      store.afterCommit = true;
      assertThrows(Stopped.class, () -> interrupted.operation().accept(gate), interrupted.name());
      store.afterCommit = false;
      assertEquals(everything(whole), everything(gate), interrupted.name());
      gate.gate = gate.gate(Fixtures.verifier());
      assertEquals(
          whole.gate.runningOrder(ACCOUNT), gate.gate.runningOrder(ACCOUNT), interrupted.name());
      assertEquals(
          whole.gate.lastRelease(ACCOUNT, CUSTODIAN.publicKey()),
          gate.gate.lastRelease(ACCOUNT, CUSTODIAN.publicKey()));
      long last = gate.journal().size();
      assertEquals(whole.gate.receipt(last), gate.gate.receipt(last), interrupted.name());
    }
  }

  /** The key store is away: what was decided stays decided. */
  @Test
  void signerThatFailsLosesNoDecision() throws Exception {
    GateHarness gate = GateHarness.ready();
    byte[] proof = Fixtures.proof(gate.gate.account(ACCOUNT), gate.round);
    VenueSigner away =
        new VenueSigner() {
          @Override
          public io.plimsoll.verifier.Ed25519PublicKey publicKey() {
            return GateHarness.VENUE_KEY.publicKey();
          }

          @Override
          public byte[] sign(byte[] message) {
            throw new Stopped();
          }
        };
    LiquidationGate failing = gate.gate(Fixtures.verifier(), 2, away);
    assertThrows(Stopped.class, () -> failing.submitProof(ACCOUNT, 1, proof));
    assertTrue(gate.status() instanceof AccountStatus.Solvent);
    VenueSigned<ProofReceipt> receipt = gate.gate.receipt(gate.journal().size()).orElseThrow();
    assertEquals(io.plimsoll.verifier.Digest.of(proof), receipt.message().proofDigest());
    assertThrows(Stopped.class, () -> failing.release(ACCOUNT, CUSTODIAN.publicKey()));
    assertTrue(gate.gate.lastRelease(ACCOUNT, CUSTODIAN.publicKey()).isPresent());
    makeLiquidatable(gate);
    assertThrows(Stopped.class, () -> failing.claimLiquidation(ACCOUNT, "desk"));
    assertTrue(gate.gate.runningOrder(ACCOUNT).isPresent());
    assertEquals(Optional.empty(), gate.gate.receipt(gate.journal().size()));
    GateHarness.auditAll();
  }
}
