package io.plimsoll.prover;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.plimsoll.proto.v1.AccountState;
import io.plimsoll.proto.v1.AssessRequest;
import io.plimsoll.proto.v1.AssessResponse;
import io.plimsoll.proto.v1.CloseAccountRequest;
import io.plimsoll.proto.v1.CloseAccountResponse;
import io.plimsoll.proto.v1.GetStatusRequest;
import io.plimsoll.proto.v1.GetStatusResponse;
import io.plimsoll.proto.v1.LoadAccountRequest;
import io.plimsoll.proto.v1.LoadRoundRequest;
import io.plimsoll.proto.v1.NamedAmount;
import io.plimsoll.proto.v1.ProveRequest;
import io.plimsoll.proto.v1.ProveResponse;
import io.plimsoll.proto.v1.ProverError;
import io.plimsoll.proto.v1.ProverGrpc;
import io.plimsoll.proto.v1.ProverOpenAccountRequest;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.rpc.RpcChannel;
import io.plimsoll.rpc.TlsFiles;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Threshold;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A blocking client of a prover service. Every call ends within its deadline; an interrupted one
 * ends with {@link ProverException.Kind#CANCELLED}, and the thread stays interrupted.
 *
 * <p>Thread-safe.
 */
public final class ProverClient implements AutoCloseable {
  private final RpcChannel channel;
  private final ProverGrpc.ProverBlockingStub stub;

  private ProverClient(RpcChannel channel) {
    this.channel = channel;
    this.stub = ProverGrpc.newBlockingStub(channel.channel());
  }

  /**
   * A client to be set up; say {@link Builder#plaintext} or {@link Builder#tls}.
   *
   * @param target as gRPC names it, for example {@code localhost:7171}
   */
  public static Builder builder(String target) {
    return new Builder(target);
  }

  /**
   * Opens an account's attestations in the service and keeps them there.
   *
   * @return how many attestations were opened
   */
  public int loadAccount(AccountState state) throws ProverException {
    return call(
        prover ->
            prover
                .loadAccount(LoadAccountRequest.newBuilder().setState(state).build())
                .getAttestations());
  }

  /**
   * {@link #loadAccount}, and the service keeps the account over restarts.
   *
   * @return whether it does; one without a store cannot
   */
  public boolean openAccount(AccountState state) throws ProverException {
    return call(
        prover ->
            prover
                .openAccount(ProverOpenAccountRequest.newBuilder().setState(state).build())
                .getDurable());
  }

  /**
   * Follows lines of the agreements from round to round, over broken connections.
   *
   * @param lines empty: those of all accounts that are or will be open
   * @param afterRound proofs that left before come at once if they are on a later round; {@link
   *     Long#MAX_VALUE} for none of them
   */
  public ProofSubscription watch(List<ProofLine> lines, long afterRound) {
    return new ProofSubscription(
        ProverGrpc.newStub(channel.channel()),
        lines.stream().map(RoundStream::message).toList(),
        afterRound,
        GateSubmitter.Backoff.STANDARD);
  }

  /** Forgets an account and wipes its openings in the service. */
  public void closeAccount(String account) throws ProverException {
    CloseAccountResponse unused =
        call(
            prover ->
                prover.closeAccount(CloseAccountRequest.newBuilder().setAccount(account).build()));
  }

  /**
   * Has the service check a round and keep it.
   *
   * @return the round's digest
   */
  public Digest loadRound(RiskRound round) throws ProverException {
    return call(
        prover ->
            Digest.fromBytes(
                prover
                    .loadRound(LoadRoundRequest.newBuilder().setRound(round).build())
                    .getRoundDigest()
                    .toByteArray()));
  }

  /** The margin rule's results, exactly; nothing leaves the owner's side. */
  public AssessResponse assess(String account, long roundSequence, Threshold threshold)
      throws ProverException {
    return call(
        prover ->
            prover.assess(
                AssessRequest.newBuilder()
                    .setAccount(account)
                    .setRoundSequence(roundSequence)
                    .setThreshold(message(threshold))
                    .build()));
  }

  /**
   * A proof about an account and a round that the service has loaded.
   *
   * @throws ProverException if there is no answer, or the request, the service or the names in the
   *     request are at fault; insolvency and the policy's refusals are results
   */
  public ProofResult prove(String account, long roundSequence, Threshold threshold, Purpose purpose)
      throws ProverException {
    return prove(
        request(threshold, purpose).setAccount(account).setRoundSequence(roundSequence).build());
  }

  /**
   * A proof about an account that is sent along and not kept, on a round that is sent along and
   * kept.
   *
   * @throws ProverException as {@link #prove(String, long, Threshold, Purpose)}
   */
  public ProofResult prove(
      AccountState state, RiskRound round, Threshold threshold, Purpose purpose)
      throws ProverException {
    return prove(request(threshold, purpose).setState(state).setRound(round).build());
  }

  private static ProveRequest.Builder request(Threshold threshold, Purpose purpose) {
    return ProveRequest.newBuilder()
        .setThreshold(message(threshold))
        .setPurposeValue(purpose.code());
  }

  private ProofResult prove(ProveRequest request) throws ProverException {
    ProveResponse response;
    try {
      response = channel.withDeadline(stub).prove(request);
    } catch (StatusRuntimeException e) {
      ProverError details = RpcErrors.details(e);
      if (details.getRefusal() == io.plimsoll.proto.v1.Refusal.REFUSAL_NOT_SOLVENT) {
        return new ProofResult.NotSolvent(shortfalls(details));
      }
      ProverException failure = RpcErrors.toException(e);
      if (failure.kind() == ProverException.Kind.FAILED_PRECONDITION
          && failure.refusal().isPresent()) {
        return new ProofResult.Refused(failure.refusal().get(), failure.getMessage());
      }
      throw failure;
    }
    return new ProofResult.Proved(
        response.getProof(),
        Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(response.getProvingMicros())));
  }

  private static Map<String, BigInteger> shortfalls(ProverError details) throws ProverException {
    Map<String, BigInteger> shortfalls = new LinkedHashMap<>();
    for (NamedAmount amount : details.getShortfallsList()) {
      try {
        shortfalls.put(amount.getName(), new BigInteger(amount.getAmount()));
      } catch (NumberFormatException e) {
        throw new ProverException(
            ProverException.Kind.INTERNAL,
            null,
            "the service sent a shortfall that is no integer",
            e);
      }
    }
    return shortfalls;
  }

  /** What the service says of itself. */
  public GetStatusResponse status() throws ProverException {
    return call(prover -> prover.getStatus(GetStatusRequest.getDefaultInstance()));
  }

  private <A> A call(Function<ProverGrpc.ProverBlockingStub, A> call) throws ProverException {
    try {
      return call.apply(channel.withDeadline(stub));
    } catch (StatusRuntimeException e) {
      throw RpcErrors.toException(e);
    }
  }

  private static io.plimsoll.proto.v1.Threshold message(Threshold threshold) {
    return io.plimsoll.proto.v1.Threshold.newBuilder()
        .setNumerator(threshold.numerator())
        .setDenominator(threshold.denominator())
        .build();
  }

  /** For calls that this class does not wrap, such as health. */
  Channel channel() {
    return channel.channel();
  }

  /** Ends calls that are under way and disconnects. */
  @Override
  public void close() {
    channel.close();
  }

  /** Settings of a client. Not thread-safe. */
  public static final class Builder {
    private final RpcChannel.Builder channel;

    private Builder(String target) {
      this.channel = RpcChannel.builder(target);
    }

    /** How long a call may take, by default 30 s. */
    public Builder deadline(Duration time) {
      channel.deadline(time);
      return this;
    }

    /** Without TLS: for a service on the same machine. */
    public Builder plaintext() {
      channel.plaintext();
      return this;
    }

    /** With TLS. */
    public Builder tls(TlsFiles files) {
      channel.tls(files);
      return this;
    }

    /**
     * The client; it connects with its first call.
     *
     * @throws IOException if a TLS file cannot be used
     * @throws IllegalStateException unless exactly one of plaintext and TLS was chosen
     */
    public ProverClient connect() throws IOException {
      return new ProverClient(channel.connect());
    }
  }
}
