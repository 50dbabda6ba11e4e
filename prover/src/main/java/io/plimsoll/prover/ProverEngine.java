package io.plimsoll.prover;

import com.google.protobuf.ByteString;
import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.prover.PlausibilityPolicy.Tensor;
import io.plimsoll.prover.RoundBook.Kept;
import io.plimsoll.prover.RoundBook.Place;
import io.plimsoll.rpc.RpcFaults;
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
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

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
 * ProofResult} for what may leave it. What has been proven and which round was the last is known to
 * this object alone and ends with it: an owner who restarts within a round should load a later one,
 * and set {@link ProverPolicy.Builder#maximumRoundAge}, lest somebody send the rounds of the past.
 *
 * <p>Thread-safe.
 */
public final class ProverEngine implements AutoCloseable {
  private static final Logger LOG = System.getLogger("io.plimsoll.prover");
  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(1000);

  private final MarginModel model;
  private final SolvencyVerifier verifier;
  private final SolvencyProver prover;
  private final OwnerWallet wallet;
  private final String setup;
  private final ProverPolicy policy;
  private final Clock clock;
  private final RoundBook rounds;
  private final ProofQueue queue;
  private final Map<String, OpenedAccount> accounts = new HashMap<>();
  private final AtomicBoolean keyBlocked = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicLong proofs = new AtomicLong();

  private ProverEngine(Builder builder, SolvencyVerifier verifier, OwnerWallet wallet) {
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
    this.queue = new ProofQueue(builder.queueCapacity, builder.workers);
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
    return rounds.admit(signed).prepared().round().digest();
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
    requireOpen();
    synchronized (accounts) {
      requireNotOlder(state);
    }
    OpenedAccount opened = open(state);
    synchronized (accounts) {
      try {
        // Both again: another thread may have been faster.
        requireOpen();
        requireNotOlder(state);
      } catch (RefusedException e) {
        opened.close();
        throw e;
      }
      OpenedAccount before = accounts.put(state.account(), opened);
      if (before != null) {
        before.close();
      }
    }
    return state.attestations().size();
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
   * Forgets an account. Its openings are wiped at once, or as soon as the proof that is being made
   * with them is done; one that still waits is refused.
   *
   * @throws RefusedException if no such account is loaded
   */
  public void closeAccount(String account) throws RefusedException {
    synchronized (accounts) {
      OpenedAccount loaded = accounts.remove(account);
      if (loaded == null) {
        throw unknownAccount(account);
      }
      loaded.close();
    }
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

  private MarginAssessment assess(OpenedAccount opened, Kept round, Threshold threshold) {
    return model.assess(
        round.coefficients(), opened.holdings(), threshold.numerator(), threshold.denominator());
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
    try {
      requireOpen();
      requireKey();
      Task task = task(request, future);
      try {
        queue.submit(task);
      } catch (RefusedException e) {
        task.place.giveBack();
        throw e;
      }
      CompletableFuture<ProofResult> unused =
          future.whenComplete(
              (result, failure) -> {
                if (future.isCancelled() && queue.remove(task)) {
                  task.place.giveBack();
                }
              });
    } catch (RefusedException e) {
      future.complete(new ProofResult.Refused(e.refusal(), e.getMessage()));
    }
    return future;
  }

  private Task task(ProofRequest request, CompletableFuture<ProofResult> future)
      throws RefusedException {
    // Beyond this, adding to the clock's nanoseconds could wrap around.
    boolean timed =
        request.timeout().filter(time -> time.compareTo(LONGEST_TIMEOUT) < 0).isPresent();
    long deadline = timed ? System.nanoTime() + request.timeout().get().toNanos() : 0;
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
    return new Task(statement, round, opened, place, future, timed, deadline);
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
    int loaded;
    synchronized (accounts) {
      loaded = accounts.size();
    }
    return new EngineStatus(
        circuitId(),
        model.name() + "(" + model.shape() + ")",
        setup,
        loaded,
        rounds.size(),
        queue.waiting(),
        queue.capacity(),
        proofs.get(),
        keyBlocked.get());
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
    LOG.log(Level.ERROR, () -> "proving key of circuit " + circuitId() + " is blocked: " + what);
    return new RefusedException(Refusal.KEY_BLOCKED, "the proving key is blocked: " + what);
  }

  /** One request on its way through the queue. */
  private final class Task implements Runnable {
    private final SolvencyStatement statement;
    private final Kept round;
    private final Optional<OpenedAccount> loaded;
    private final Place place;
    private final CompletableFuture<ProofResult> future;
    private final boolean timed;
    private final long deadline;

    Task(
        SolvencyStatement statement,
        Kept round,
        Optional<OpenedAccount> loaded,
        Place place,
        CompletableFuture<ProofResult> future,
        boolean timed,
        long deadline) {
      this.statement = statement;
      this.round = round;
      this.loaded = loaded;
      this.place = place;
      this.future = future;
      this.timed = timed;
      this.deadline = deadline;
    }

    @Override
    public void run() {
      if (future.isDone()) {
        place.giveBack();
        return;
      }
      ProofResult result;
      try {
        result = result();
      } catch (InvalidFormatException | RuntimeException | Error e) {
        place.giveBack();
        future.completeExceptionally(e);
        return;
      }
      if (!(result instanceof ProofResult.Proved)) {
        place.giveBack();
        future.complete(result);
        return;
      }
      // Counted first: who has the proof finds it counted.
      proofs.incrementAndGet();
      if (!future.complete(result)) {
        proofs.decrementAndGet();
        place.giveBack();
      }
    }

    private ProofResult result() throws InvalidFormatException {
      try {
        if (timed && System.nanoTime() - deadline >= 0) {
          throw new RefusedException(
              Refusal.DEADLINE, "the deadline passed before the proof was begun");
        }
        requireKey();
        if (loaded.isPresent()) {
          return proveWith(loaded.get());
        }
        try (OpenedAccount opened = open(statement.account())) {
          return proveWith(opened);
        }
      } catch (RefusedException e) {
        return new ProofResult.Refused(e.refusal(), e.getMessage());
      }
    }

    private ProofResult proveWith(OpenedAccount opened) throws RefusedException {
      if (!opened.retain()) {
        throw new RefusedException(
            Refusal.STALE_ACCOUNT, "the account was closed or replaced while the request waited");
      }
      try {
        long start = System.nanoTime();
        MarginAssessment assessment = assess(opened, round, statement.threshold());
        if (!assessment.solvent()) {
          return new ProofResult.NotSolvent(shortfalls(assessment));
        }
        byte[] proof = nativeProof(opened, assessment.choices());
        Verdict verdict = verifier.verify(statement, proof);
        if (verdict instanceof VerifiedSolvency verified) {
          return new ProofResult.Proved(
              message(verified, proof), Duration.ofNanos(System.nanoTime() - start));
        }
        throw block("its own proof was rejected: " + ((Rejected) verdict).reason());
      } finally {
        opened.release();
      }
    }

    private byte[] nativeProof(OpenedAccount opened, long[] choices) throws RefusedException {
      try (ProvingInput input =
          ProvingInput.builder()
              .context(statement.context())
              .threshold(statement.threshold().numerator(), statement.threshold().denominator())
              .coefficients(round.coefficients())
              .holdings(opened.holdings())
              .choices(choices)
              .blinding(opened.blinding())
              .build()) {
        return prover.prove(input);
      } catch (ProvingException e) {
        throw block("proving failed although the account is solvent: " + e.kind());
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, () -> "internal error in the native prover" + RpcFaults.trace(e));
        throw block("proving failed although the account is solvent");
      }
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
    for (Runnable waiting : queue.close()) {
      Task task = (Task) waiting;
      task.place.giveBack();
      task.future.complete(new ProofResult.Refused(Refusal.CLOSED, "the prover shuts down"));
    }
    synchronized (accounts) {
      accounts.values().forEach(OpenedAccount::close);
      accounts.clear();
    }
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
    private int workers = 1;

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
     * How many proofs are made at a time, at least 1, by default 1: the native prover uses all
     * processors for one.
     */
    public Builder workers(int threads) {
      this.workers = threads;
      return this;
    }

    /**
     * The engine.
     *
     * @throws InvalidFormatException if the policy does not allow the key, which is a development
     *     key that it does not name, or the key is another model's
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
