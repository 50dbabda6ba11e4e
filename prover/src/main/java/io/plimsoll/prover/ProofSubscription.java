package io.plimsoll.prover;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.plimsoll.proto.v1.FollowLines;
import io.plimsoll.proto.v1.ProofLine;
import io.plimsoll.proto.v1.ProverGrpc;
import io.plimsoll.proto.v1.ProverWatchRequest;
import io.plimsoll.proto.v1.ProverWatchResponse;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.proto.v1.SolvencyProof;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The client's side of {@code WatchRounds}: rounds go in, the newest proof of each line comes out.
 * A broken connection is made again by itself; what left meanwhile comes then, and nothing comes
 * twice. Updates that nobody takes are replaced by newer ones of their line, so that it never
 * grows.
 *
 * <p>Thread-safe.
 */
public final class ProofSubscription implements AutoCloseable {
  private static final Set<Status.Code> PASSING =
      Set.of(
          Status.Code.UNAVAILABLE,
          Status.Code.UNKNOWN,
          Status.Code.INTERNAL,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.RESOURCE_EXHAUSTED,
          Status.Code.ABORTED);

  private final ProverGrpc.ProverStub stub;
  private final List<ProofLine> lines;
  private final long initialAfter;
  private final GateSubmitter.Backoff backoff;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "plimsoll-subscription");
            thread.setDaemon(true);
            return thread;
          });

  // Guarded by this object's lock.
  private final Map<Object, ProverWatchResponse> pending = new LinkedHashMap<>();
  private final Map<ProofLine, SolvencyProof> newest = new HashMap<>();
  private ClientCallStreamObserver<ProverWatchRequest> call;
  private RiskRound lastRound;
  private boolean lastRoundSent = true;
  private ProverException failure;
  private int failures;
  private boolean closed;

  ProofSubscription(
      ProverGrpc.ProverStub stub,
      List<ProofLine> lines,
      long afterRound,
      GateSubmitter.Backoff backoff) {
    this.stub = stub;
    this.lines = List.copyOf(lines);
    this.initialAfter = afterRound;
    this.backoff = backoff;
    connect();
  }

  private synchronized void connect() {
    if (closed) {
      return;
    }
    // The observer takes the call over before any answer comes.
    new Connection().begin();
  }

  /** What every line is known up to: asked for from there, and sorted out here. */
  private long after() {
    if (newest.isEmpty()) {
      return initialAfter;
    }
    Set<ProofLine> unknown = new HashSet<>(lines);
    unknown.removeAll(newest.keySet());
    // Without a list of lines nobody knows which are missing.
    return lines.isEmpty() || !unknown.isEmpty()
        ? initialAfter
        : newest.values().stream()
            .mapToLong(SolvencyProof::getRoundSequence)
            .min()
            .orElse(initialAfter);
  }

  /**
   * Sends a round. One that has not gone out yet is replaced: only the newest is of use. After a
   * reconnection the last one is sent again.
   */
  public synchronized void send(RiskRound round) {
    lastRound = round;
    lastRoundSent = false;
    flush();
  }

  private synchronized void flush() {
    if (!lastRoundSent && call != null && call.isReady()) {
      lastRoundSent = true;
      call.onNext(ProverWatchRequest.newBuilder().setRound(lastRound).build());
    }
  }

  /**
   * Takes the next update, waiting for it.
   *
   * @return nothing when the time is up
   * @throws ProverException if the service refuses to be watched like this
   * @throws InterruptedException if interrupted
   */
  public synchronized Optional<ProverWatchResponse> next(Duration patience)
      throws ProverException, InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (pending.isEmpty()) {
      if (failure != null) {
        throw failure;
      }
      long left = end - System.nanoTime();
      if (left <= 0 || closed) {
        return Optional.empty();
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    var first = pending.entrySet().iterator();
    ProverWatchResponse update = first.next().getValue();
    first.remove();
    return Optional.of(update);
  }

  private static ProofLine line(SolvencyProof proof) {
    return ProofLine.newBuilder()
        .setAccount(proof.getAccount())
        .setThreshold(proof.getThreshold())
        .setPurpose(proof.getPurpose())
        .build();
  }

  private record Slot(ProofLine line, ProverWatchResponse.UpdateCase kind) {}

  private synchronized void take(ProverWatchResponse update) {
    failures = 0;
    ProofLine line =
        switch (update.getUpdateCase()) {
          case PROOF -> line(update.getProof());
          case NO_PROOF -> update.getNoProof().getLine();
          default -> ProofLine.getDefaultInstance();
        };
    if (update.hasProof()) {
      SolvencyProof proof = update.getProof();
      SolvencyProof before = newest.get(line);
      if (before != null
          && (proof.getRoundSequence() < before.getRoundSequence()
              || (proof.getRoundSequence() == before.getRoundSequence()
                  && proof.getAccountVersion() <= before.getAccountVersion()))) {
        return;
      }
      newest.put(line, proof);
    }
    pending.put(new Slot(line, update.getUpdateCase()), update);
    notifyAll();
  }

  private synchronized void lost(Throwable cause) {
    call = null;
    if (closed) {
      return;
    }
    Status status = Status.fromThrowable(cause);
    if (!PASSING.contains(status.getCode())) {
      failure =
          RpcErrors.toException(
              cause instanceof StatusRuntimeException known ? known : status.asRuntimeException());
      notifyAll();
      return;
    }
    failures++;
    // The service may never have seen it.
    lastRoundSent = lastRound == null;
    var unused =
        timer.schedule(this::connect, backoff.after(failures).toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Follows no more. */
  @Override
  public synchronized void close() {
    closed = true;
    if (call != null) {
      call.cancel("the subscription was closed", null);
    }
    timer.shutdownNow();
    notifyAll();
  }

  private final class Connection
      implements ClientResponseObserver<ProverWatchRequest, ProverWatchResponse> {
    void begin() {
      var requests = stub.watchRounds(this);
      requests.onNext(
          ProverWatchRequest.newBuilder()
              .setFollow(FollowLines.newBuilder().addAllLines(lines).setAfterRoundSequence(after()))
              .build());
      flush();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ProverWatchRequest> requests) {
      call = requests;
      requests.setOnReadyHandler(ProofSubscription.this::flush);
    }

    @Override
    public void onNext(ProverWatchResponse update) {
      take(update);
    }

    @Override
    public void onError(Throwable cause) {
      lost(cause);
    }

    @Override
    public void onCompleted() {
      lost(Status.UNAVAILABLE.withDescription("the service ended the stream").asException());
    }
  }
}
