package io.plimsoll.gate.rpc;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.gate.AccountStatus;
import io.plimsoll.gate.ClaimOutcome;
import io.plimsoll.gate.Execution;
import io.plimsoll.gate.GatePolicy;
import io.plimsoll.gate.JournalRecord;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.ProofReceipt;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.ReleaseOutcome;
import io.plimsoll.gate.RosterChange;
import io.plimsoll.gate.SuspensionCause;
import io.plimsoll.gate.VenueMessage;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.proto.v1.AttestRequest;
import io.plimsoll.proto.v1.AttestResponse;
import io.plimsoll.proto.v1.ChangeRosterResponse;
import io.plimsoll.proto.v1.ClaimLiquidationRequest;
import io.plimsoll.proto.v1.ClaimLiquidationResponse;
import io.plimsoll.proto.v1.CloseBreakerRequest;
import io.plimsoll.proto.v1.CloseBreakerResponse;
import io.plimsoll.proto.v1.EndLiquidationRequest;
import io.plimsoll.proto.v1.Equivocation;
import io.plimsoll.proto.v1.GateGrpc;
import io.plimsoll.proto.v1.GetAccountRequest;
import io.plimsoll.proto.v1.GetLastAttestationRequest;
import io.plimsoll.proto.v1.GetLastAttestationResponse;
import io.plimsoll.proto.v1.GetStatusOfAccountRequest;
import io.plimsoll.proto.v1.GetVenueRequest;
import io.plimsoll.proto.v1.GetVenueResponse;
import io.plimsoll.proto.v1.ListAccountsRequest;
import io.plimsoll.proto.v1.ListAccountsResponse;
import io.plimsoll.proto.v1.ListedAccount;
import io.plimsoll.proto.v1.OpenBreakerRequest;
import io.plimsoll.proto.v1.OpenBreakerResponse;
import io.plimsoll.proto.v1.OpenVenueAccountRequest;
import io.plimsoll.proto.v1.PublishRoundRequest;
import io.plimsoll.proto.v1.PublishRoundResponse;
import io.plimsoll.proto.v1.RequestReleaseRequest;
import io.plimsoll.proto.v1.RequestReleaseResponse;
import io.plimsoll.proto.v1.ResumeRequest;
import io.plimsoll.proto.v1.RevokeAttesterRequest;
import io.plimsoll.proto.v1.RevokeAttesterResponse;
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
import io.plimsoll.rpc.RpcChannel;
import io.plimsoll.rpc.TlsFiles;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SignedRound;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * A client of a venue's gate, for publishers, attesters, owners, liquidators, auditors and
 * operators alike. Calls block and end within their deadline. What the venue signs is checked
 * before it is returned, by the venue's key if the client was told one. Thread-safe.
 */
public final class GateClient implements AutoCloseable {
  private final RpcChannel channel;
  private final GateGrpc.GateBlockingStub stub;
  private final GateGrpc.GateStub streams;
  private final Optional<Ed25519PublicKey> venueKey;
  private final ScheduledExecutorService timer;

  private GateClient(RpcChannel channel, Builder builder) {
    this.channel = channel;
    this.venueKey = Optional.ofNullable(builder.venueKey);
    Channel calls = channel.channel();
    if (builder.party != null) {
      Metadata claim = new Metadata();
      claim.put(Callers.CLAIMED, builder.party);
      calls = ClientInterceptors.intercept(calls, MetadataUtils.newAttachHeadersInterceptor(claim));
    }
    this.stub = GateGrpc.newBlockingStub(calls);
    this.streams = GateGrpc.newStub(calls).withWaitForReady();
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "plimsoll-gate-client");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * A client to be set up; say {@link Builder#tls} or {@link Builder#insecure}.
   *
   * @param target as gRPC names it, for example {@code venue.example:7272}
   */
  public static Builder builder(String target) {
    return new Builder(target);
  }

  /**
   * Who a venue says that it is, and who it says that the caller is.
   *
   * @param name the venue
   * @param circuitId its one circuit
   * @param key what it signs with
   * @param policy what it asks for
   * @param caller the caller's name in its roles file
   * @param callerRoles what the caller may do
   * @param nowMillis its clock
   */
  public record Venue(
      String name,
      Digest circuitId,
      Ed25519PublicKey key,
      GatePolicy policy,
      String caller,
      List<String> callerRoles,
      long nowMillis) {
    /** Copies the list. */
    public Venue {
      callerRoles = List.copyOf(callerRoles);
    }
  }

  /** Who the venue is. */
  public Venue venue() throws GateException {
    return call(
        gate -> {
          GetVenueResponse answer = gate.getVenue(GetVenueRequest.getDefaultInstance());
          return new Venue(
              answer.getVenue(),
              GateConversions.digest("circuit id", answer.getCircuitId()),
              GateConversions.key("venue key", answer.getVenueKey()),
              GateConversions.fromProto(answer.getPolicy()),
              answer.getCaller(),
              answer.getCallerRolesList(),
              answer.getNowMillis());
        });
  }

  // Publishers.

  /** Publishes a round. */
  public RoundOutcome publishRound(SignedRound round) throws GateException {
    return call(
        gate -> {
          PublishRoundResponse answer =
              gate.publishRound(
                  PublishRoundRequest.newBuilder()
                      .setRound(GateConversions.toProto(round))
                      .build());
          return switch (answer.getOutcomeCase()) {
            case PUBLISHED ->
                new RoundOutcome.Published(
                    answer.getPublished().getSequence(),
                    GateConversions.digest("round", answer.getPublished().getRoundDigest()),
                    answer.getPublished().getPublishedAtMillis(),
                    Optional.of(answer.getPublished().getDeviation()).filter(d -> !d.isEmpty()));
            case REFUSED ->
                new RoundOutcome.Refused(
                    answer.getRefused().getReason(), answer.getRefused().getDetail());
            case CONFLICT ->
                new RoundOutcome.Conflict(
                    answer.getConflict().getSequence(),
                    GateConversions.digest("round", answer.getConflict().getKnownDigest()),
                    GateConversions.digest("round", answer.getConflict().getSecondDigest()));
            case OUTCOME_NOT_SET -> throw new InvalidFormatException("outcome is not set");
          };
        });
  }

  // Attesters.

  /** Hands in an attestation. */
  public ChangeOutcome attest(Attestation attestation) throws GateException {
    return attest(AttestRequest.newBuilder(), attestation);
  }

  /** Hands in an attestation that could not wait: what its attester keeps has become less. */
  public ChangeOutcome attestForcedDecrease(Attestation attestation) throws GateException {
    return attest(AttestRequest.newBuilder().setForcedDecrease(true), attestation);
  }

  /** Hands in what is left after a liquidation order. */
  public ChangeOutcome attestExecution(Execution execution) throws GateException {
    return attest(
        AttestRequest.newBuilder().setExecution(GateConversions.toProto(execution)),
        execution.attestation());
  }

  private ChangeOutcome attest(AttestRequest.Builder request, Attestation attestation)
      throws GateException {
    return call(
        gate -> {
          AttestResponse answer =
              gate.attest(
                  request.setAttestation(AttestationConversions.toProto(attestation)).build());
          return switch (answer.getOutcomeCase()) {
            case ACCEPTED ->
                new ChangeOutcome.Accepted(
                    answer.getAccepted().getVersion(), answer.getAccepted().getRosterVersion());
            case REFUSED ->
                new ChangeOutcome.Refused(
                    answer.getRefused().getReason(), answer.getRefused().getDetail());
            case EQUIVOCATION -> contradicted(answer.getEquivocation());
            case OUTCOME_NOT_SET -> throw new InvalidFormatException("outcome is not set");
          };
        });
  }

  private static ChangeOutcome contradicted(Equivocation two) throws InvalidFormatException {
    return new ChangeOutcome.Contradicted(
        GateConversions.digest("known attestation", two.getKnownDigest()),
        GateConversions.digest("second attestation", two.getSecondDigest()));
  }

  /** The caller's own last attestation for an account, a closing one included. */
  public Optional<Attestation> lastAttestation(String account) throws GateException {
    return call(
        gate -> {
          GetLastAttestationResponse answer =
              gate.getLastAttestation(
                  GetLastAttestationRequest.newBuilder().setAccount(account).build());
          return answer.hasAttestation()
              ? Optional.of(AttestationConversions.fromProto(answer.getAttestation()))
              : Optional.empty();
        });
  }

  /** Asks to be released from the versions before the current one. */
  public ReleaseOutcome requestRelease(String account) throws GateException {
    return call(
        gate -> {
          RequestReleaseResponse answer =
              gate.requestRelease(RequestReleaseRequest.newBuilder().setAccount(account).build());
          return switch (answer.getOutcomeCase()) {
            case RELEASED ->
                new ReleaseOutcome.Released(
                    requireVenue(GateConversions.fromProto(answer.getReleased())));
            case REFUSED ->
                new ReleaseOutcome.Refused(
                    GateConversions.named(
                        "reason", ReleaseOutcome.Refusal.class, answer.getRefused().getReason()),
                    answer.getRefused().getDetail());
            case OUTCOME_NOT_SET -> throw new InvalidFormatException("outcome is not set");
          };
        });
  }

  /**
   * Tells the releases of the caller's versions.
   *
   * @param fromIndex first record of the journal that is looked at; 1 for all
   */
  public Watch watchReleases(long fromIndex, Watch.Listener<VenueSigned<Release>> listener) {
    return Watch.<WatchReleasesResponse>begin(
        timer,
        fromIndex,
        (from, answers) ->
            streams.watchReleases(
                WatchReleasesRequest.newBuilder().setFromIndex(from).build(), answers),
        message -> {
          if (message.hasRelease()) {
            listener.on(
                message.getThroughIndex(),
                requireVenue(GateConversions.fromProto(message.getRelease())));
          } else {
            listener.through(message.getThroughIndex());
          }
          return message.getThroughIndex() + 1;
        },
        listener);
  }

  // Owners.

  /**
   * What became of a proof.
   *
   * @param receipt the venue's word
   * @param detail why it was rejected, for people; empty if accepted
   */
  public record Submitted(VenueSigned<ProofReceipt> receipt, String detail) {
    /** Whether it was accepted. */
    public boolean accepted() {
      return receipt.message().accepted();
    }
  }

  /** Submits a proof. */
  public Submitted submitProof(String account, long roundSequence, byte[] proof)
      throws GateException {
    return call(gate -> submitted(gate.submitProof(request(account, roundSequence, proof))));
  }

  private static SubmitProofRequest request(String account, long roundSequence, byte[] proof) {
    return SubmitProofRequest.newBuilder()
        .setAccount(account)
        .setRoundSequence(roundSequence)
        .setProof(ByteString.copyFrom(proof))
        .build();
  }

  private Submitted submitted(SubmitProofResponse answer) throws InvalidFormatException {
    return new Submitted(
        requireVenue(GateConversions.fromProto(answer.getReceipt())), answer.getDetail());
  }

  /**
   * Begins a stream of proofs.
   *
   * @param window how many may be under way without an answer; at least 1
   */
  public ProofStream submitProofs(int window) {
    return new ProofStream(
        window,
        GateGrpc.newStub(streams.getChannel())::submitProofs,
        (account, sequence, proof) -> request(account, sequence, proof),
        this::submitted);
  }

  /** Roster and attestations of an account: what a proof is made for. */
  public AccountState account(Digest circuitId, String account) throws GateException {
    return call(
        gate ->
            AttestationConversions.fromProto(
                circuitId,
                gate.getAccount(GetAccountRequest.newBuilder().setAccount(account).build())
                    .getState()));
  }

  /** Changes who must attest. */
  public ChangeOutcome changeRoster(String account, RosterChange change) throws GateException {
    return call(
        gate -> {
          ChangeRosterResponse answer = gate.changeRoster(GateConversions.toProto(account, change));
          return switch (answer.getOutcomeCase()) {
            case ACCEPTED ->
                new ChangeOutcome.Accepted(
                    answer.getAccepted().getVersion(), answer.getAccepted().getRosterVersion());
            case REFUSED ->
                new ChangeOutcome.Refused(
                    answer.getRefused().getReason(), answer.getRefused().getDetail());
            case EQUIVOCATION -> contradicted(answer.getEquivocation());
            case OUTCOME_NOT_SET -> throw new InvalidFormatException("outcome is not set");
          };
        });
  }

  /**
   * Tells the latest round, now and whenever there is a newer one. Signatures are unchecked: that
   * is for the policy of whoever proves.
   *
   * @param fromSequence lowest number that is wanted
   */
  public Watch watchRounds(long fromSequence, Watch.Listener<SignedRound> listener) {
    return Watch.<WatchVenueRoundsResponse>begin(
        timer,
        fromSequence,
        (from, answers) ->
            streams.watchRounds(
                WatchVenueRoundsRequest.newBuilder().setFromSequence(from).build(), answers),
        message -> {
          SignedRound round = GateConversions.fromProto(message.getRound());
          listener.on(round.round().sequence(), round);
          return round.round().sequence() + 1;
        },
        listener);
  }

  // Status and journal.

  /** What may be concluded about an account now. */
  public AccountStatus status(String account) throws GateException {
    return call(
        gate ->
            GateConversions.fromProto(
                gate.getStatus(GetStatusOfAccountRequest.newBuilder().setAccount(account).build())
                    .getStatus()));
  }

  /**
   * An account of the venue.
   *
   * @param account its name
   * @param status what may be concluded about it
   */
  public record Listed(String account, AccountStatus status) {}

  /**
   * The accounts of a venue and their status, in the order of their names.
   *
   * @param each is told them one after the other
   */
  public void accounts(Consumer<Listed> each) throws GateException {
    String after = "";
    boolean more = true;
    while (more) {
      String last = after;
      ListAccountsResponse page =
          call(gate -> gate.listAccounts(ListAccountsRequest.newBuilder().setAfter(last).build()));
      for (ListedAccount listed : page.getAccountsList()) {
        each.accept(call(gate -> listed(listed)));
        after = listed.getAccount();
      }
      more = page.getMore() && page.getAccountsCount() > 0;
    }
  }

  private static Listed listed(ListedAccount message) throws InvalidFormatException {
    return new Listed(message.getAccount(), GateConversions.fromProto(message.getStatus()));
  }

  /**
   * Tells the journal from a record on. Each record's digest is computed anew; that each names the
   * one before is checked when the whole journal is watched.
   *
   * @param fromIndex first record that is wanted; 1 for all
   * @param account of this account alone; empty for all records
   */
  public Watch watchDecisions(
      long fromIndex, String account, Watch.Listener<JournalRecord> listener) {
    Chain chain = new Chain(account.isEmpty());
    return Watch.<WatchDecisionsResponse>begin(
        timer,
        Math.max(1, fromIndex),
        (from, answers) ->
            streams.watchDecisions(
                WatchDecisionsRequest.newBuilder().setFromIndex(from).setAccount(account).build(),
                answers),
        message -> {
          if (message.hasEntry()) {
            listener.on(
                message.getThroughIndex(),
                chain.next(GateConversions.fromProto(message.getEntry())));
          } else {
            listener.through(message.getThroughIndex());
          }
          return message.getThroughIndex() + 1;
        },
        listener);
  }

  /** Holds a stream of records to what a journal is. Used by one watch. */
  private static final class Chain {
    private final boolean whole;
    private JournalRecord last;

    Chain(boolean whole) {
      this.whole = whole;
    }

    JournalRecord next(JournalRecord record) throws InvalidFormatException {
      if (last != null) {
        if (record.index() <= last.index()) {
          throw new InvalidFormatException(
              "journal: record " + record.index() + " comes after " + last.index());
        }
        if (whole && record.index() != last.index() + 1) {
          throw new InvalidFormatException(
              "journal: record " + record.index() + " comes right after " + last.index());
        }
        if (whole && !record.previous().equals(last.digest())) {
          throw new InvalidFormatException(
              "journal: record " + record.index() + " does not name the one before");
        }
      }
      last = record;
      return record;
    }
  }

  // Liquidators.

  /** Claims the liquidation of an account, in the caller's name. */
  public ClaimOutcome claimLiquidation(String account) throws GateException {
    return call(
        gate -> {
          ClaimLiquidationResponse answer =
              gate.claimLiquidation(
                  ClaimLiquidationRequest.newBuilder().setAccount(account).build());
          return switch (answer.getOutcomeCase()) {
            case CLAIMED ->
                new ClaimOutcome.Claimed(
                    requireVenue(GateConversions.fromProto(answer.getClaimed())));
            case REFUSED ->
                new ClaimOutcome.Refused(GateConversions.fromProto(answer.getRefused()));
            case OUTCOME_NOT_SET -> throw new InvalidFormatException("outcome is not set");
          };
        });
  }

  /**
   * Ends a liquidation that was carried out.
   *
   * @param gateVersion of the order
   * @return whether it was running
   */
  public boolean completeLiquidation(String account, long gateVersion) throws GateException {
    return call(gate -> gate.completeLiquidation(ending(account, gateVersion)).getEnded());
  }

  /**
   * Ends a liquidation that was not carried out.
   *
   * @param gateVersion of the order
   * @return whether it was running
   */
  public boolean cancelLiquidation(String account, long gateVersion) throws GateException {
    return call(gate -> gate.cancelLiquidation(ending(account, gateVersion)).getEnded());
  }

  private static EndLiquidationRequest ending(String account, long gateVersion) {
    return EndLiquidationRequest.newBuilder()
        .setAccount(account)
        .setGateVersion(gateVersion)
        .build();
  }

  /**
   * Tells the liquidation orders that concern the caller and that are still running when they are
   * told.
   *
   * @param fromIndex first record of the journal that is looked at; 1 for all
   */
  public Watch watchOrders(long fromIndex, Watch.Listener<VenueSigned<LiquidationOrder>> listener) {
    return Watch.<WatchOrdersResponse>begin(
        timer,
        fromIndex,
        (from, answers) ->
            streams.watchOrders(
                WatchOrdersRequest.newBuilder().setFromIndex(from).build(), answers),
        message -> {
          if (message.hasOrder()) {
            listener.on(
                message.getThroughIndex(),
                requireVenue(GateConversions.fromProto(message.getOrder())));
          } else {
            listener.through(message.getThroughIndex());
          }
          return message.getThroughIndex() + 1;
        },
        listener);
  }

  // Operators.

  /** Opens an account with its first attesters. */
  public void openAccount(String account, List<Ed25519PublicKey> attesters) throws GateException {
    List<ByteString> keys = new ArrayList<>();
    attesters.forEach(attester -> keys.add(GateConversions.bytes(attester)));
    var unused =
        call(
            gate ->
                gate.openAccount(
                    OpenVenueAccountRequest.newBuilder()
                        .setAccount(account)
                        .addAllAttesterKeys(keys)
                        .build()));
  }

  /** Suspends an account for a fault that is not its owner's. */
  public AccountStatus suspend(String account, SuspensionCause cause) throws GateException {
    return call(
        gate ->
            GateConversions.fromProto(
                gate.suspend(
                        SuspendRequest.newBuilder()
                            .setAccount(account)
                            .setCause(cause.name())
                            .build())
                    .getStatus()));
  }

  /** Ends a suspension. */
  public AccountStatus resume(String account) throws GateException {
    return call(
        gate ->
            GateConversions.fromProto(
                gate.resume(ResumeRequest.newBuilder().setAccount(account).build()).getStatus()));
  }

  /** Stops judging. */
  public void openBreaker() throws GateException {
    OpenBreakerResponse unused =
        call(gate -> gate.openBreaker(OpenBreakerRequest.getDefaultInstance()));
  }

  /** Judges again. */
  public void closeBreaker() throws GateException {
    CloseBreakerResponse unused =
        call(gate -> gate.closeBreaker(CloseBreakerRequest.getDefaultInstance()));
  }

  /** Revokes an attester's key, for good. */
  public void revokeAttester(Ed25519PublicKey attester) throws GateException {
    RevokeAttesterResponse unused =
        call(
            gate ->
                gate.revokeAttester(
                    RevokeAttesterRequest.newBuilder()
                        .setAttesterKey(GateConversions.bytes(attester))
                        .build()));
  }

  private interface Call<A> {
    A on(GateGrpc.GateBlockingStub gate) throws InvalidFormatException;
  }

  private <A> A call(Call<A> call) throws GateException {
    try {
      return call.on(channel.withDeadline(stub));
    } catch (StatusRuntimeException e) {
      throw GateException.of(e);
    } catch (InvalidFormatException e) {
      throw new GateException(
          GateException.Kind.INTERNAL, "the venue sent what cannot be: " + e.getMessage(), e);
    }
  }

  private <M extends VenueMessage> VenueSigned<M> requireVenue(VenueSigned<M> signed)
      throws InvalidFormatException {
    if (venueKey.isPresent() && !venueKey.get().equals(signed.signer())) {
      throw new InvalidFormatException(
          "signed by " + signed.signer() + ", the venue's key is " + venueKey.get());
    }
    return signed;
  }

  /** Ends calls and streams that are under way and disconnects. */
  @Override
  public void close() {
    timer.shutdownNow();
    channel.close();
  }

  /** Settings of a client. Not thread-safe. */
  public static final class Builder {
    /** A round with as many coefficients as there may be. */
    private static final int MAX_MESSAGE_BYTES = 9 << 20;

    private final RpcChannel.Builder channel;
    private Ed25519PublicKey venueKey;
    private String party;

    private Builder(String target) {
      this.channel = RpcChannel.builder(target).maxMessageBytes(MAX_MESSAGE_BYTES);
    }

    /** How long a call may take, by default 30 s. */
    public Builder deadline(Duration time) {
      channel.deadline(time);
      return this;
    }

    /** Mutual TLS. */
    public Builder tls(TlsFiles files) {
      channel.tls(files);
      return this;
    }

    /**
     * Without TLS, for demonstrations on one machine.
     *
     * @param callingAs a party's name in the venue's roles file
     */
    public Builder insecure(String callingAs) {
      this.party = callingAs;
      channel.plaintext();
      return this;
    }

    /** What the venue signs must be signed by this key. */
    public Builder venueKey(Ed25519PublicKey key) {
      this.venueKey = key;
      return this;
    }

    /**
     * The client; it connects with its first call.
     *
     * @throws IOException if a TLS file cannot be used
     * @throws IllegalStateException unless exactly one of plaintext and TLS was chosen
     */
    public GateClient connect() throws IOException {
      return new GateClient(channel.connect(), this);
    }
  }
}
