package io.plimsoll.prover;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.proto.v1.StoredProofs;
import io.plimsoll.proto.v1.StoredRounds;
import io.plimsoll.prover.PlausibilityPolicy.Tensor;
import io.plimsoll.prover.RoundBook.Kept;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * An owner's prover for one circuit at one venue: accounts with their openings in memory, the last
 * risk rounds, the owner's policy, and a bounded queue before the native prover.
 *
 * <p>A proof takes this way: the policy, the exact assessment, the native prover, and the verifier,
 * which must accept before the proof leaves. If it does not, or the prover fails on an account that
 * is solvent, the key is blocked until the process starts anew: a faulty or planted proving key
 * could otherwise tell one bit of the holdings by each failure.
 *
 * <p>Results tell insolvency and refusals apart, because this is the owner's side. See {@link
 * ProofResult} for what may leave it. With a {@link Builder#store}, opened accounts, the last
 * rounds and what has been proven on them survive a restart, and no proof leaves before it is on
 * the disk. Without one they end with this object: an owner who restarts within a round should load
 * a later one, and set {@link ProverPolicy.Builder#maximumRoundAge}, lest somebody send the rounds
 * of the past.
 *
 * <p>A proof that waits alone gets all processors; when many wait, each gets one, the newest round
 * first. {@link #watch} follows lines of the agreement from round to round.
 *
 * <p>Thread-safe.
 */
// Its parts: ProofAdmission makes a request into a ProofTask or refuses it; ProofQueue hands tasks
// to ProofMaker, newest round first, alone or many at a time; ProofOutlet lets the proof out, or
// ends the request otherwise. AccountBook and RoundBook hold the state, Interlock what stops
// everything, ProofFeed who follows what.
//
// Locks: this class has none. Each part guards its own state alone, and says how where its lock is.
// Two of them call others while they hold it: ProofFeed, whose lock comes before all others, asks
// the books, puts requests into the queue, takes them out and ends them; AccountBook wipes accounts
// and writes the store. So the order is
//   ProofFeed, AccountBook.opening, AccountBook.accounts, OpenedAccount
// where the feed never needs the second, and RoundBook, ProofQueue, ProofWatch and StateWriter call
// nobody under theirs. Nothing of the feed's is called while another lock is held: hence
// accountOpened, accountClosed and roundAdmitted after the books have let go.
public final class ProverEngine implements AutoCloseable {
  private final MarginModel model;
  private final SolvencyVerifier verifier;
  private final SolvencyProver prover;
  private final String setup;
  private final ProverPolicy policy;
  private final Optional<ProverStore> store;
  private final Optional<Duration> usefulTime;
  private final ProverMetrics metrics;
  private final Interlock interlock;
  private final RoundBook rounds;
  private final AccountBook accounts;
  private final ProofFeed feed;
  private final ProofOutlet outlet;
  private final ProofQueue<ProofTask> queue;
  private final ProofAdmission admission;
  private final ExecutorService helpers;
  private final ExecutorService notifier;

  private ProverEngine(Builder builder, SolvencyVerifier verifier, OwnerWallet wallet)
      throws InvalidFormatException {
    this.model = builder.model;
    this.verifier = verifier;
    this.setup = builder.key.setup();
    this.prover = builder.prover;
    this.policy = builder.policy;
    this.store = Optional.ofNullable(builder.store);
    this.usefulTime = Optional.ofNullable(builder.usefulTime);
    this.interlock = new Interlock(circuitId());
    this.rounds = new RoundBook(policy, Tensor.of(model), verifier::prepare, builder.clock);
    this.metrics = new ProverMetrics(builder.metrics);
    this.accounts =
        new AccountBook(
            wallet,
            policy.venue(),
            circuitId(),
            model.maxAttesters(),
            builder.maxAccounts,
            store,
            interlock);
    if (store.isPresent()) {
      restore(builder.stored);
    }
    // Threads from here on, as nothing below fails.
    this.helpers = Executors.newFixedThreadPool(builder.workers, daemon("plimsoll-assess"));
    this.notifier = Executors.newSingleThreadExecutor(daemon("plimsoll-watch"));
    this.feed = new ProofFeed(new FeedSource(), metrics, notifier);
    ReleaseSlots slots =
        new ReleaseSlots(
            policy.releaseSlot(),
            builder.clock,
            builder.timer == null ? ReleaseSlots.realTime(builder.clock) : builder.timer);
    this.outlet = new ProofOutlet(rounds, circuitId(), store, slots, feed, metrics);
    ProofMaker maker =
        new ProofMaker(model, prover, verifier, accounts, interlock, outlet, metrics, helpers);
    this.queue = new ProofQueue<>(builder.queueCapacity, builder.workers, maker);
    this.admission =
        new ProofAdmission(
            policy, accounts, rounds, builder.clock, interlock, queue, outlet, metrics);
    metrics.gauge("queue", "Proofs that wait", queue::waiting);
    metrics.gauge("accounts", "Accounts that are open", accounts::size);
    metrics.gauge("watches", "Streams that follow proofs", feed::watches);
    metrics.gauge("round", "Sequence of the newest round", this::newestSequence);
    metrics.gauge(
        "key.blocked",
        "1: a proof failed its own verification",
        () -> interlock.isKeyBlocked() ? 1 : 0);
  }

  private static ThreadFactory daemon(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private void restore(Stored stored) throws InvalidFormatException {
    int kept = 0;
    if (stored.rounds().isPresent()) {
      kept = rounds.restore(stored.rounds().get(), stored.proofs(), circuitId());
    }
    accounts.restore(stored.accounts());
    StructuredLog.of("store_opened").with("accounts", accounts.size()).with("rounds", kept).info();
  }

  /** What the store said when the engine was built. */
  private record Stored(
      List<io.plimsoll.proto.v1.AccountState> accounts,
      Optional<StoredRounds> rounds,
      StoredProofs proofs) {}

  /** An engine to be filled in: model, key, prover, identity and policy must be set. */
  public static Builder builder() {
    return new Builder();
  }

  /** The margin model. */
  public MarginModel model() {
    return model;
  }

  /** The owner's policy. */
  public ProverPolicy policy() {
    return policy;
  }

  /** The circuit. */
  public Digest circuitId() {
    return verifier.circuitId();
  }

  /**
   * Lets a round in: enough signatures, this venue and circuit, sequence above the last one's,
   * every coefficient inside its interval and plausible after the last round's. A round that is in
   * already stays as it is.
   *
   * @return the round's digest
   * @throws InvalidFormatException if the round is of another circuit or a coefficient is outside
   *     its interval
   * @throws RefusedException if the policy refuses it
   */
  public Digest loadRound(SignedRound signed) throws InvalidFormatException, RefusedException {
    interlock.requireOpen();
    RoundBook.Admission admitted;
    try {
      admitted = rounds.admit(signed);
    } catch (RefusedException | InvalidFormatException e) {
      metrics.round(false);
      StructuredLog.of("round_refused")
          .with("round", signed.round().sequence())
          .with("reason", e instanceof RefusedException refused ? refused.refusal() : "INVALID")
          .info();
      throw e;
    }
    Kept round = admitted.round();
    if (admitted.isNew()) {
      metrics.round(true);
      StructuredLog.of("round_admitted").with("round", round.sequence()).debug();
      // Proofs wait until it is on the disk; their making does not.
      CompletableFuture<Void> unused = outlet.saved();
      feed.roundAdmitted(round.sequence());
    }
    return round.prepared().round().digest();
  }

  /**
   * Follows lines of the agreements: proves each on the newest round, and again on every newer one.
   *
   * @param lines absent: those of all accounts that are or will be open
   * @param afterRound proofs that left before are given at once if they are on a later round;
   *     {@link Long#MAX_VALUE} for none of them
   * @param available runs on a thread of the engine's when there is something to take; must neither
   *     block nor throw
   */
  public ProofWatch watch(Optional<Set<ProofLine>> lines, long afterRound, Runnable available) {
    return feed.watch(lines.map(Set::copyOf), afterRound, available);
  }

  /** The store, if there is one. */
  Optional<ProverStore> store() {
    return store;
  }

  ProverMetrics metrics() {
    return metrics;
  }

  /** Sequence of the newest round; -1 if there is none. */
  long newestSequence() {
    return newestRound().orElse(-1);
  }

  private OptionalLong newestRound() {
    Optional<Kept> newest = rounds.newest();
    return newest.isPresent() ? OptionalLong.of(newest.get().sequence()) : OptionalLong.empty();
  }

  private final class FeedSource implements ProofFeed.Source {
    @Override
    public ProofFeed.Ticket submitStanding(ProofLine line, long roundSequence) {
      ProofRequest request =
          ProofRequest.of(line.account(), roundSequence, line.threshold(), line.purpose());
      CompletableFuture<ProofResult> future = new CompletableFuture<>();
      Optional<ProofTask> task =
          admission.enter(usefulTime.map(request::within).orElse(request), future, true);
      return new ProofTask.Ticket(future, task);
    }

    @Override
    public Optional<SolvencyProof> proofAfter(ProofLine line, long roundSequence) {
      return rounds.proofAfter(line, roundSequence);
    }

    @Override
    public OptionalLong newestRound() {
      return ProverEngine.this.newestRound();
    }

    @Override
    public List<ProofLine> openLines() {
      return accounts.names().stream().flatMap(account -> policy.lines(account).stream()).toList();
    }
  }

  /**
   * Opens an account's attestations and keeps them, in the place of an earlier version, until
   * {@link #closeAccount} or {@link #close}.
   *
   * @return how many attestations were opened
   * @throws InvalidFormatException if an opening does not open
   * @throws RefusedException if the account is of another venue or circuit, an attestation is
   *     missing, there are too many, or a newer version is loaded
   */
  public int loadAccount(AccountState state) throws InvalidFormatException, RefusedException {
    return keep(state, false);
  }

  /**
   * {@link #loadAccount}, and keeps the account over restarts, if there is a store.
   *
   * @return how many attestations were opened
   * @throws InvalidFormatException as {@link #loadAccount}
   * @throws RefusedException as {@link #loadAccount}, or if the store cannot be written; nothing
   *     has changed then
   */
  public int openAccount(AccountState state) throws InvalidFormatException, RefusedException {
    return keep(state, true);
  }

  /** Whether accounts that are opened survive a restart. */
  public boolean isDurable() {
    return store.isPresent();
  }

  private int keep(AccountState state, boolean durably)
      throws InvalidFormatException, RefusedException {
    accounts.keep(state, durably);
    feed.accountOpened(state.account());
    return state.attestations().size();
  }

  /**
   * Forgets an account, also at rest. Its openings are wiped at once, or as soon as the proof that
   * is being made with them is done; one that still waits is refused.
   *
   * @throws RefusedException if no such account is loaded, or the store cannot be written
   */
  public void closeAccount(String account) throws RefusedException {
    accounts.forget(account);
    feed.accountClosed(account);
  }

  /**
   * Evaluates the margin rule exactly, for the owner. Any threshold will do, because nothing
   * leaves.
   *
   * @throws RefusedException if account or round are unknown or do not go together
   */
  public MarginAssessment assess(String account, long roundSequence, Threshold threshold)
      throws RefusedException {
    return admission.assess(model, account, roundSequence, threshold);
  }

  /**
   * Puts a request into the queue. What the policy refuses is refused at once.
   *
   * <p>Cancelling the future takes the request out of the queue, or lets the proof that is being
   * made for it go nowhere; the place for the round's one proof is free again. The future completes
   * exceptionally with {@link InvalidFormatException} if an account that was sent along does not
   * open, or with an unchecked exception if there is a bug.
   */
  public CompletableFuture<ProofResult> submit(ProofRequest request) {
    CompletableFuture<ProofResult> future = new CompletableFuture<>();
    Optional<ProofTask> unused = admission.enter(request, future, false);
    return future;
  }

  /**
   * {@link #submit}, and waits.
   *
   * @throws InvalidFormatException if an account that was sent along does not open
   * @throws InterruptedException if interrupted; the request is then cancelled
   */
  public ProofResult prove(ProofRequest request)
      throws InvalidFormatException, InterruptedException {
    CompletableFuture<ProofResult> future = submit(request);
    try {
      return future.get();
    } catch (InterruptedException e) {
      future.cancel(false);
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InvalidFormatException invalid) {
        throw invalid;
      }
      throw new IllegalStateException("the prover has a bug", e.getCause());
    }
  }

  /** Counts and flags. */
  public EngineStatus status() {
    return new EngineStatus(
        circuitId(),
        model.name() + "(" + model.shape() + ")",
        setup,
        accounts.size(),
        rounds.size(),
        queue.waiting(),
        queue.capacity(),
        outlet.proofs(),
        interlock.isKeyBlocked());
  }

  /**
   * Refuses what waits, finishes what is being proven, wipes every opening and closes the native
   * prover. The owner's identity stays as it is. Does nothing the second time.
   */
  @Override
  public void close() {
    if (!interlock.close()) {
      return;
    }
    RefusedException closed = Interlock.closed();
    for (ProofTask waiting : queue.close()) {
      waiting.place().giveBack();
      waiting.future().complete(new ProofResult.Refused(closed.refusal(), closed.getMessage()));
    }
    outlet.close();
    helpers.shutdown();
    notifier.shutdown();
    boolean unused = Waiting.untilTerminated(notifier, 10, TimeUnit.SECONDS);
    accounts.close();
    store.ifPresent(
        durably -> {
          try {
            durably.close();
          } catch (IOException e) {
            StructuredLog.of("store_failed").error(e);
          }
        });
    prover.close();
  }

  /** Collects the parts of an engine. Not thread-safe. */
  public static final class Builder {
    private MarginModel model;
    private VerifyingKey key;
    private SolvencyProver prover;
    private SealingIdentity identity;
    private ProverPolicy policy;
    private Clock clock = Clock.systemUTC();
    private int queueCapacity = 64;
    private int workers = Runtime.getRuntime().availableProcessors();
    private int maxAccounts = 4096;
    private Duration usefulTime;
    private MeterRegistry metrics = new SimpleMeterRegistry();
    private ReleaseSlots.Timer timer;
    private ProverStore store;
    private Stored stored;

    private Builder() {}

    /** The circuit's margin model. */
    public Builder model(MarginModel marginModel) {
      this.model = marginModel;
      return this;
    }

    /** The circuit's verifying key. */
    public Builder key(VerifyingKey verifyingKey) {
      this.key = verifyingKey;
      return this;
    }

    /** The circuit's native prover, which the engine closes with itself. */
    public Builder prover(SolvencyProver solvencyProver) {
      this.prover = solvencyProver;
      return this;
    }

    /**
     * To whom the openings are sealed. The engine uses it until it is closed and never closes it.
     */
    public Builder identity(SealingIdentity owner) {
      this.identity = owner;
      return this;
    }

    /** The owner's policy. */
    public Builder policy(ProverPolicy proverPolicy) {
      this.policy = proverPolicy;
      return this;
    }

    /** What tells whether an attestation has expired; the system's clock unless set. */
    public Builder clock(Clock source) {
      this.clock = Objects.requireNonNull(source);
      return this;
    }

    /** How many proofs may wait, at least 1, by default 64. */
    public Builder queueCapacity(int capacity) {
      this.queueCapacity = capacity;
      return this;
    }

    /**
     * How many proofs are made at a time when many wait, at least 1, by default as many as there
     * are processors. One that waits alone is always made alone.
     */
    public Builder workers(int threads) {
      this.workers = threads;
      return this;
    }

    /** How many accounts may be open, at least 1, by default 4096. */
    public Builder maxAccounts(int accounts) {
      if (accounts < 1) {
        throw new IllegalArgumentException("accounts are at least 1, not " + accounts);
      }
      this.maxAccounts = accounts;
      return this;
    }

    /**
     * How long after a round came its proofs are of use to those who {@link ProverEngine#watch};
     * what has not been begun by then is dropped. No limit unless set.
     */
    public Builder usefulTime(Duration time) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException("useful time is above zero, not " + time);
      }
      this.usefulTime = time;
      return this;
    }

    /**
     * Where the engine's meters are registered, each of them once; nowhere to be seen unless set.
     */
    public Builder metrics(MeterRegistry registry) {
      this.metrics = Objects.requireNonNull(registry);
      return this;
    }

    /** What releases proofs in their slots. */
    Builder timer(ReleaseSlots.Timer releases) {
      this.timer = releases;
      return this;
    }

    /**
     * What survives restarts. It is read here; the engine closes it with itself, and the caller if
     * there is no engine.
     *
     * @throws InvalidFormatException if the store was altered
     * @throws IOException if it cannot be read
     */
    public Builder store(ProverStore durable) throws IOException, InvalidFormatException {
      this.stored = new Stored(durable.accounts(), durable.rounds(), durable.proofs());
      this.store = durable;
      return this;
    }

    /**
     * The engine.
     *
     * @throws InvalidFormatException if the policy does not allow the key, which is a development
     *     key that it does not name, or the key is another model's, or the store is another
     *     venue's, circuit's or owner's
     * @throws IllegalArgumentException if the prover is for another circuit than the key, the
     *     plausibility policy names a tensor that the model does not have, or a number is too small
     * @throws NullPointerException if a part was not set
     */
    public ProverEngine build() throws InvalidFormatException {
      Objects.requireNonNull(model, "model");
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(prover, "prover");
      Objects.requireNonNull(identity, "identity");
      Objects.requireNonNull(policy, "policy");
      if (!prover.circuitId().equals(key.circuitId())) {
        throw new IllegalArgumentException(
            "the prover is for circuit " + prover.circuitId() + ", the key for " + key.circuitId());
      }
      SolvencyVerifier verifier = SolvencyVerifier.create(key, policy.keys());
      return new ProverEngine(this, verifier, new OwnerWallet(identity, key, model));
    }
  }
}
