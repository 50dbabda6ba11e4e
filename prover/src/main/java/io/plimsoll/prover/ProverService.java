package io.plimsoll.prover;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.ProtoConversions;
import io.plimsoll.proto.v1.AccountState;
import io.plimsoll.proto.v1.AssessRequest;
import io.plimsoll.proto.v1.AssessResponse;
import io.plimsoll.proto.v1.CloseAccountRequest;
import io.plimsoll.proto.v1.CloseAccountResponse;
import io.plimsoll.proto.v1.GetStatusRequest;
import io.plimsoll.proto.v1.GetStatusResponse;
import io.plimsoll.proto.v1.LoadAccountRequest;
import io.plimsoll.proto.v1.LoadAccountResponse;
import io.plimsoll.proto.v1.LoadRoundRequest;
import io.plimsoll.proto.v1.LoadRoundResponse;
import io.plimsoll.proto.v1.NamedAmount;
import io.plimsoll.proto.v1.ProveRequest;
import io.plimsoll.proto.v1.ProveResponse;
import io.plimsoll.proto.v1.ProverError;
import io.plimsoll.proto.v1.ProverGrpc;
import io.plimsoll.proto.v1.ProverOpenAccountRequest;
import io.plimsoll.proto.v1.ProverOpenAccountResponse;
import io.plimsoll.proto.v1.ProverWatchRequest;
import io.plimsoll.proto.v1.ProverWatchResponse;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.rpc.RpcFaults;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.Threshold;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An engine as {@code plimsoll.v1.Prover}. This is where messages end: the engine sees none. */
final class ProverService extends ProverGrpc.ProverImplBase {
  /** Details of an error travel in a header, whose size clients limit. */
  private static final int MAX_SHORTFALLS = 32;

  private final ProverEngine engine;
  private final Streams streams = new Streams();

  ProverService(ProverEngine engine) {
    this.engine = engine;
  }

  /** What a call does; what it throws becomes its status. */
  @FunctionalInterface
  private interface Call<A> {
    A answer() throws InvalidFormatException, RefusedException;
  }

  private static <A> void answer(StreamObserver<A> observer, Call<A> call) {
    A answer;
    try {
      answer = call.answer();
    } catch (InvalidFormatException e) {
      observer.onError(RpcErrors.invalidInput(e.getMessage()));
      return;
    } catch (RefusedException e) {
      observer.onError(RpcErrors.refused(e.refusal(), e.getMessage()));
      return;
    }
    observer.onNext(answer);
    observer.onCompleted();
  }

  @Override
  public void loadAccount(
      LoadAccountRequest request, StreamObserver<LoadAccountResponse> observer) {
    answer(
        observer,
        () -> {
          if (!request.hasState()) {
            throw new InvalidFormatException("state is not set");
          }
          return LoadAccountResponse.newBuilder()
              .setAttestations(engine.loadAccount(state(request.getState())))
              .build();
        });
  }

  @Override
  public void openAccount(
      ProverOpenAccountRequest request, StreamObserver<ProverOpenAccountResponse> observer) {
    answer(
        observer,
        () -> {
          if (!request.hasState()) {
            throw new InvalidFormatException("state is not set");
          }
          return ProverOpenAccountResponse.newBuilder()
              .setAttestations(engine.openAccount(state(request.getState())))
              .setDurable(engine.isDurable())
              .build();
        });
  }

  @Override
  public StreamObserver<ProverWatchRequest> watchRounds(
      StreamObserver<ProverWatchResponse> observer) {
    return new RoundStream(
        engine, (ServerCallStreamObserver<ProverWatchResponse>) observer, streams);
  }

  /** Ends the streams that have no end of their own. */
  void endStreams() {
    streams.end();
  }

  private static final class Streams implements RoundStream.Registry {
    private final Set<RoundStream> open = new HashSet<>();
    private boolean ended;

    @Override
    public void opened(RoundStream stream) {
      synchronized (this) {
        open.add(stream);
        if (!ended) {
          return;
        }
      }
      stream.end();
    }

    @Override
    public synchronized void ended(RoundStream stream) {
      open.remove(stream);
    }

    void end() {
      List<RoundStream> all;
      synchronized (this) {
        ended = true;
        all = List.copyOf(open);
      }
      all.forEach(RoundStream::end);
    }
  }

  @Override
  public void closeAccount(
      CloseAccountRequest request, StreamObserver<CloseAccountResponse> observer) {
    answer(
        observer,
        () -> {
          engine.closeAccount(account(request.getAccount()));
          return CloseAccountResponse.getDefaultInstance();
        });
  }

  @Override
  public void loadRound(LoadRoundRequest request, StreamObserver<LoadRoundResponse> observer) {
    answer(
        observer,
        () -> {
          if (!request.hasRound()) {
            throw new InvalidFormatException("round is not set");
          }
          Digest digest = engine.loadRound(round(request.getRound()));
          return LoadRoundResponse.newBuilder()
              .setRoundDigest(ByteString.copyFrom(digest.toByteArray()))
              .build();
        });
  }

  @Override
  public void assess(AssessRequest request, StreamObserver<AssessResponse> observer) {
    answer(
        observer,
        () -> {
          MarginAssessment assessment =
              engine.assess(
                  account(request.getAccount()),
                  sequence(request.getRoundSequence()),
                  threshold(request.hasThreshold(), request.getThreshold()));
          return AssessResponse.newBuilder()
              .setSolvent(assessment.solvent())
              .addAllOutputs(ProtoConversions.toProto(assessment))
              .addAllShortfalls(shortfalls(ProofMaker.shortfalls(assessment)))
              .build();
        });
  }

  @Override
  public void prove(ProveRequest request, StreamObserver<ProveResponse> observer) {
    ServerCallStreamObserver<ProveResponse> call =
        (ServerCallStreamObserver<ProveResponse>) observer;
    CompletableFuture<ProofResult> future;
    try {
      future = engine.submit(proofRequest(request));
    } catch (InvalidFormatException e) {
      observer.onError(RpcErrors.invalidInput(e.getMessage()));
      return;
    } catch (RefusedException e) {
      observer.onError(RpcErrors.refused(e.refusal(), e.getMessage()));
      return;
    }
    // The caller hung up or its deadline passed. A proof for nobody would use up the round's place.
    call.setOnCancelHandler(() -> future.cancel(false));
    CompletableFuture<ProofResult> unused =
        future.whenComplete(
            (result, failure) -> {
              if (!future.isCancelled()) {
                complete(observer, result, failure);
              }
            });
  }

  private ProofRequest proofRequest(ProveRequest request)
      throws InvalidFormatException, RefusedException {
    Threshold threshold = threshold(request.hasThreshold(), request.getThreshold());
    Purpose purpose = Purpose.ofCode(request.getPurposeValue());
    if (request.hasState() && !request.getAccount().isEmpty()) {
      throw new InvalidFormatException("account and state are both set");
    }
    if (request.hasRound() && request.getRoundSequence() != 0) {
      throw new InvalidFormatException("round_sequence and round are both set");
    }
    // All of the input is read before the round is let in, so that a bad request changes nothing.
    ProofRequest proof;
    if (request.hasState()) {
      proof = ProofRequest.of(state(request.getState()), 0, threshold, purpose);
    } else {
      proof = ProofRequest.of(account(request.getAccount()), 0, threshold, purpose);
    }
    long sequence;
    if (request.hasRound()) {
      SignedRound signed = round(request.getRound());
      engine.loadRound(signed);
      sequence = signed.round().sequence();
    } else {
      sequence = sequence(request.getRoundSequence());
    }
    proof = proof.on(sequence);
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? proof
        : proof.within(Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS)));
  }

  private static void complete(
      StreamObserver<ProveResponse> observer, ProofResult result, Throwable failure) {
    if (failure instanceof InvalidFormatException) {
      observer.onError(RpcErrors.invalidInput(failure.getMessage()));
    } else if (failure != null) {
      observer.onError(RpcFaults.internal("Prove", failure));
    } else if (result instanceof ProofResult.Proved proved) {
      observer.onNext(
          ProveResponse.newBuilder()
              .setProof(proved.proof())
              .setProvingMicros(TimeUnit.NANOSECONDS.toMicros(proved.provingTime().toNanos()))
              .build());
      observer.onCompleted();
    } else if (result instanceof ProofResult.NotSolvent notSolvent) {
      observer.onError(notSolvent(notSolvent.shortfalls()));
    } else {
      ProofResult.Refused refused = (ProofResult.Refused) result;
      observer.onError(RpcErrors.refused(refused.refusal(), refused.detail()));
    }
  }

  private static RuntimeException notSolvent(Map<String, BigInteger> shortfalls) {
    Map.Entry<String, BigInteger> first = shortfalls.entrySet().iterator().next();
    return RpcErrors.status(
        ProverException.Kind.FAILED_PRECONDITION,
        "not solvent: "
            + first.getKey()
            + " lacks "
            + first.getValue()
            + (shortfalls.size() > 1
                ? " and " + (shortfalls.size() - 1) + " more do not hold"
                : ""),
        notSolventError(shortfalls));
  }

  static ProverError notSolventError(Map<String, BigInteger> shortfalls) {
    List<NamedAmount> amounts = shortfalls(shortfalls);
    return ProverError.newBuilder()
        .setRefusal(io.plimsoll.proto.v1.Refusal.REFUSAL_NOT_SOLVENT)
        .addAllShortfalls(amounts.subList(0, Math.min(MAX_SHORTFALLS, amounts.size())))
        .build();
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> observer) {
    answer(
        observer,
        () -> {
          EngineStatus status = engine.status();
          return GetStatusResponse.newBuilder()
              .setCircuitId(ByteString.copyFrom(status.circuitId().toByteArray()))
              .setModel(status.model())
              .setSetup(status.setup())
              .setAccounts(status.accounts())
              .setRounds(status.rounds())
              .setQueued(status.queued())
              .setQueueCapacity(status.queueCapacity())
              .setProofs(status.proofs())
              .setKeyBlocked(status.keyBlocked())
              .build();
        });
  }

  private static List<NamedAmount> shortfalls(Map<String, BigInteger> shortfalls) {
    List<NamedAmount> amounts = new ArrayList<>();
    shortfalls.forEach(
        (name, amount) ->
            amounts.add(
                NamedAmount.newBuilder().setName(name).setAmount(amount.toString()).build()));
    return amounts;
  }

  private io.plimsoll.verifier.AccountState state(AccountState message)
      throws InvalidFormatException {
    return AttestationConversions.fromProto(engine.circuitId(), message);
  }

  private SignedRound round(RiskRound message) throws InvalidFormatException {
    return AttestationConversions.fromProto(engine.model(), message);
  }

  static String account(String account) throws InvalidFormatException {
    if (account.isEmpty()) {
      throw new InvalidFormatException("account is empty");
    }
    return CanonicalWriter.requireText("account", account);
  }

  private static long sequence(long sequence) throws InvalidFormatException {
    return sequence("round_sequence", sequence);
  }

  static long sequence(String field, long sequence) throws InvalidFormatException {
    if (sequence < 0) {
      throw new InvalidFormatException(
          field + " is " + Long.toUnsignedString(sequence) + ", more than 2^63 - 1");
    }
    return sequence;
  }

  private static Threshold threshold(boolean present, io.plimsoll.proto.v1.Threshold message)
      throws InvalidFormatException {
    if (!present) {
      throw new InvalidFormatException("threshold is not set");
    }
    return Threshold.of(message.getNumerator(), message.getDenominator());
  }
}
