package io.plimsoll.gate;

import static io.plimsoll.gate.GateHarness.ACCOUNT;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.SolvencyStatement;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.VerifiedSolvency;
import java.lang.reflect.Method;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * Model checks that claiming, proving, attesting and suspending behave under every interleaving as
 * if one came after the other. The account is liquidatable, and its owner could still prove.
 */
class GateLincheckTest {
  private static final SolvencyVerifier VERIFIER = Fixtures.verifier();

  /** What one harness arrived at; every run starts from a copy. */
  private static final Start START = start();

  private record Start(
      long now,
      AccountRecord account,
      VenueRecord venue,
      PublishedRound round,
      PreparedRound prepared,
      List<Attestation> next,
      List<byte[]> proofs) {}

  private static Start start() {
    GateHarness gate = new GateHarness(VERIFIER);
    gate.publish();
    gate.open(GateHarness.CUSTODIAN);
    gate.attest(GateHarness.CUSTODIAN, 1_000_000);
    gate.prove();
    gate.now += GateHarness.ROUND_AGE - 1;
    gate.publish();
    gate.now += GateHarness.SKEW + GateHarness.GRACE + 1;
    assertTrue(gate.status() instanceof AccountStatus.Liquidatable);
    AccountRecord account = gate.store.transact(tx -> tx.account(ACCOUNT)).orElseThrow();
    VenueRecord venue = gate.store.transact(GateStore.Transaction::venue);
    PublishedRound round = gate.store.transact(tx -> tx.round(gate.round.sequence())).orElseThrow();
    // Two more versions, and a proof for each of the three.
    List<Attestation> next = new ArrayList<>();
    List<byte[]> proofs = new ArrayList<>();
    proofs.add(Fixtures.proof(account.state(), gate.round));
    AccountState state = account.state();
    for (int i = 0; i < 2; i++) {
      Digest previous = state.attestations().get(0).digest();
      Attestation attestation =
          GateHarness.CUSTODIAN.attest(
              Fixtures.body()
                  .version(2 + i)
                  .previousDigest(previous)
                  .asOfMillis(gate.now)
                  .notAfterMillis(1_000_000));
      next.add(attestation);
      state = Fixtures.accepted(state.with(attestation));
      proofs.add(Fixtures.proof(state, gate.round));
    }
    try {
      return new Start(gate.now, account, venue, round, VERIFIER.prepare(gate.round), next, proofs);
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private static void seed(GateStore.Transaction transaction) {
    AccountRecord account = START.account;
    transaction.put(account.withVersion(1));
    VenueRecord venue = START.venue;
    transaction.put(
        new VenueRecord(
            1,
            venue.highestSequence(),
            venue.highestAsOfMillis(),
            venue.roundsFreshUntilMillis(),
            venue.outages(),
            venue.revokedAtMillis()));
    transaction.append(START.round);
  }

  /** The operations, on any store. */
  @Param(name = "index", gen = IntGen.class, conf = "0:1")
  public abstract static class Operations {
    private final LiquidationGate gate;

    Operations(GateStore store) {
      store.transact(
          transaction -> {
            seed(transaction);
            return true;
          });
      try {
        gate =
            LiquidationGate.create(
                Fixtures.VENUE,
                VERIFIER,
                io.plimsoll.verifier.PublisherPolicy.of(
                    1, List.of(GateHarness.PUBLISHERS.get(0).publicKey())),
                GateHarness.policy(),
                store,
                GateHarness.VENUE_SIGNER);
      } catch (InvalidFormatException e) {
        throw new AssertionError(e);
      }
      gate.rounds().ready(START.prepared, START.round);
    }

    /** Whether the proof for that version of the account was accepted. */
    @Operation
    public boolean submitProof(@Param(name = "index") int version) {
      return gate.submitProof(ACCOUNT, START.round.sequence(), START.proofs.get(version)).verdict()
          instanceof VerifiedSolvency;
    }

    @Operation
    public boolean claim() {
      return gate.claimLiquidation(ACCOUNT, "desk") instanceof ClaimOutcome.Claimed;
    }

    @Operation
    public boolean attest(@Param(name = "index") int next) {
      return gate.attest(START.next.get(next)) instanceof AccountUpdate.Accepted;
    }

    /** What is left under the order that runs, if one does. */
    @Operation
    public String execute() {
      return gate.runningOrder(ACCOUNT)
          .map(
              order ->
                  name(
                      gate.attestExecution(
                          GateHarness.execution(
                              GateHarness.CUSTODIAN, order.message().digest(), START.next.get(0)))))
          .orElse("nothing runs");
    }

    @Operation
    public boolean release() {
      return gate.release(ACCOUNT, GateHarness.CUSTODIAN.publicKey())
          instanceof ReleaseOutcome.Released;
    }

    @Operation
    public String suspend() {
      return name(gate.suspend(ACCOUNT, SuspensionCause.VENUE_FAULT));
    }

    @Operation
    public String resume() {
      return name(gate.resume(ACCOUNT));
    }

    @Operation
    public String decide() {
      return name(gate.decide(ACCOUNT));
    }

    private static String name(Object value) {
      return value.getClass().getSimpleName();
    }
  }

  public static final class InMemory extends Operations {
    public InMemory() {
      super(new InMemoryGateStore(() -> Instant.ofEpochMilli(START.now)));
    }
  }

  /** Keeps what is put without regard to what came in between. */
  public static final class LostUpdates extends Operations {
    public LostUpdates() {
      super(new LosingStore());
    }
  }

  private static final class LosingStore implements GateStore {
    private volatile AccountRecord account;
    private volatile VenueRecord venue = VenueRecord.EMPTY;
    private volatile PublishedRound round;
    private volatile Digest policyDigest = Digest.ZERO;

    @Override
    public <R> R transact(Function<Transaction, R> work) {
      return work.apply(new Direct());
    }

    @Override
    public <R> R read(Function<View, R> work) {
      return work.apply(new Direct());
    }

    private final class Direct implements Transaction {
      @Override
      public List<String> accounts(String after, int most) {
        return List.of(ACCOUNT);
      }

      @Override
      public long accountCount() {
        return 1;
      }

      @Override
      public long countedTo(int rank) {
        return account.countedToMillis();
      }

      @Override
      public List<String> countedNotAfter(long millis) {
        return List.of();
      }

      @Override
      public Optional<io.plimsoll.verifier.SignedRound> signedRound(long sequence) {
        return Optional.empty();
      }

      @Override
      public List<JournalRecord> journal(long from, int most) {
        return List.of();
      }

      @Override
      public Digest policyDigest() {
        return policyDigest;
      }

      @Override
      public JournalRecord append(Decision decision) {
        if (decision instanceof Decision.PolicySet set) {
          policyDigest = set.digest();
        }
        return new JournalRecord(1, Digest.ZERO, decision);
      }

      @Override
      public long nowMillis() {
        return START.now;
      }

      @Override
      public Optional<AccountRecord> account(String name) {
        return Optional.ofNullable(account);
      }

      @Override
      public void put(AccountRecord record) {
        account = record;
      }

      @Override
      public VenueRecord venue() {
        return venue;
      }

      @Override
      public void put(VenueRecord record) {
        venue = record;
      }

      @Override
      public Optional<PublishedRound> round(long sequence) {
        return Optional.of(round);
      }

      @Override
      public void append(PublishedRound published) {
        round = published;
      }

      @Override
      public Optional<Attestation> attestation(
          String name, io.plimsoll.verifier.Ed25519PublicKey attester, long version) {
        return Optional.empty();
      }

      @Override
      public void append(Attestation attestation) {}

      @Override
      public void append(Evidence evidence) {}

      @Override
      public List<Evidence> evidence() {
        return List.of();
      }
    }
  }

  /** Touches nothing that threads share, or only under the store's lock: no switch inside. */
  private static final List<String> PURE =
      List.of(
          AccountState.class.getName(),
          AccountRecord.class.getName(),
          VenueRecord.class.getName(),
          Attestation.class.getName(),
          CanonicalWriter.class.getName(),
          Digest.class.getName(),
          Decision.class.getName(),
          Execution.class.getName(),
          FieldReader.class.getName(),
          FieldWriter.class.getName(),
          GateTransitions.class.getName(),
          JournalBudget.class.getName(),
          JournalRecord.class.getName(),
          ProofBytes.class.getName(),
          ProofJudge.class.getName(),
          ProofReceipt.class.getName(),
          VenueSigned.class.getName(),
          GateHarness.class.getName(),
          SolvencyStatement.class.getName(),
          SolvencyVerifier.class.getName(),
          InMemoryGateStore.class.getName() + "$Buffered");

  /** The races that matter, each explored for itself; random ones come after them. */
  private static final List<ExecutionScenario> SCENARIOS =
      List.of(
          race(List.of(List.of(submit(0)), List.of(actor("claim")))),
          race(List.of(List.of(submit(0), actor("claim")), List.of(actor("claim")))),
          race(List.of(List.of(submit(0)), List.of(actor("claim")), List.of(actor("claim")))),
          race(List.of(List.of(submit(0)), List.of(actor("attest", 0), actor("claim")))),
          race(List.of(List.of(submit(0), submit(1)), List.of(actor("attest", 0), actor("claim")))),
          race(List.of(List.of(actor("claim"), actor("execute")), List.of(submit(1)))),
          race(
              List.of(
                  List.of(actor("claim"), actor("execute"), submit(1)),
                  List.of(actor("claim"), submit(0)))),
          race(List.of(List.of(submit(0), actor("release")), List.of(actor("attest", 0)))),
          race(
              List.of(
                  List.of(submit(0)), List.of(actor("suspend"), actor("resume"), actor("claim")))));

  private static Actor submit(int version) {
    return actor("submitProof", version);
  }

  private static Actor actor(String operation, Object... arguments) {
    for (Method method : Operations.class.getDeclaredMethods()) {
      if (method.getName().equals(operation) && method.isAnnotationPresent(Operation.class)) {
        return new Actor(method, List.of(arguments), false, false, false, false, false);
      }
    }
    throw new AssertionError(operation);
  }

  /** These threads at once, and then a look at the account. */
  private static ExecutionScenario race(List<List<Actor>> threads) {
    return new ExecutionScenario(List.of(), threads, List.of(actor("decide")), null);
  }

  private static ModelCheckingOptions bounded() {
    ModelCheckingOptions options = new ModelCheckingOptions();
    for (ExecutionScenario scenario : SCENARIOS) {
      options.addCustomScenario(scenario);
    }
    return options
        .iterations(2)
        .invocationsPerIteration(100)
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(0)
        .actorsAfter(1)
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(PURE.toArray(String[]::new))
                .allMethods()
                .ignore());
  }

  @Test
  void claimAndProofExcludeEachOtherUnderAnyInterleaving() {
    bounded().check(InMemory.class);
  }

  @Test
  void storeThatLosesUpdatesIsFound() {
    AssertionError found =
        assertThrows(AssertionError.class, () -> bounded().check(LostUpdates.class));
    assertTrue(found.getMessage().contains("Invalid execution results"), found.getMessage());
  }
}
