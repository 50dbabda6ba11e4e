package io.plimsoll.attester;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.proto.v1.AssetChange;
import io.plimsoll.proto.v1.AttesterGrpc;
import io.plimsoll.proto.v1.CancelWithdrawalRequest;
import io.plimsoll.proto.v1.CancelWithdrawalResponse;
import io.plimsoll.proto.v1.GetAttestationRequest;
import io.plimsoll.proto.v1.GetAttestationResponse;
import io.plimsoll.proto.v1.GetWithdrawalRequest;
import io.plimsoll.proto.v1.GetWithdrawalResponse;
import io.plimsoll.proto.v1.RequestWithdrawalRequest;
import io.plimsoll.proto.v1.RequestWithdrawalResponse;
import io.plimsoll.proto.v1.WatchAttestationsRequest;
import io.plimsoll.proto.v1.WatchAttestationsResponse;
import io.plimsoll.proto.v1.WithdrawalProgress;
import io.plimsoll.proto.v1.WithdrawalState;
import io.plimsoll.rpc.PeerIdentity;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The engine as {@code plimsoll.v1.Attester}, for owners by their client certificates. */
final class AttesterService extends AttesterGrpc.AttesterImplBase {
  private static final int MAX_CHANGES = 1024;
  private static final int MAX_WATCHES = 1024;

  private final AttesterEngine engine;
  private final Map<PledgeId, Set<String>> clients;
  private final boolean everybody;
  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
  private final Runnable unwatch;

  /**
   * @param clients by account, fingerprints of the certificates that may ask about it
   * @param everybody whoever calls may ask about everything: on one machine, without TLS
   */
  AttesterService(AttesterEngine engine, Map<PledgeId, Set<String>> clients, boolean everybody) {
    this.engine = engine;
    this.clients = Map.copyOf(clients);
    this.everybody = everybody;
    this.unwatch =
        engine.watch(attestation -> watchers.forEach(watcher -> watcher.offer(attestation)));
  }

  /** One stream: it has the latest attestation that its client has not read. */
  private static final class Watcher {
    private final PledgeId id;
    private final ServerCallStreamObserver<WatchAttestationsResponse> observer;
    private Optional<Attestation> next = Optional.empty();
    private long told;

    Watcher(PledgeId id, ServerCallStreamObserver<WatchAttestationsResponse> observer) {
      this.id = id;
      this.observer = observer;
    }

    synchronized void offer(Attestation attestation) {
      var body = attestation.body();
      if (body.venue().equals(id.venue())
          && body.account().equals(id.account())
          && body.version() > told) {
        next = Optional.of(attestation);
        send();
      }
    }

    synchronized void send() {
      if (next.isPresent() && observer.isReady() && !observer.isCancelled()) {
        told = next.get().body().version();
        observer.onNext(
            WatchAttestationsResponse.newBuilder()
                .setAttestation(AttestationConversions.toProto(next.get()))
                .build());
        next = Optional.empty();
      }
    }

    synchronized void end() {
      if (!observer.isCancelled()) {
        observer.onError(
            Status.UNAVAILABLE.withDescription("the attester shuts down").asException());
      }
    }
  }

  private interface Call<R> {
    R get() throws StatusException, IOException, InvalidFormatException;
  }

  private static <R> void answer(StreamObserver<R> observer, Call<R> call) {
    R answer;
    try {
      answer = call.get();
    } catch (StatusException e) {
      observer.onError(e);
      return;
    } catch (InvalidFormatException e) {
      observer.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException());
      return;
    } catch (IOException e) {
      // Which disk or database, and what is wrong with it, is the attester's own business.
      observer.onError(
          Status.UNAVAILABLE.withDescription("the attester cannot answer now").asException());
      return;
    }
    observer.onNext(answer);
    observer.onCompleted();
  }

  /** An account of the caller's; whether there is such an account nobody else learns. */
  private PledgeId own(String venue, String account) throws StatusException {
    PledgeId id = new PledgeId(venue, account);
    boolean served = engine.pledges().stream().anyMatch(pledge -> pledge.id().equals(id));
    boolean allowed =
        everybody
            || PeerIdentity.current()
                .filter(peer -> clients.getOrDefault(id, Set.of()).contains(peer.fingerprint()))
                .isPresent();
    if (!served || !allowed) {
      throw Status.PERMISSION_DENIED
          .withDescription("the caller has no such account")
          .asException();
    }
    return id;
  }

  @Override
  public void getAttestation(
      GetAttestationRequest request, StreamObserver<GetAttestationResponse> observer) {
    answer(
        observer,
        () -> {
          GetAttestationResponse.Builder answer = GetAttestationResponse.newBuilder();
          engine
              .attestation(own(request.getVenue(), request.getAccount()))
              .ifPresent(
                  attestation ->
                      answer.setAttestation(AttestationConversions.toProto(attestation)));
          return answer.build();
        });
  }

  @Override
  public void watchAttestations(
      WatchAttestationsRequest request, StreamObserver<WatchAttestationsResponse> observer) {
    try {
      PledgeId id = own(request.getVenue(), request.getAccount());
      if (watchers.size() >= MAX_WATCHES) {
        throw Status.RESOURCE_EXHAUSTED
            .withDescription("there are " + MAX_WATCHES + " watches, the most")
            .asException();
      }
      ServerCallStreamObserver<WatchAttestationsResponse> call =
          (ServerCallStreamObserver<WatchAttestationsResponse>) observer;
      Watcher watcher = new Watcher(id, call);
      call.setOnReadyHandler(watcher::send);
      call.setOnCancelHandler(() -> watchers.remove(watcher));
      watchers.add(watcher);
      engine.attestation(id).ifPresent(watcher::offer);
    } catch (StatusException e) {
      observer.onError(e);
    } catch (InvalidFormatException e) {
      observer.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException());
    }
  }

  @Override
  public void requestWithdrawal(
      RequestWithdrawalRequest request, StreamObserver<RequestWithdrawalResponse> observer) {
    answer(
        observer,
        () -> {
          PledgeId id = own(request.getVenue(), request.getAccount());
          if (request.getChangesCount() > MAX_CHANGES) {
            throw new InvalidFormatException(
                "withdrawal: " + request.getChangesCount() + " changes, more than " + MAX_CHANGES);
          }
          List<PortfolioReader.Line> changes = new ArrayList<>();
          for (AssetChange change : request.getChangesList()) {
            changes.add(
                new PortfolioReader.Line(
                    change.getVector(), change.getLabel(), change.getQuantity()));
          }
          return RequestWithdrawalResponse.newBuilder()
              .setProgress(
                  progress(engine.withdraw(id, request.getId(), changes, request.getDestination())))
              .build();
        });
  }

  @Override
  public void getWithdrawal(
      GetWithdrawalRequest request, StreamObserver<GetWithdrawalResponse> observer) {
    answer(
        observer,
        () ->
            GetWithdrawalResponse.newBuilder()
                .setProgress(
                    progress(
                        existing(own(request.getVenue(), request.getAccount()), request.getId())))
                .build());
  }

  @Override
  public void cancelWithdrawal(
      CancelWithdrawalRequest request, StreamObserver<CancelWithdrawalResponse> observer) {
    answer(
        observer,
        () -> {
          PledgeId id = own(request.getVenue(), request.getAccount());
          WithdrawalStatus now = existing(id, request.getId());
          try {
            return CancelWithdrawalResponse.newBuilder()
                .setProgress(progress(engine.cancelWithdrawal(id, request.getId())))
                .build();
          } catch (InvalidFormatException e) {
            throw Status.FAILED_PRECONDITION
                .withDescription("withdrawal is " + now.state() + ": " + e.getMessage())
                .asException();
          }
        });
  }

  private WithdrawalStatus existing(PledgeId id, String withdrawal) throws StatusException {
    try {
      return engine.withdrawal(id, withdrawal);
    } catch (InvalidFormatException e) {
      throw Status.NOT_FOUND.withDescription(e.getMessage()).asException();
    }
  }

  private static WithdrawalProgress progress(WithdrawalStatus status) {
    return WithdrawalProgress.newBuilder()
        .setId(status.id())
        .setState(WithdrawalState.valueOf("WITHDRAWAL_STATE_" + status.state()))
        .setOfferedVersion(status.offeredVersion())
        .build();
  }

  /** Ends the streams. */
  void end() {
    unwatch.run();
    watchers.forEach(Watcher::end);
    watchers.clear();
  }
}
