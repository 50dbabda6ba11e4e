package io.plimsoll.gate.rpc;

import static io.plimsoll.gate.rpc.GateConversions.count;
import static io.plimsoll.gate.rpc.GateConversions.key;
import static io.plimsoll.gate.rpc.GateConversions.text;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.gate.AccountStatus;
import io.plimsoll.gate.ClaimOutcome;
import io.plimsoll.gate.Decision;
import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.JournalRecord;
import io.plimsoll.gate.LiquidationGate;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.PolicyNotInForceException;
import io.plimsoll.gate.ProofBytes;
import io.plimsoll.gate.ReleaseOutcome;
import io.plimsoll.gate.RosterChange;
import io.plimsoll.gate.RoundUpdate;
import io.plimsoll.gate.Submission;
import io.plimsoll.gate.SubmittedProof;
import io.plimsoll.gate.SuspensionCause;
import io.plimsoll.gate.VenueMessage;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.gate.VenueSigner;
import io.plimsoll.gate.rpc.VenueRoles.Party;
import io.plimsoll.proto.v1.AccountVersion;
import io.plimsoll.proto.v1.AttestRequest;
import io.plimsoll.proto.v1.AttestResponse;
import io.plimsoll.proto.v1.ChangeRosterRequest;
import io.plimsoll.proto.v1.ChangeRosterResponse;
import io.plimsoll.proto.v1.ClaimLiquidationRequest;
import io.plimsoll.proto.v1.ClaimLiquidationResponse;
import io.plimsoll.proto.v1.CloseBreakerRequest;
import io.plimsoll.proto.v1.CloseBreakerResponse;
import io.plimsoll.proto.v1.EndLiquidationRequest;
import io.plimsoll.proto.v1.EndLiquidationResponse;
import io.plimsoll.proto.v1.Equivocation;
import io.plimsoll.proto.v1.GateGrpc;
import io.plimsoll.proto.v1.GetAccountRequest;
import io.plimsoll.proto.v1.GetAccountResponse;
import io.plimsoll.proto.v1.GetLastAttestationRequest;
import io.plimsoll.proto.v1.GetLastAttestationResponse;
import io.plimsoll.proto.v1.GetStatusOfAccountRequest;
import io.plimsoll.proto.v1.GetStatusOfAccountResponse;
import io.plimsoll.proto.v1.GetVenueRequest;
import io.plimsoll.proto.v1.GetVenueResponse;
import io.plimsoll.proto.v1.ListAccountsRequest;
import io.plimsoll.proto.v1.ListAccountsResponse;
import io.plimsoll.proto.v1.ListedAccount;
import io.plimsoll.proto.v1.OpenBreakerRequest;
import io.plimsoll.proto.v1.OpenBreakerResponse;
import io.plimsoll.proto.v1.OpenVenueAccountRequest;
import io.plimsoll.proto.v1.OpenVenueAccountResponse;
import io.plimsoll.proto.v1.PublishRoundRequest;
import io.plimsoll.proto.v1.PublishRoundResponse;
import io.plimsoll.proto.v1.Refused;
import io.plimsoll.proto.v1.RequestReleaseRequest;
import io.plimsoll.proto.v1.RequestReleaseResponse;
import io.plimsoll.proto.v1.ResumeRequest;
import io.plimsoll.proto.v1.RevokeAttesterRequest;
import io.plimsoll.proto.v1.RevokeAttesterResponse;
import io.plimsoll.proto.v1.RoundConflict;
import io.plimsoll.proto.v1.RoundPublished;
import io.plimsoll.proto.v1.SubmitProofRequest;
import io.plimsoll.proto.v1.SubmitProofResponse;
import io.plimsoll.proto.v1.SuspendRequest;
import io.plimsoll.proto.v1.WatchDecisionsRequest;
import io.plimsoll.proto.v1.WatchDecisionsResponse;
import io.plimsoll.proto.v1.WatchOrdersRequest;
import io.plimsoll.proto.v1.WatchOrdersResponse;
import io.plimsoll.proto.v1.WatchReleasesRequest;
import io.plimsoll.proto.v1.WatchReleasesResponse;
import io.plimsoll.proto.v1.WatchVenueRoundsRequest;
import io.plimsoll.proto.v1.WatchVenueRoundsResponse;
import io.plimsoll.rpc.RpcFaults;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Rejected;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A gate as {@code plimsoll.v1.Gate}. Whether a caller may do something is decided before anything
 * is looked up, from its roles and the names in its request alone, so that who may not do it learns
 * nothing from the answer.
 */
final class GateService extends GateGrpc.GateImplBase {
  private static final Logger LOG = System.getLogger("io.plimsoll.gate.rpc");
  private static final int DEFAULT_PAGE = 100;
  private static final int MOST_PER_PAGE = 1000;

  /** Enough for a batch while one is judged. */
  private static final int READ_AHEAD = 2 * ProofQueue.MOST_TOGETHER;

  private final LiquidationGate gate;
  private final GateStore store;
  private final VenueSigner signer;
  private final Callers callers;
  private final JournalFeed feed;
  private final ProofQueue proofs;
  private final GateMetrics metrics;
  private final Predicate<RuntimeException> isTransient;

  /**
   * A service.
   *
   * @param isTransient which faults of the store may be over when the call is made again
   */
  GateService(
      LiquidationGate gate,
      GateStore store,
      VenueSigner signer,
      Callers callers,
      JournalFeed feed,
      ProofQueue proofs,
      GateMetrics metrics,
      Predicate<RuntimeException> isTransient) {
    this.gate = gate;
    this.store = store;
    this.signer = signer;
    this.callers = callers;
    this.feed = feed;
    this.proofs = proofs;
    this.metrics = metrics;
    this.isTransient = isTransient;
  }

  /** What a call does; what it throws becomes its status. */
  @FunctionalInterface
  private interface Call<A> {
    A answer() throws InvalidFormatException, StatusException;
  }

  private <A> void answer(StreamObserver<A> observer, Call<A> call) {
    A answer;
    try {
      answer = call.answer();
    } catch (InvalidFormatException e) {
      observer.onError(invalid(e));
      return;
    } catch (StatusException e) {
      observer.onError(noted(e));
      return;
    } catch (RuntimeException e) {
      observer.onError(refusal(e).orElseThrow(() -> e));
      return;
    }
    observer.onNext(answer);
    observer.onCompleted();
  }

  /** As {@link #answer}, for a call that may have changed something. */
  private <A> void decide(StreamObserver<A> observer, Call<A> call) {
    answer(observer, call);
    feed.nudge();
  }

  /** Somebody who tries doors should be seen. */
  private StatusException noted(StatusException failure) {
    if (failure.getStatus().getCode() == Status.Code.PERMISSION_DENIED) {
      metrics.denied();
      LOG.log(
          Level.WARNING,
          () ->
              "event=denied "
                  + "reason="
                  + JournalFeed.quoted(String.valueOf(failure.getStatus().getDescription())));
    }
    return failure;
  }

  private static StatusException invalid(InvalidFormatException e) {
    return Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException();
  }

  /** The status of what the gate or its store throws for a known reason; empty if it is a bug. */
  private Optional<StatusException> refusal(Throwable thrown) {
    if (thrown instanceof PolicyNotInForceException replaced) {
      return Optional.of(
          Status.FAILED_PRECONDITION.withDescription(replaced.getMessage()).asException());
    }
    return thrown instanceof RuntimeException fault && isTransient.test(fault)
        ? Optional.of(storeAway())
        : Optional.empty();
  }

  private static StatusException storeAway() {
    return Status.UNAVAILABLE
        .withDescription("the venue's store does not answer; say it again later")
        .asException();
  }

  // Who may do what. The words of a refusal must not depend on whether an account exists.

  private static StatusException denied(String needed) {
    return Status.PERMISSION_DENIED
        .withDescription("party " + Callers.current().name() + " is not " + needed)
        .asException();
  }

  private static Party requireRole(Role... any) throws StatusException {
    Party caller = Callers.current();
    for (Role role : any) {
      if (caller.is(role)) {
        return caller;
      }
    }
    throw denied(labels(any));
  }

  private static String labels(Role... any) {
    StringBuilder labels = new StringBuilder();
    for (Role role : any) {
      labels.append(labels.length() == 0 ? "" : " or ").append(role.label());
    }
    return labels.toString();
  }

  /** The account's owner, or somebody with one of these roles. */
  private static void requireOwnerOr(String account, Role... any) throws StatusException {
    Party caller = Callers.current();
    if (!caller.owns(account)) {
      for (Role role : any) {
        if (caller.is(role)) {
          return;
        }
      }
      throw denied("owner of this account" + (any.length == 0 ? "" : " or " + labels(any)));
    }
  }

  private static Ed25519PublicKey requireAttester() throws StatusException {
    Party caller = requireRole(Role.ATTESTER);
    return caller.attesterKey().orElseThrow();
  }

  private void requireOpen(String account) throws StatusException {
    if (store.read(view -> view.account(account)).isEmpty()) {
      throw Status.NOT_FOUND.withDescription("no account " + account).asException();
    }
  }

  // Everybody.

  @Override
  public void getVenue(GetVenueRequest request, StreamObserver<GetVenueResponse> observer) {
    answer(
        observer,
        () -> {
          Decision.PolicySet inForce = gate.policyInForce();
          Party caller = Callers.current();
          return GetVenueResponse.newBuilder()
              .setVenue(inForce.venue())
              .setCircuitId(GateConversions.bytes(inForce.circuitId()))
              .setVenueKey(GateConversions.bytes(inForce.venueKey()))
              .setPolicy(GateConversions.toProto(inForce.policy()))
              .setCaller(caller.name())
              .addAllCallerRoles(caller.roles().stream().map(Role::label).sorted().toList())
              .setNowMillis(store.read(GateStore.View::nowMillis))
              .build();
        });
  }

  @Override
  public void watchRounds(
      WatchVenueRoundsRequest request, StreamObserver<WatchVenueRoundsResponse> observer) {
    begin(
        observer,
        out ->
            feed.rounds(
                count("from_sequence", request.getFromSequence()),
                signed ->
                    WatchVenueRoundsResponse.newBuilder()
                        .setRound(GateConversions.toProto(signed))
                        .build(),
                out));
  }

  /** Begins what is answered later: a stream without end, or one answer. */
  private interface Begin<A> {
    void on(ServerCallStreamObserver<A> out) throws InvalidFormatException, StatusException;
  }

  private <A> void begin(StreamObserver<A> observer, Begin<A> begin) {
    try {
      begin.on((ServerCallStreamObserver<A>) observer);
    } catch (InvalidFormatException e) {
      observer.onError(invalid(e));
    } catch (StatusException e) {
      observer.onError(noted(e));
    }
  }

  // Publishers.

  @Override
  public void publishRound(
      PublishRoundRequest request, StreamObserver<PublishRoundResponse> observer) {
    decide(
        observer,
        () -> {
          Party unused = requireRole(Role.PUBLISHER);
          if (!request.hasRound()) {
            throw new InvalidFormatException("round is not set");
          }
          return message(gate.publishRound(GateConversions.fromProto(request.getRound())));
        });
  }

  private static PublishRoundResponse message(RoundUpdate update) {
    PublishRoundResponse.Builder answer = PublishRoundResponse.newBuilder();
    if (update instanceof RoundUpdate.Published published) {
      answer.setPublished(
          RoundPublished.newBuilder()
              .setSequence(published.round().sequence())
              .setRoundDigest(GateConversions.bytes(published.round().digest()))
              .setPublishedAtMillis(published.round().publishedAtMillis())
              .setDeviation(published.deviation().orElse("")));
    } else if (update instanceof RoundUpdate.Refused refused) {
      answer.setRefused(refused(refused.reason().name(), refused.detail()));
    } else {
      RoundUpdate.Conflict conflict = (RoundUpdate.Conflict) update;
      answer.setConflict(
          RoundConflict.newBuilder()
              .setSequence(conflict.evidence().known().sequence())
              .setKnownDigest(GateConversions.bytes(conflict.evidence().known().digest()))
              .setSecondDigest(
                  GateConversions.bytes(conflict.evidence().second().round().digest())));
    }
    return answer.build();
  }

  private static Refused refused(String reason, String detail) {
    return Refused.newBuilder().setReason(reason).setDetail(detail).build();
  }

  // Attesters.

  @Override
  public void attest(AttestRequest request, StreamObserver<AttestResponse> observer) {
    decide(
        observer,
        () -> {
          Ed25519PublicKey own = requireAttester();
          if (!request.hasAttestation()) {
            throw new InvalidFormatException("attestation is not set");
          }
          if (request.hasExecution() && request.getForcedDecrease()) {
            throw new InvalidFormatException("forced_decrease and execution are both set");
          }
          requireOwnKey(own, request.getAttestation());
          Attestation attestation = AttestationConversions.fromProto(request.getAttestation());
          AccountUpdate update;
          if (request.hasExecution()) {
            update =
                gate.attestExecution(
                    GateConversions.fromProto(request.getExecution(), attestation));
          } else {
            update =
                request.getForcedDecrease()
                    ? gate.attestForcedDecrease(attestation)
                    : gate.attest(attestation);
          }
          return attested(asToldToAttester(update, attestation.body().account(), own));
        });
  }

  /** Before the signature is looked at: strangers' attestations cost nothing. */
  private static void requireOwnKey(
      Ed25519PublicKey own, io.plimsoll.proto.v1.Attestation attestation)
      throws InvalidFormatException, StatusException {
    if (!key("attestation: attester key", attestation.getAttesterKey()).equals(own)) {
      throw denied("the attester whose attestation this is");
    }
  }

  /** An attester is not told whether an account that it has nothing to do with exists. */
  private static AccountUpdate asToldToAttester(
      AccountUpdate update, String account, Ed25519PublicKey attester) {
    if (update instanceof AccountUpdate.Refused refused
        && (refused.reason() == AccountUpdate.Refusal.UNKNOWN_ACCOUNT
            || refused.reason() == AccountUpdate.Refusal.NOT_ROSTERED)) {
      return new AccountUpdate.Refused(
          AccountUpdate.Refusal.NOT_ROSTERED,
          "attester " + attester + " is not on a roster of account " + account);
    }
    return update;
  }

  private static AttestResponse attested(AccountUpdate update) {
    AttestResponse.Builder answer = AttestResponse.newBuilder();
    if (update instanceof AccountUpdate.Accepted accepted) {
      answer.setAccepted(version(accepted.state()));
    } else if (update instanceof AccountUpdate.Refused refused) {
      answer.setRefused(refused(refused.reason().name(), refused.detail()));
    } else {
      answer.setEquivocation(equivocation((AccountUpdate.Equivocation) update));
    }
    return answer.build();
  }

  private static AccountVersion version(AccountState state) {
    return AccountVersion.newBuilder()
        .setVersion(state.version())
        .setRosterVersion(state.roster().version())
        .build();
  }

  private static Equivocation equivocation(AccountUpdate.Equivocation two) {
    return Equivocation.newBuilder()
        .setKnownDigest(GateConversions.bytes(two.known().digest()))
        .setSecondDigest(GateConversions.bytes(two.second().digest()))
        .build();
  }

  @Override
  public void getLastAttestation(
      GetLastAttestationRequest request, StreamObserver<GetLastAttestationResponse> observer) {
    answer(
        observer,
        () -> {
          Ed25519PublicKey own = requireAttester();
          String account = text("account", request.getAccount());
          GetLastAttestationResponse.Builder answer = GetLastAttestationResponse.newBuilder();
          store
              .read(view -> view.account(account))
              .flatMap(record -> last(record.state(), own))
              .ifPresent(last -> answer.setAttestation(AttestationConversions.toProto(last)));
          return answer.build();
        });
  }

  private static Optional<Attestation> last(AccountState state, Ed25519PublicKey attester) {
    return state
        .attestation(attester)
        .or(
            () ->
                state.departed().stream()
                    .filter(each -> each.body().attester().equals(attester))
                    .findFirst());
  }

  @Override
  public void requestRelease(
      RequestReleaseRequest request, StreamObserver<RequestReleaseResponse> observer) {
    decide(
        observer,
        () -> {
          Ed25519PublicKey own = requireAttester();
          String account = text("account", request.getAccount());
          ReleaseOutcome outcome = gate.release(account, own);
          RequestReleaseResponse.Builder answer = RequestReleaseResponse.newBuilder();
          if (outcome instanceof ReleaseOutcome.Released released) {
            answer.setReleased(GateConversions.releaseToProto(released.release()));
          } else {
            ReleaseOutcome.Refused refused = (ReleaseOutcome.Refused) outcome;
            answer.setRefused(
                refused.reason() == ReleaseOutcome.Refusal.UNKNOWN_ACCOUNT
                        || refused.reason() == ReleaseOutcome.Refusal.NOT_ATTESTED
                    ? refused(
                        ReleaseOutcome.Refusal.NOT_ATTESTED.name(),
                        "attester " + own + " has no attestation for account " + account)
                    : refused(refused.reason().name(), refused.detail()));
          }
          return answer.build();
        });
  }

  @Override
  public void watchReleases(
      WatchReleasesRequest request, StreamObserver<WatchReleasesResponse> observer) {
    begin(
        observer,
        out -> {
          Ed25519PublicKey own = requireAttester();
          feed.records(
              count("from_index", request.getFromIndex()),
              new JournalFeed.Selection<WatchReleasesResponse>() {
                @Override
                public Optional<WatchReleasesResponse> of(JournalRecord record) {
                  return record.decision() instanceof Decision.Released released
                          && released.release().attester().equals(own)
                      ? Optional.of(
                          WatchReleasesResponse.newBuilder()
                              .setThroughIndex(record.index())
                              .setRelease(
                                  GateConversions.releaseToProto(signed(released.release())))
                              .build())
                      : Optional.empty();
                }

                @Override
                public WatchReleasesResponse through(long index) {
                  return WatchReleasesResponse.newBuilder().setThroughIndex(index).build();
                }
              },
              out);
        });
  }

  private <M extends VenueMessage> VenueSigned<M> signed(M message) {
    try {
      return VenueSigned.of(message, signer.publicKey(), signer.sign(message.toByteArray()));
    } catch (InvalidFormatException e) {
      throw new IllegalStateException("the venue's signer is out of order", e);
    }
  }

  // Owners.

  @Override
  public void submitProof(
      SubmitProofRequest request, StreamObserver<SubmitProofResponse> observer) {
    Party caller = Callers.current();
    begin(
        observer,
        out ->
            proofs.submit(
                caller.name(),
                own(caller, request),
                new ProofQueue.Answer() {
                  @Override
                  public void decided(Submission submission) {
                    out.onNext(answer(submission));
                    out.onCompleted();
                    feed.nudge();
                  }

                  @Override
                  public void failed(Throwable fault) {
                    out.onError(failure(GateGrpc.getSubmitProofMethod(), fault));
                  }
                }));
  }

  private static SubmittedProof own(Party caller, SubmitProofRequest request)
      throws InvalidFormatException, StatusException {
    String account = text("account", request.getAccount());
    if (!caller.owns(account)) {
      throw denied("owner of this account");
    }
    return new SubmittedProof(
        account,
        count("round_sequence", request.getRoundSequence()),
        ProofBytes.of(GateConversions.proof(request.getProof())));
  }

  private SubmitProofResponse answer(Submission submission) {
    metrics.judged(submission);
    SubmitProofResponse.Builder answer =
        SubmitProofResponse.newBuilder()
            .setReceipt(GateConversions.receiptToProto(submission.receipt()));
    if (submission.verdict() instanceof Rejected rejected) {
      answer.setDetail(rejected.detail());
    }
    return answer.build();
  }

  /** The status of a call that went wrong on another thread than its own. */
  private Exception failure(MethodDescriptor<?, ?> method, Throwable fault) {
    Optional<StatusException> known = refusal(fault);
    return known.isPresent() ? known.get() : RpcFaults.internal(method.getFullMethodName(), fault);
  }

  @Override
  public StreamObserver<SubmitProofRequest> submitProofs(
      StreamObserver<SubmitProofResponse> observer) {
    return new ProofStream(
        Callers.current(), (ServerCallStreamObserver<SubmitProofResponse>) observer);
  }

  /**
   * Requests are read while the client takes answers and has no more than {@value #READ_AHEAD}
   * proofs without one, or this stream has none: what else waits is in the client's own buffers.
   * Answers are given in the order of the requests.
   */
  private final class ProofStream implements StreamObserver<SubmitProofRequest> {
    private final Party caller;
    private final ServerCallStreamObserver<SubmitProofResponse> out;
    private final int replacements = callers.replacements();

    /** Guarded by this object's lock, like all below: workers answer on threads of their own. */
    private final Deque<Place> places = new ArrayDeque<>();

    private boolean asked = true;

    /** Whether another request may come. */
    private boolean reading = true;

    private boolean over;

    /** Of a request among the answers; the last may be an error, or the end. */
    private final class Place implements ProofQueue.Answer {
      private Runnable answer;

      @Override
      public void decided(Submission submission) {
        SubmitProofResponse response = GateService.this.answer(submission);
        fill(() -> out.onNext(response));
        feed.nudge();
      }

      @Override
      public void failed(Throwable fault) {
        Exception status = failure(GateGrpc.getSubmitProofsMethod(), fault);
        fill(() -> end(() -> out.onError(status)));
      }

      private void fill(Runnable with) {
        synchronized (ProofStream.this) {
          answer = with;
          tell();
        }
      }
    }

    ProofStream(Party caller, ServerCallStreamObserver<SubmitProofResponse> out) {
      this.caller = caller;
      this.out = out;
      out.disableAutoRequest();
      out.request(1);
      out.setOnReadyHandler(this::askForNext);
      out.setOnCancelHandler(this::giveUp);
    }

    private synchronized void tell() {
      while (!over && !places.isEmpty() && places.peek().answer != null) {
        places.remove().answer.run();
      }
      askForNext();
    }

    private void end(Runnable with) {
      reading = false;
      over = true;
      with.run();
    }

    private synchronized void giveUp() {
      reading = false;
      over = true;
    }

    private synchronized void askForNext() {
      boolean room = places.isEmpty() || proofs.unanswered(caller.name()) < READ_AHEAD;
      if (reading && !asked && room && out.isReady()) {
        asked = true;
        out.request(1);
      }
    }

    @Override
    public synchronized void onNext(SubmitProofRequest request) {
      asked = false;
      if (!reading) {
        return;
      }
      if (callers.replacements() != replacements) {
        last(() -> out.onError(Callers.rolesChanged()));
        return;
      }
      try {
        SubmittedProof proof = own(caller, request);
        Place place = new Place();
        places.add(place);
        proofs.submit(caller.name(), proof, place);
      } catch (InvalidFormatException e) {
        last(() -> out.onError(invalid(e)));
        return;
      } catch (StatusException e) {
        StatusException denied = noted(e);
        last(() -> out.onError(denied));
        return;
      }
      askForNext();
    }

    /** What the stream ends with, once all before it have their answers. */
    private void last(Runnable with) {
      reading = false;
      Place place = new Place();
      places.add(place);
      place.fill(() -> end(with));
    }

    @Override
    public void onError(Throwable error) {
      giveUp();
    }

    @Override
    public synchronized void onCompleted() {
      if (reading) {
        last(out::onCompleted);
      }
    }
  }

  @Override
  public void getAccount(GetAccountRequest request, StreamObserver<GetAccountResponse> observer) {
    answer(
        observer,
        () -> {
          String account = text("account", request.getAccount());
          requireOwnerOr(account, Role.AUDITOR, Role.OPERATOR);
          requireOpen(account);
          return GetAccountResponse.newBuilder()
              .setState(AttestationConversions.toProto(gate.account(account)))
              .build();
        });
  }

  @Override
  public void changeRoster(
      ChangeRosterRequest request, StreamObserver<ChangeRosterResponse> observer) {
    decide(
        observer,
        () -> {
          String account = text("account", request.getAccount());
          Party caller = Callers.current();
          boolean ownLeave =
              request.hasLeave()
                  && caller.attestsWith(
                      key("leave: attester key", request.getLeave().getAttesterKey()));
          if (!ownLeave) {
            requireOwnerOr(account, Role.OPERATOR);
          }
          RosterChange change =
              GateConversions.rosterChange(request, /* byVenue= */ !caller.owns(account));
          AccountUpdate update = gate.changeRoster(account, change);
          boolean seesAccount = caller.owns(account) || caller.is(Role.OPERATOR);
          return rosterChanged(
              seesAccount
                  ? update
                  : asToldToAttester(update, account, caller.attesterKey().orElseThrow()));
        });
  }

  private static ChangeRosterResponse rosterChanged(AccountUpdate update) {
    ChangeRosterResponse.Builder answer = ChangeRosterResponse.newBuilder();
    if (update instanceof AccountUpdate.Accepted accepted) {
      answer.setAccepted(version(accepted.state()));
    } else if (update instanceof AccountUpdate.Refused refused) {
      answer.setRefused(refused(refused.reason().name(), refused.detail()));
    } else {
      answer.setEquivocation(equivocation((AccountUpdate.Equivocation) update));
    }
    return answer.build();
  }

  // Who sees what.

  @Override
  public void getStatus(
      GetStatusOfAccountRequest request, StreamObserver<GetStatusOfAccountResponse> observer) {
    answer(
        observer,
        () -> {
          String account = text("account", request.getAccount());
          requireOwnerOr(account, Role.LIQUIDATOR, Role.AUDITOR, Role.OPERATOR);
          requireOpen(account);
          return status(gate.decide(account));
        });
  }

  private GetStatusOfAccountResponse status(AccountStatus status) {
    return GetStatusOfAccountResponse.newBuilder()
        .setStatus(GateConversions.toProto(status, this::signed))
        .build();
  }

  @Override
  public void listAccounts(
      ListAccountsRequest request, StreamObserver<ListAccountsResponse> observer) {
    answer(
        observer,
        () -> {
          Party unused = requireRole(Role.LIQUIDATOR, Role.AUDITOR, Role.OPERATOR);
          int size = request.getPageSize() == 0 ? DEFAULT_PAGE : request.getPageSize();
          if (size < 0 || size > MOST_PER_PAGE) {
            throw new InvalidFormatException(
                "page_size is "
                    + Integer.toUnsignedString(request.getPageSize())
                    + ", more than "
                    + MOST_PER_PAGE);
          }
          String after = request.getAfter().isEmpty() ? "" : text("after", request.getAfter());
          List<String> names = store.read(view -> view.accounts(after, size + 1));
          ListAccountsResponse.Builder answer =
              ListAccountsResponse.newBuilder().setMore(names.size() > size);
          for (String name : names.subList(0, Math.min(size, names.size()))) {
            answer.addAccounts(
                ListedAccount.newBuilder()
                    .setAccount(name)
                    .setStatus(GateConversions.toProto(gate.decide(name), this::signed)));
          }
          return answer.build();
        });
  }

  @Override
  public void watchDecisions(
      WatchDecisionsRequest request, StreamObserver<WatchDecisionsResponse> observer) {
    begin(
        observer,
        out -> {
          String account = request.getAccount();
          if (account.isEmpty()) {
            Party unused = requireRole(Role.AUDITOR, Role.OPERATOR);
          } else {
            requireOwnerOr(text("account", account), Role.AUDITOR, Role.OPERATOR);
          }
          feed.records(
              count("from_index", request.getFromIndex()),
              new JournalFeed.Selection<WatchDecisionsResponse>() {
                @Override
                public Optional<WatchDecisionsResponse> of(JournalRecord record) {
                  return account.isEmpty() || account.equals(record.decision().account())
                      ? Optional.of(
                          WatchDecisionsResponse.newBuilder()
                              .setThroughIndex(record.index())
                              .setEntry(GateConversions.toProto(record))
                              .build())
                      : Optional.empty();
                }

                @Override
                public WatchDecisionsResponse through(long index) {
                  return WatchDecisionsResponse.newBuilder().setThroughIndex(index).build();
                }
              },
              out);
        });
  }

  // Liquidators.

  @Override
  public void claimLiquidation(
      ClaimLiquidationRequest request, StreamObserver<ClaimLiquidationResponse> observer) {
    decide(
        observer,
        () -> {
          Party caller = requireRole(Role.LIQUIDATOR);
          String account = text("account", request.getAccount());
          requireOpen(account);
          ClaimOutcome outcome = gate.claimLiquidation(account, caller.name());
          ClaimLiquidationResponse.Builder answer = ClaimLiquidationResponse.newBuilder();
          if (outcome instanceof ClaimOutcome.Claimed claimed) {
            answer.setClaimed(GateConversions.orderToProto(claimed.signed()));
          } else {
            answer.setRefused(
                GateConversions.toProto(((ClaimOutcome.Refused) outcome).status(), this::signed));
          }
          return answer.build();
        });
  }

  @Override
  public void completeLiquidation(
      EndLiquidationRequest request, StreamObserver<EndLiquidationResponse> observer) {
    decide(observer, () -> end(request, /* completed= */ true));
  }

  @Override
  public void cancelLiquidation(
      EndLiquidationRequest request, StreamObserver<EndLiquidationResponse> observer) {
    decide(observer, () -> end(request, /* completed= */ false));
  }

  private EndLiquidationResponse end(EndLiquidationRequest request, boolean completed)
      throws InvalidFormatException, StatusException {
    Party caller = requireRole(Role.LIQUIDATOR, Role.OPERATOR);
    String account = text("account", request.getAccount());
    long gateVersion = count("gate_version", request.getGateVersion());
    requireOpen(account);
    Optional<AccountStatus.Liquidating> running = running(account, gateVersion);
    if (running.isEmpty()) {
      return EndLiquidationResponse.getDefaultInstance();
    }
    LiquidationOrder order = running.get().order();
    if (!caller.is(Role.OPERATOR)) {
      if (!order.claimant().equals(caller.name())) {
        throw denied("the claimant of this liquidation or operator");
      }
      if (completed && running.get().attested().isEmpty()) {
        // Else a claimant could give an account new grace again and again, and sell nothing.
        throw denied("operator, and no attester has said under this order what is left");
      }
    }
    return EndLiquidationResponse.newBuilder()
        .setEnded(completed ? gate.completeLiquidation(order) : gate.cancelLiquidation(order))
        .build();
  }

  private Optional<AccountStatus.Liquidating> running(String account, long gateVersion) {
    return gate.decide(account) instanceof AccountStatus.Liquidating running
            && running.order().gateVersion() == gateVersion
        ? Optional.of(running)
        : Optional.empty();
  }

  @Override
  public void watchOrders(
      WatchOrdersRequest request, StreamObserver<WatchOrdersResponse> observer) {
    begin(
        observer,
        out -> {
          Party caller = requireRole(Role.ATTESTER, Role.LIQUIDATOR, Role.AUDITOR, Role.OPERATOR);
          feed.records(
              count("from_index", request.getFromIndex()),
              new JournalFeed.Selection<WatchOrdersResponse>() {
                @Override
                public Optional<WatchOrdersResponse> of(JournalRecord record) {
                  // An order that is over is nothing to execute any more.
                  return record.decision() instanceof Decision.ClaimDecided claim
                          && claim.gateVersion() > 0
                      ? running(claim.account(), claim.gateVersion())
                          .map(AccountStatus.Liquidating::order)
                          .filter(order -> concerns(caller, order))
                          .map(
                              order ->
                                  WatchOrdersResponse.newBuilder()
                                      .setThroughIndex(record.index())
                                      .setOrder(GateConversions.orderToProto(signed(order)))
                                      .build())
                      : Optional.empty();
                }

                @Override
                public WatchOrdersResponse through(long index) {
                  return WatchOrdersResponse.newBuilder().setThroughIndex(index).build();
                }
              },
              out);
        });
  }

  private static boolean concerns(Party caller, LiquidationOrder order) {
    return caller.is(Role.AUDITOR)
        || caller.is(Role.OPERATOR)
        || (caller.is(Role.LIQUIDATOR) && order.claimant().equals(caller.name()))
        || (caller.is(Role.ATTESTER)
            && order.attesters().contains(caller.attesterKey().orElseThrow()));
  }

  // Operators.

  @Override
  public void openAccount(
      OpenVenueAccountRequest request, StreamObserver<OpenVenueAccountResponse> observer) {
    decide(
        observer,
        () -> {
          Party unused = requireRole(Role.OPERATOR);
          String account = text("account", request.getAccount());
          List<Ed25519PublicKey> attesters =
              GateConversions.keys("attester_keys", request.getAttesterKeysList());
          AccountState opened;
          try {
            opened = gate.openAccount(account, attesters);
          } catch (IllegalArgumentException e) {
            // The only thing that the gate takes as an argument out of order.
            throw Status.ALREADY_EXISTS
                .withDescription("account " + account + " is open already")
                .withCause(e)
                .asException();
          }
          return OpenVenueAccountResponse.newBuilder().setOpened(version(opened)).build();
        });
  }

  @Override
  public void suspend(SuspendRequest request, StreamObserver<GetStatusOfAccountResponse> observer) {
    decide(
        observer,
        () -> {
          Party unused = requireRole(Role.OPERATOR);
          String account = text("account", request.getAccount());
          SuspensionCause cause = GateConversions.suspensionCause("cause", request.getCause());
          if (cause == SuspensionCause.NEWCOMER_FAULT) {
            throw new InvalidFormatException("cause is " + cause + ", which the gate alone sees");
          }
          requireOpen(account);
          return status(gate.suspend(account, cause));
        });
  }

  @Override
  public void resume(ResumeRequest request, StreamObserver<GetStatusOfAccountResponse> observer) {
    decide(
        observer,
        () -> {
          Party unused = requireRole(Role.OPERATOR);
          String account = text("account", request.getAccount());
          requireOpen(account);
          return status(gate.resume(account));
        });
  }

  @Override
  public void openBreaker(
      OpenBreakerRequest request, StreamObserver<OpenBreakerResponse> observer) {
    decide(
        observer,
        () -> {
          Party unused = requireRole(Role.OPERATOR);
          gate.openBreaker();
          return OpenBreakerResponse.getDefaultInstance();
        });
  }

  @Override
  public void closeBreaker(
      CloseBreakerRequest request, StreamObserver<CloseBreakerResponse> observer) {
    decide(
        observer,
        () -> {
          Party unused = requireRole(Role.OPERATOR);
          gate.closeBreaker();
          return CloseBreakerResponse.getDefaultInstance();
        });
  }

  @Override
  public void revokeAttester(
      RevokeAttesterRequest request, StreamObserver<RevokeAttesterResponse> observer) {
    decide(
        observer,
        () -> {
          Party unused = requireRole(Role.OPERATOR);
          gate.revokeAttester(key("attester_key", request.getAttesterKey()));
          return RevokeAttesterResponse.getDefaultInstance();
        });
  }
}
