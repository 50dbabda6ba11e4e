package io.plimsoll.prover;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.NoFeasibleChoiceException;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.nativeprover.ProofOutcome;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.proto.v1.StoredProofs;
import io.plimsoll.proto.v1.StoredRounds;
import io.plimsoll.prover.PlausibilityPolicy.Tensor;
import io.plimsoll.prover.RoundBook.Kept;
import io.plimsoll.prover.RoundBook.Place;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyStatement;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Statement;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

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
public final class ProverEngine implements AutoCloseable {
  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(1000);

  private final MarginModel model;
  private final SolvencyVerifier verifier;
  private final SolvencyProver prover;
  private final OwnerWallet wallet;
  private final String setup;
  private final ProverPolicy policy;
  private final Clock clock;
  private final RoundBook rounds;
  private final ProofQueue<Task> queue;
  private final ProverMetrics metrics;
  private final Optional<ProverStore> store;
  private final Optional<StateWriter> writer;
  private final ReleaseSlots slots;
  private final ProofFeed feed;
  private final ExecutorService helpers;
  private final ExecutorService notifier;
  private final Optional<Duration> usefulTime;
  private final int maxAccounts;

  /** Held while an account is opened or closed, which may take long; before {@code accounts}. */
  private final Object opening = new Object();

  private final Map<String, OpenedAccount> accounts = new HashMap<>();

  /** Which accounts the store has; guarded by {@code opening}. */
  private final Set<String> durable = new HashSet<>();

  /** The rounds of the last write; only the writer's thread knows it. */
  private long roundsWritten = -1;

  private final AtomicBoolean keyBlocked = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicLong proofs = new AtomicLong();

  private ProverEngine(Builder builder, SolvencyVerifier verifier, OwnerWallet wallet)
      throws InvalidFormatException {
    this.model = builder.model;
    this.verifier = verifier;
    this.setup = builder.key.setup();
    this.prover = builder.prover;
    this.wallet = wallet;
    this.policy = builder.policy;
    this.clock = builder.clock;
    List<Tensor> tensors = new ArrayList<>();
    for (RoundTensor tensor : model.round()) {
      tensors.add(
          new Tensor(
              tensor.name(),
              model.coefficientOffset(tensor.name()),
              tensor.size(),
              tensor.scale()));
    }
    this.rounds = new RoundBook(policy, tensors, verifier::prepare, clock);
    this.metrics = new ProverMetrics(builder.metrics);
    this.store = Optional.ofNullable(builder.store);
    this.usefulTime = Optional.ofNullable(builder.usefulTime);
    this.maxAccounts = builder.maxAccounts;
    if (store.isPresent()) {
      restore(builder.stored);
    }
    // Threads from here on, as nothing below fails.
    this.writer = store.map(durably -> new StateWriter(() -> write(durably)));
    this.slots =
        new ReleaseSlots(
            policy.releaseSlot(),
            clock,
            builder.timer == null ? ReleaseSlots.realTime(clock) : builder.timer);
    this.helpers = Executors.newFixedThreadPool(builder.workers, daemon("plimsoll-assess"));
    this.notifier = Executors.newSingleThreadExecutor(daemon("plimsoll-watch"));
    this.feed = new ProofFeed(new FeedSource(), metrics, notifier);
    this.queue = new ProofQueue<>(builder.queueCapacity, builder.workers, this::work);
    metrics.gauge("queue", "Proofs that wait", queue::waiting);
    metrics.gauge("accounts", "Accounts that are open", this::accountCount);
    metrics.gauge("watches", "Streams that follow proofs", feed::watches);
    metrics.gauge("round", "Sequence of the newest round", this::newestSequence);
    metrics.gauge(
        "key.blocked", "1: a proof failed its own verification", () -> keyBlocked.get() ? 1 : 0);
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
    for (io.plimsoll.proto.v1.AccountState account : stored.accounts()) {
      try {
        AccountState state = AttestationConversions.fromProto(circuitId(), account);
        accounts.put(state.account(), open(state));
        durable.add(state.account());
      } catch (RefusedException | InvalidFormatException e) {
        accounts.values().forEach(OpenedAccount::close);
        throw new InvalidFormatException("prover store: " + e.getMessage());
      }
    }
    StructuredLog.of("store_opened").with("accounts", accounts.size()).with("rounds", kept).info();
  }

  /** What the store said when the engine was built. */
  private record Stored(
      List<io.plimsoll.proto.v1.AccountState> accounts,
      Optional<StoredRounds> rounds,
      StoredProofs proofs) {}

  /** Rounds before proofs: after a crash in between, a proof's round is known. */
  private void write(ProverStore durably) throws IOException {
    StoredProofs proofsNow = rounds.proofs();
    StoredRounds roundsNow = rounds.rounds(circuitId());
    if (roundsNow.getLastSequence() != roundsWritten) {
      durably.save(roundsNow);
      roundsWritten = roundsNow.getLastSequence();
    }
    durably.save(proofsNow);
  }

  private CompletableFuture<Void> saved() {
    return writer.map(StateWriter::save).orElseGet(() -> CompletableFuture.completedFuture(null));
  }

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
    requireOpen();
    RoundBook.Admission admission;
    try {
      admission = rounds.admit(signed);
    } catch (RefusedException | InvalidFormatException e) {
      metrics.round(false);
      StructuredLog.of("round_refused")
          .with("round", signed.round().sequence())
          .with("reason", e instanceof RefusedException refused ? refused.refusal() : "INVALID")
          .info();
      throw e;
    }
    Kept round = admission.round();
    if (admission.isNew()) {
      metrics.round(true);
      StructuredLog.of("round_admitted").with("round", round.sequence()).debug();
      // Proofs wait until it is on the disk; their making does not.
      CompletableFuture<Void> unused = saved();
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
      Optional<Task> task = enter(usefulTime.map(request::within).orElse(request), future, true);
      return new StandingTicket(future, task);
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
      List<String> open;
      synchronized (accounts) {
        open = List.copyOf(accounts.keySet());
      }
      return open.stream().flatMap(account -> policy.lines(account).stream()).toList();
    }
  }

  private record StandingTicket(CompletableFuture<ProofResult> future, Optional<Task> task)
      implements ProofFeed.Ticket {
    @Override
    public boolean isRunning() {
      return task.isPresent() && task.get().phase.get() == Phase.RUNNING;
    }

    @Override
    public boolean supersede(boolean runningToo) {
      if (task.isEmpty()) {
        return false;
      }
      return switch (task.get().phase.get()) {
        case WAITING -> future.cancel(false);
        case RUNNING -> runningToo && future.cancel(false);
        // A proof that is made has cost its time: it may leave.
        case MADE -> false;
      };
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
    return takeIn(state, false);
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
    return takeIn(state, true);
  }

  /** Whether accounts that are opened survive a restart. */
  public boolean isDurable() {
    return store.isPresent();
  }

  private int takeIn(AccountState state, boolean durably)
      throws InvalidFormatException, RefusedException {
    requireOpen();
    synchronized (accounts) {
      requireNotOlder(state);
    }
    OpenedAccount opened = open(state);
    try {
      synchronized (opening) {
        synchronized (accounts) {
          // Both again: another thread may have been faster.
          requireOpen();
          requireNotOlder(state);
          if (!accounts.containsKey(state.account()) && accounts.size() >= maxAccounts) {
            throw new RefusedException(
                Refusal.TOO_MANY_ACCOUNTS, accounts.size() + " accounts are open, the most");
          }
        }
        if (durably && store.isPresent()) {
          save(store.get(), state);
          durable.add(state.account());
        }
        synchronized (accounts) {
          requireOpen();
          OpenedAccount before = accounts.put(state.account(), opened);
          if (before != null) {
            before.close();
          }
        }
      }
    } catch (RefusedException e) {
      opened.close();
      throw e;
    }
    StructuredLog.of("account_opened")
        .with("account", state.account())
        .with("version", state.version())
        .with("durable", durably && store.isPresent())
        .info();
    feed.accountOpened(state.account());
    return state.attestations().size();
  }

  private static void save(ProverStore durably, AccountState state) throws RefusedException {
    try {
      durably.save(state);
    } catch (IOException e) {
      throw storeFailed(e);
    }
  }

  private static RefusedException storeFailed(Throwable failure) {
    StructuredLog.of("store_failed").error(failure);
    return new RefusedException(Refusal.STORE, "the store cannot be written");
  }

  private OpenedAccount open(AccountState state) throws InvalidFormatException, RefusedException {
    if (!state.venue().equals(policy.venue())) {
      throw new RefusedException(
          Refusal.WRONG_VENUE,
          "account is at venue '" + state.venue() + "', not '" + policy.venue() + "'");
    }
    if (!state.circuitId().equals(circuitId())) {
      throw new RefusedException(
          Refusal.WRONG_CIRCUIT,
          "account is under circuit " + state.circuitId() + ", not " + circuitId());
    }
    if (!state.isComplete()) {
      throw new RefusedException(
          Refusal.ATTESTATIONS,
          "account has "
              + state.attestations().size()
              + " attestations of "
              + state.roster().attesters().size()
              + " rostered attesters, at least one");
    }
    if (state.attestations().size() > model.maxAttesters()) {
      throw new RefusedException(
          Refusal.ATTESTATIONS,
          "account has "
              + state.attestations().size()
              + " attestations, the circuit allows "
              + model.maxAttesters());
    }
    return OpenedAccount.open(wallet, state);
  }

  private void requireNotOlder(AccountState state) throws RefusedException {
    OpenedAccount loaded = accounts.get(state.account());
    if (loaded == null) {
      return;
    }
    AccountState known = loaded.state();
    if (state.version() < known.version()) {
      throw new RefusedException(
          Refusal.STALE_ACCOUNT,
          "account version is " + state.version() + ", below the loaded one, " + known.version());
    }
    if (state.version() == known.version()
        && !(state.attestationSetDigest().equals(known.attestationSetDigest())
            && state.roster().equals(known.roster()))) {
      throw new RefusedException(
          Refusal.STALE_ACCOUNT,
          "account version "
              + state.version()
              + " is loaded already with other attestations or another roster");
    }
  }

  /**
   * Forgets an account, also at rest. Its openings are wiped at once, or as soon as the proof that
   * is being made with them is done; one that still waits is refused.
   *
   * @throws RefusedException if no such account is loaded, or the store cannot be written
   */
  public void closeAccount(String account) throws RefusedException {
    synchronized (opening) {
      OpenedAccount loaded = loaded(account);
      if (durable.contains(account)) {
        try {
          store.orElseThrow().delete(account);
        } catch (IOException e) {
          throw storeFailed(e);
        }
        durable.remove(account);
      }
      synchronized (accounts) {
        accounts.remove(account, loaded);
        loaded.close();
      }
    }
    StructuredLog.of("account_closed").with("account", account).info();
    feed.accountClosed(account);
  }

  private OpenedAccount loaded(String account) throws RefusedException {
    synchronized (accounts) {
      OpenedAccount loaded = accounts.get(account);
      if (loaded == null) {
        throw unknownAccount(account);
      }
      return loaded;
    }
  }

  private static RefusedException unknownAccount(String account) {
    return new RefusedException(
        Refusal.UNKNOWN_ACCOUNT, "no account '" + shortened(account) + "' is loaded");
  }

  private static String shortened(String text) {
    return text.length() <= 64 ? text : text.substring(0, 64) + "...";
  }

  /**
   * Evaluates the margin rule exactly, for the owner. Any threshold will do, because nothing
   * leaves.
   *
   * @throws RefusedException if account or round are unknown or do not go together
   */
  public MarginAssessment assess(String account, long roundSequence, Threshold threshold)
      throws RefusedException {
    Kept round = rounds.get(roundSequence);
    OpenedAccount opened = loaded(account);
    statement(opened.state(), round, threshold, Purpose.INITIAL);
    if (!opened.retain()) {
      throw unknownAccount(account);
    }
    try {
      return assess(opened, round, threshold);
    } finally {
      opened.release();
    }
  }

  private MarginAssessment assess(OpenedAccount opened, Kept round, Threshold threshold)
      throws RefusedException {
    try {
      return model.assess(
          round.coefficients(), opened.holdings(), threshold.numerator(), threshold.denominator());
    } catch (NoFeasibleChoiceException e) {
      // Its message names no value.
      throw new RefusedException(Refusal.NO_FEASIBLE_CHOICE, e.getMessage());
    }
  }

  private SolvencyStatement statement(
      AccountState state, Kept round, Threshold threshold, Purpose purpose)
      throws RefusedException {
    Statement statement =
        SolvencyStatement.form(state, round.prepared(), threshold, purpose, clock.millis());
    if (statement instanceof SolvencyStatement formed) {
      return formed;
    }
    Rejected rejected = (Rejected) statement;
    throw new RefusedException(refusal(rejected.reason()), rejected.detail());
  }

  private static Refusal refusal(RejectionReason reason) {
    return switch (reason) {
      case WRONG_CIRCUIT -> Refusal.WRONG_CIRCUIT;
      case WRONG_VENUE -> Refusal.WRONG_VENUE;
      case WRONG_LISTING -> Refusal.WRONG_LISTING;
      default -> Refusal.ATTESTATIONS;
    };
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
    Optional<Task> unused = enter(request, future, false);
    return future;
  }

  /** Nothing if the request was refused; the future says why. */
  private Optional<Task> enter(
      ProofRequest request, CompletableFuture<ProofResult> future, boolean standing) {
    try {
      requireOpen();
      requireKey();
      Task task = task(request, future);
      try {
        if (standing) {
          queue.submitStanding(task);
        } else {
          queue.submit(task);
        }
      } catch (RefusedException e) {
        task.place.giveBack();
        throw e;
      }
      CompletableFuture<ProofResult> unused =
          future.whenComplete(
              (result, failure) -> {
                if (future.isCancelled() && queue.remove(task)) {
                  task.giveUp();
                }
              });
      return Optional.of(task);
    } catch (RefusedException e) {
      metrics.none();
      future.complete(new ProofResult.Refused(e.refusal(), e.getMessage()));
      return Optional.empty();
    }
  }

  private Task task(ProofRequest request, CompletableFuture<ProofResult> future)
      throws RefusedException {
    // Beyond this, adding to the clock's nanoseconds could wrap around.
    boolean timed =
        request.timeout().filter(time -> time.compareTo(LONGEST_TIMEOUT) < 0).isPresent();
    long deadline =
        timed ? System.nanoTime() + request.timeout().get().toNanos() : ProofQueue.NO_DEADLINE;
    Optional<OpenedAccount> opened =
        request.state().isPresent() ? Optional.empty() : Optional.of(loaded(request.account()));
    AccountState state = opened.map(OpenedAccount::state).orElseGet(request.state()::orElseThrow);
    if (!policy.allows(state.account(), request.threshold(), request.purpose())) {
      throw new RefusedException(
          Refusal.UNLISTED_THRESHOLD,
          "the agreement of account '"
              + shortened(state.account())
              + "' does not list threshold "
              + request.threshold()
              + " "
              + request.purpose());
    }
    if (opened.isEmpty()) {
      synchronized (accounts) {
        requireNotOlder(state);
      }
    }
    Kept round = rounds.get(request.roundSequence());
    SolvencyStatement statement = statement(state, round, request.threshold(), request.purpose());
    Place place =
        round.take(state.account(), state.version(), request.threshold(), request.purpose());
    return new Task(
        statement,
        round,
        opened,
        place,
        future,
        timed && deadline == ProofQueue.NO_DEADLINE ? deadline + 1 : deadline);
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
        accountCount(),
        rounds.size(),
        queue.waiting(),
        queue.capacity(),
        proofs.get(),
        keyBlocked.get());
  }

  private int accountCount() {
    synchronized (accounts) {
      return accounts.size();
    }
  }

  private void requireOpen() throws RefusedException {
    if (closed.get()) {
      throw new RefusedException(Refusal.CLOSED, "the prover shuts down");
    }
  }

  private void requireKey() throws RefusedException {
    if (keyBlocked.get()) {
      throw new RefusedException(
          Refusal.KEY_BLOCKED, "the proving key is blocked: a proof failed its own verification");
    }
  }

  private RefusedException block(String what) {
    keyBlocked.set(true);
    StructuredLog.of("key_blocked").with("circuit", circuitId()).with("why", what).error();
    return new RefusedException(Refusal.KEY_BLOCKED, "the proving key is blocked: " + what);
  }

  /** Makes proofs: one on all processors, or several on one each. */
  private void work(List<Task> batch) {
    metrics.batch(batch.size());
    if (batch.size() == 1) {
      Task task = batch.get(0);
      try {
        Optional<ProvingInput> input = task.begin();
        if (input.isPresent()) {
          task.proven(one(input.get()));
        }
      } finally {
        task.end();
      }
      return;
    }
    try {
      together(batch, Task::beginQuietly);
      List<Task> begun = batch.stream().filter(task -> task.input.isPresent()).toList();
      List<ProofAttempt> attempts =
          many(begun.stream().map(task -> task.input.orElseThrow()).toList());
      for (int i = 0; i < begun.size(); i++) {
        begun.get(i).attempt = attempts.get(i);
      }
      together(begun, task -> task.proven(task.attempt));
    } finally {
      batch.forEach(Task::end);
    }
  }

  private void together(List<Task> tasks, Consumer<Task> step) {
    List<CompletableFuture<Void>> steps =
        tasks.stream()
            .map(task -> CompletableFuture.runAsync(() -> step.accept(task), helpers))
            .toList();
    steps.forEach(CompletableFuture::join);
  }

  /** The native prover's answer: a proof that nobody has verified, or why there is none. */
  private sealed interface ProofAttempt {
    /** Unverified. */
    final class Bytes implements ProofAttempt {
      private final byte[] proof;

      Bytes(byte[] proof) {
        this.proof = proof;
      }
    }

    record Failure(String kind) implements ProofAttempt {}
  }

  private ProofAttempt one(ProvingInput input) {
    try {
      return new ProofAttempt.Bytes(prover.prove(input));
    } catch (ProvingException e) {
      return new ProofAttempt.Failure(": " + e.kind());
    } catch (RuntimeException e) {
      StructuredLog.of("native_prover_failed").error(e);
      return new ProofAttempt.Failure("");
    }
  }

  private List<ProofAttempt> many(List<ProvingInput> inputs) {
    try {
      return prover.proveAll(inputs).stream()
          .map(
              outcome ->
                  outcome instanceof ProofOutcome.Made made
                      ? (ProofAttempt) new ProofAttempt.Bytes(made.proof())
                      : new ProofAttempt.Failure(
                          ": " + ((ProofOutcome.Failed) outcome).cause().kind()))
          .toList();
    } catch (RuntimeException e) {
      StructuredLog.of("native_prover_failed").error(e);
      return Collections.nCopies(inputs.size(), new ProofAttempt.Failure(""));
    }
  }

  private enum Phase {
    WAITING,
    RUNNING,
    /** The proof was made and verified; it waits for the disk or its slot, or has left. */
    MADE
  }

  /** One request on its way through the queue. Its steps are taken one after the other. */
  private final class Task implements ProofQueue.Work {
    private final SolvencyStatement statement;
    private final Kept round;
    private final Optional<OpenedAccount> loaded;
    private final Place place;
    private final CompletableFuture<ProofResult> future;
    private final long deadline;
    private final long submitted = System.nanoTime();
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.WAITING);
    private Optional<OpenedAccount> inUse = Optional.empty();
    private Optional<ProvingInput> input = Optional.empty();
    private ProofAttempt attempt;
    private long start;

    Task(
        SolvencyStatement statement,
        Kept round,
        Optional<OpenedAccount> loaded,
        Place place,
        CompletableFuture<ProofResult> future,
        long deadline) {
      this.statement = statement;
      this.round = round;
      this.loaded = loaded;
      this.place = place;
      this.future = future;
      this.deadline = deadline;
    }

    @Override
    public long roundSequence() {
      return round.sequence();
    }

    @Override
    public long deadlineNanos() {
      return deadline;
    }

    private ProofLine line() {
      return new ProofLine(
          statement.account().account(), statement.threshold(), statement.purpose());
    }

    void beginQuietly() {
      Optional<ProvingInput> unused = begin();
    }

    /** Assesses the account; nothing if the request has ended with that. */
    Optional<ProvingInput> begin() {
      phase.set(Phase.RUNNING);
      if (future.isDone()) {
        giveUp();
        return Optional.empty();
      }
      start = System.nanoTime();
      try {
        if (deadline != ProofQueue.NO_DEADLINE && start - deadline >= 0) {
          throw new RefusedException(
              Refusal.DEADLINE, "the deadline passed before the proof was begun");
        }
        requireKey();
        OpenedAccount opened = opened();
        MarginAssessment assessment = assess(opened, round, statement.threshold());
        if (assessment.solvent()) {
          input =
              Optional.of(
                  ProvingInput.builder()
                      .context(statement.context())
                      .threshold(
                          statement.threshold().numerator(), statement.threshold().denominator())
                      .coefficients(round.coefficients())
                      .holdings(opened.holdings())
                      .choices(assessment.choices())
                      .blinding(opened.blinding())
                      .build());
        } else {
          none(new ProofResult.NotSolvent(shortfalls(assessment)));
        }
      } catch (RefusedException e) {
        none(new ProofResult.Refused(e.refusal(), e.getMessage()));
      } catch (InvalidFormatException | RuntimeException | Error e) {
        failed(e);
      }
      return input;
    }

    private OpenedAccount opened() throws RefusedException, InvalidFormatException {
      OpenedAccount opened =
          loaded.isPresent() ? loaded.get() : ProverEngine.this.open(statement.account());
      if (!opened.retain()) {
        throw new RefusedException(
            Refusal.STALE_ACCOUNT, "the account was closed or replaced while the request waited");
      }
      inUse = Optional.of(opened);
      if (loaded.isEmpty()) {
        // Wiped at the end of its only use.
        opened.close();
      }
      return opened;
    }

    /** Verifies the proof and lets it out. */
    void proven(ProofAttempt attempt) {
      try {
        if (attempt instanceof ProofAttempt.Failure failure) {
          throw block("proving failed although the account is solvent" + failure.kind());
        }
        // Another proof of this batch may have blocked it.
        requireKey();
        byte[] proof = ((ProofAttempt.Bytes) attempt).proof;
        Verdict verdict = verifier.verify(statement, proof);
        if (!(verdict instanceof VerifiedSolvency verified)) {
          throw block("its own proof was rejected: " + ((Rejected) verdict).reason());
        }
        made(
            new ProofResult.Proved(
                message(verified, proof), Duration.ofNanos(System.nanoTime() - start)));
      } catch (RefusedException e) {
        none(new ProofResult.Refused(e.refusal(), e.getMessage()));
      } catch (RuntimeException | Error e) {
        failed(e);
      }
    }

    /** Wipes what the proof was made of. */
    void end() {
      input.ifPresent(ProvingInput::close);
      inUse.ifPresent(OpenedAccount::release);
      inUse = Optional.empty();
    }

    private void made(ProofResult.Proved proved) {
      if (future.isDone()) {
        giveUp();
        return;
      }
      phase.set(Phase.MADE);
      place.fill(proved.proof());
      CompletableFuture<Void> unused =
          saved()
              .whenComplete(
                  (done, failure) -> {
                    if (failure == null) {
                      slots.release(round.asOfMillis(), () -> leave(proved));
                    } else {
                      none(
                          new ProofResult.Refused(
                              Refusal.STORE, storeFailed(failure).getMessage()));
                    }
                  });
    }

    private void leave(ProofResult.Proved proved) {
      if (future.isDone()) {
        giveUp();
        // Off the disk again: it has not left.
        CompletableFuture<Void> unused = saved();
        return;
      }
      // First, because who has the proof may look at both.
      place.left();
      proofs.incrementAndGet();
      if (!future.complete(proved)) {
        // Given up at this very moment. A stream that begins now may have been given the proof
        // already, so it has left, and there is no other for this place.
        metrics.cancelled();
        feed.left(line(), proved.proof());
        return;
      }
      Duration time = Duration.ofNanos(System.nanoTime() - submitted);
      metrics.left(proved.provingTime(), time);
      StructuredLog.of("proof_left")
          .with("account", statement.account().account())
          .with("version", statement.account().version())
          .with("round", round.sequence())
          .with("threshold", statement.threshold())
          .with("purpose", statement.purpose())
          .debug();
      feed.left(line(), proved.proof());
    }

    private void none(ProofResult result) {
      metrics.none();
      place.giveBack();
      future.complete(result);
    }

    private void failed(Throwable failure) {
      metrics.fault();
      if (!(failure instanceof InvalidFormatException)) {
        StructuredLog.of("proof_failed").error(failure);
      }
      place.giveBack();
      future.completeExceptionally(failure);
    }

    /** Nobody wants it any more. */
    void giveUp() {
      metrics.cancelled();
      place.giveBack();
      feed.placeFree(line(), round.sequence());
    }
  }

  static Map<String, BigInteger> shortfalls(MarginAssessment assessment) {
    Map<String, BigInteger> shortfalls = new LinkedHashMap<>();
    assessment
        .assertions()
        .forEach(
            (name, value) -> {
              if (value.signum() < 0) {
                shortfalls.put(name, value.negate());
              }
            });
    return shortfalls;
  }

  private static SolvencyProof message(VerifiedSolvency verified, byte[] proof) {
    return SolvencyProof.newBuilder()
        .setCircuitId(ByteString.copyFrom(verified.circuitId().toByteArray()))
        .setVenue(verified.venue())
        .setAccount(verified.account())
        .setAccountVersion(verified.accountVersion())
        .setRosterVersion(verified.rosterVersion())
        .setRoundSequence(verified.roundSequence())
        .setRoundDigest(ByteString.copyFrom(verified.roundDigest().toByteArray()))
        .setThreshold(
            io.plimsoll.proto.v1.Threshold.newBuilder()
                .setNumerator(verified.threshold().numerator())
                .setDenominator(verified.threshold().denominator()))
        .setPurposeValue(verified.purpose().code())
        .setProof(ByteString.copyFrom(proof))
        .build();
  }

  /**
   * Refuses what waits, finishes what is being proven, wipes every opening and closes the native
   * prover. The owner's identity stays as it is. Does nothing the second time.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    for (Task waiting : queue.close()) {
      waiting.place.giveBack();
      waiting.future.complete(new ProofResult.Refused(Refusal.CLOSED, "the prover shuts down"));
    }
    // In this order: what was made goes to the disk, then leaves in its slot.
    writer.ifPresent(StateWriter::close);
    slots.close();
    helpers.shutdown();
    notifier.shutdown();
    boolean unused = Waiting.untilTerminated(notifier, 10, TimeUnit.SECONDS);
    synchronized (opening) {
      synchronized (accounts) {
        accounts.values().forEach(OpenedAccount::close);
        accounts.clear();
      }
    }
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
