package io.plimsoll.prover;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.proto.v1.FollowLines;
import io.plimsoll.proto.v1.NoProof;
import io.plimsoll.proto.v1.ProverError;
import io.plimsoll.proto.v1.ProverWatchRequest;
import io.plimsoll.proto.v1.ProverWatchResponse;
import io.plimsoll.proto.v1.RefusedRound;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Threshold;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * One {@code WatchRounds} call. Rounds are read one at a time, each when the one before has been
 * let in or refused; updates are written only while the client takes them, and meanwhile a newer
 * one replaces an older one.
 */
final class RoundStream implements StreamObserver<ProverWatchRequest> {
  /** Open streams, so that they can be ended. */
  interface Registry {
    void opened(RoundStream stream);

    void ended(RoundStream stream);
  }

  private final ProverEngine engine;
  private final ServerCallStreamObserver<ProverWatchResponse> call;
  private final Registry registry;

  /** Guarded by this object's lock, as is writing to the call. */
  private ProofWatch watch;

  private RefusedRound refused;
  private boolean ended;

  RoundStream(
      ProverEngine engine, ServerCallStreamObserver<ProverWatchResponse> call, Registry registry) {
    this.engine = engine;
    this.call = call;
    this.registry = registry;
    call.disableAutoRequest();
    call.setOnReadyHandler(this::write);
    call.setOnCancelHandler(this::stop);
    registry.opened(this);
    call.request(1);
  }

  @Override
  public void onNext(ProverWatchRequest request) {
    try {
      take(request);
      call.request(1);
    } catch (InvalidFormatException e) {
      fail(RpcErrors.invalidInput(e.getMessage()));
    } catch (RefusedException e) {
      fail(RpcErrors.refused(e.refusal(), e.getMessage()));
    }
  }

  private void take(ProverWatchRequest request) throws InvalidFormatException, RefusedException {
    boolean following;
    synchronized (this) {
      following = watch != null;
    }
    switch (request.getRequestCase()) {
      case FOLLOW -> {
        if (following) {
          throw new InvalidFormatException("follow is set in a later request than the first");
        }
        follow(request.getFollow());
      }
      case ROUND -> {
        if (!following) {
          throw new InvalidFormatException("follow is not set in the first request");
        }
        round(request.getRound());
      }
      case REQUEST_NOT_SET -> throw new InvalidFormatException("neither follow nor round is set");
    }
  }

  private void follow(FollowLines follow) throws InvalidFormatException, RefusedException {
    Set<ProofLine> lines = new HashSet<>();
    for (io.plimsoll.proto.v1.ProofLine message : follow.getLinesList()) {
      ProofLine line = line(message);
      if (!engine.policy().allows(line.account(), line.threshold(), line.purpose())) {
        throw new RefusedException(
            Refusal.UNLISTED_THRESHOLD,
            "lines["
                + lines.size()
                + "]: the agreement of account '"
                + line.account()
                + "' does not list threshold "
                + line.threshold()
                + " "
                + line.purpose());
      }
      lines.add(line);
    }
    long after = ProverService.sequence("after_round_sequence", follow.getAfterRoundSequence());
    ProofWatch opened =
        engine.watch(lines.isEmpty() ? Optional.empty() : Optional.of(lines), after, this::write);
    synchronized (this) {
      watch = opened;
      if (ended) {
        watch.close();
      }
    }
    write();
  }

  private static ProofLine line(io.plimsoll.proto.v1.ProofLine message)
      throws InvalidFormatException {
    return new ProofLine(
        ProverService.account(message.getAccount()),
        Threshold.of(
            message.getThreshold().getNumerator(), message.getThreshold().getDenominator()),
        Purpose.ofCode(message.getPurposeValue()));
  }

  private void round(RiskRound message) {
    ProverError error;
    String detail;
    try {
      engine.loadRound(AttestationConversions.fromProto(engine.model(), message));
      return;
    } catch (InvalidFormatException e) {
      error =
          ProverError.newBuilder()
              .setRefusal(io.plimsoll.proto.v1.Refusal.REFUSAL_INVALID_INPUT)
              .build();
      detail = e.getMessage();
    } catch (RefusedException e) {
      error = ProverError.newBuilder().setRefusal(RpcErrors.toMessage(e.refusal())).build();
      detail = e.getMessage();
    }
    synchronized (this) {
      // The newest one alone, however slowly they are read.
      refused =
          RefusedRound.newBuilder()
              .setRoundSequence(message.getSequence())
              .setError(error)
              .setDetail(detail)
              .build();
    }
    write();
  }

  /** Writes what there is, as long as the client takes it. */
  private synchronized void write() {
    while (!ended && watch != null && call.isReady()) {
      ProverWatchResponse next;
      if (refused != null) {
        next = ProverWatchResponse.newBuilder().setRefusedRound(refused).build();
        refused = null;
      } else {
        Optional<ProofWatch.Update> update = watch.poll();
        if (update.isEmpty()) {
          return;
        }
        next = message(update.get());
      }
      call.onNext(next);
    }
  }

  private static ProverWatchResponse message(ProofWatch.Update update) {
    if (update instanceof ProofWatch.Proof proof) {
      return ProverWatchResponse.newBuilder().setProof(proof.proof()).build();
    }
    ProofWatch.NoProof none = (ProofWatch.NoProof) update;
    NoProof.Builder message =
        NoProof.newBuilder().setLine(message(none.line())).setRoundSequence(none.roundSequence());
    if (none.result() instanceof ProofResult.NotSolvent notSolvent) {
      message
          .setDetail("not solvent")
          .setError(ProverService.notSolventError(notSolvent.shortfalls()));
    } else {
      ProofResult.Refused refusal = (ProofResult.Refused) none.result();
      message
          .setDetail(refusal.detail())
          .setError(ProverError.newBuilder().setRefusal(RpcErrors.toMessage(refusal.refusal())));
    }
    return ProverWatchResponse.newBuilder().setNoProof(message).build();
  }

  static io.plimsoll.proto.v1.ProofLine message(ProofLine line) {
    return io.plimsoll.proto.v1.ProofLine.newBuilder()
        .setAccount(line.account())
        .setThreshold(
            io.plimsoll.proto.v1.Threshold.newBuilder()
                .setNumerator(line.threshold().numerator())
                .setDenominator(line.threshold().denominator()))
        .setPurposeValue(line.purpose().code())
        .build();
  }

  @Override
  public void onError(Throwable cancelled) {
    stop();
  }

  /** The client has no more rounds and wants no more proofs. */
  @Override
  public void onCompleted() {
    if (stop()) {
      synchronized (this) {
        call.onCompleted();
      }
    }
  }

  /** The server shuts down. */
  void end() {
    fail(RpcErrors.refused(Refusal.CLOSED, "the prover shuts down"));
  }

  private void fail(RuntimeException failure) {
    if (stop()) {
      synchronized (this) {
        call.onError(failure);
      }
    }
  }

  /** True the first time. */
  private boolean stop() {
    ProofWatch following;
    synchronized (this) {
      if (ended) {
        return false;
      }
      ended = true;
      following = watch;
    }
    registry.ended(this);
    if (following != null) {
      following.close();
    }
    return true;
  }
}
