package io.plimsoll.benchmarks;

import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.attestation.AttestationTerms;
import io.plimsoll.attestation.RoundPublisher;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.Listing;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.proto.v1.ProverWatchResponse;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.prover.PlausibilityPolicy;
import io.plimsoll.prover.ProofSubscription;
import io.plimsoll.prover.ProverClient;
import io.plimsoll.prover.ProverEngine;
import io.plimsoll.prover.ProverException;
import io.plimsoll.prover.ProverPolicy;
import io.plimsoll.prover.ProverServer;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import io.plimsoll.verifier.VerifierPolicy;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How long it takes from a round's publication until the venue has verified an account's proof: the
 * real service with the real prover over gRPC, a client that sends rounds and takes proofs, and a
 * verifier behind it. The next round comes when the last proof of the one before was verified. The
 * baseline is the native prover called directly with such a statement on a new round.
 *
 * <p>Runs in a JVM of its own, and prints what it measured: a name and a number of microseconds a
 * line.
 */
final class ServiceBenchmark implements AutoCloseable {
  private static final String VENUE = "venue";
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final long DAY_MILLIS = 86_400_000;

  private final Fixture fixture;
  private final Listing listing;
  private final SealingIdentity owner = SealingIdentity.generate();
  private final RoundPublisher publisher = new RoundPublisher(SigningIdentity.generate());
  private long sequence;

  private ServiceBenchmark(Path keyDirectory) throws IOException, InvalidFormatException {
    this.fixture = Fixture.open(keyDirectory);
    this.listing = Listing.of(fixture.model, Map.of());
  }

  /**
   * Measures one scenario.
   *
   * @param arguments key directory, accounts, rounds that are not counted, rounds that are, length
   *     of a release slot in milliseconds (0: none); accounts 0: the prover alone
   */
  public static void main(String[] arguments) throws Exception {
    PrintStream out = System.out;
    int accounts = Integer.parseInt(arguments[1]);
    int warmups = Integer.parseInt(arguments[2]);
    int rounds = Integer.parseInt(arguments[3]);
    long slotMillis = Long.parseLong(arguments[4]);
    List<Long> nanos;
    try (ServiceBenchmark benchmark = new ServiceBenchmark(Path.of(arguments[0]))) {
      nanos =
          accounts == 0
              ? benchmark.bareProver(warmups, rounds)
              : benchmark.service(accounts, warmups, rounds, slotMillis);
    }
    nanos.forEach(each -> out.println(each));
    System.exit(0);
  }

  private List<Long> bareProver(int warmups, int rounds) throws ProvingException {
    List<Long> times = new ArrayList<>();
    try (SolvencyProver prover = fixture.openTunedProver()) {
      for (int i = 0; i < warmups + rounds; i++) {
        try (ProvingInput input = fixture.onAnotherRound(i)) {
          long start = System.nanoTime();
          byte[] unused = prover.prove(input);
          if (i >= warmups) {
            times.add(System.nanoTime() - start);
          }
        }
      }
    }
    return times;
  }

  private List<Long> service(int count, int warmups, int rounds, long slotMillis)
      throws IOException,
          InvalidFormatException,
          ProvingException,
          ProverException,
          InterruptedException {
    Map<String, AccountState> accounts = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      accounts.put("account" + i, account("account" + i));
    }
    List<Long> times = new ArrayList<>();
    try (ProverServer server = ProverServer.builder().start(engine(accounts, slotMillis));
        ProverClient client =
            ProverClient.builder("127.0.0.1:" + server.port())
                .plaintext()
                .deadline(PATIENCE)
                .connect()) {
      for (AccountState account : accounts.values()) {
        boolean unused = client.openAccount(AttestationConversions.toProto(account));
      }
      try (ProofSubscription subscription = client.watch(List.of(), Long.MAX_VALUE)) {
        for (int i = 0; i < warmups + rounds; i++) {
          List<Long> of = round(subscription, accounts);
          if (i >= warmups) {
            times.addAll(of);
          }
        }
      }
    }
    return times;
  }

  private ProverEngine engine(Map<String, AccountState> accounts, long slotMillis)
      throws InvalidFormatException, ProvingException {
    ProverPolicy.Builder policy =
        ProverPolicy.builder()
            .venue(VENUE)
            .publishers(PublisherPolicy.of(1, List.of(publisher.publicKey())))
            .plausibility(PlausibilityPolicy.trustPublishers())
            .keys(VerifierPolicy.allowingDevelopment(fixture.key.circuitId()));
    if (slotMillis > 0) {
      policy.releaseSlot(Duration.ofMillis(slotMillis));
    }
    accounts.keySet().forEach(name -> policy.agree(name, Fixture.THRESHOLD, Fixture.PURPOSE));
    return ProverEngine.builder()
        .model(fixture.model)
        .key(fixture.key)
        .prover(fixture.openTunedProver())
        .identity(owner)
        .policy(policy.build())
        .build();
  }

  private AccountState account(String name) throws InvalidFormatException, IOException {
    long now = System.currentTimeMillis();
    AttestationTerms terms =
        new AttestationTerms(VENUE, name, owner.publicKey(), now, now + DAY_MILLIS);
    AccountUpdate update =
        AccountState.open(
                VENUE, name, fixture.key.circuitId(), List.of(fixture.attester.publicKey()))
            .with(fixture.attester.attest(terms, fixture.holdings));
    if (update instanceof AccountUpdate.Accepted accepted) {
      return accepted.state();
    }
    throw new IllegalStateException("the attestation is refused: " + update);
  }

  /** One round: a time for each account, from its publication to the verified proof. */
  private List<Long> round(ProofSubscription subscription, Map<String, AccountState> accounts)
      throws InvalidFormatException, IOException, ProverException, InterruptedException {
    sequence++;
    long[] coefficients = fixture.round.coefficients();
    coefficients[fixture.model.coefficientOffset("mark")] += sequence % 1_000;
    RiskRound round =
        RiskRound.of(
            fixture.key.circuitId(),
            VENUE,
            listing.digest(),
            sequence,
            System.currentTimeMillis(),
            coefficients);
    SignedRound signed = new SignedRound(round, List.of(publisher.sign(round)));
    // The venue has prepared what it publishes.
    PreparedRound prepared = fixture.verifier.prepare(round);
    long published = System.nanoTime();
    subscription.send(AttestationConversions.toProto(fixture.model, listing, signed));
    List<Long> times = new ArrayList<>();
    while (times.size() < accounts.size()) {
      ProverWatchResponse update =
          subscription
              .next(PATIENCE)
              .orElseThrow(() -> new IllegalStateException("no proof within " + PATIENCE));
      if (!update.hasProof()) {
        throw new IllegalStateException("no proof: " + update);
      }
      SolvencyProof proof = update.getProof();
      Verdict verdict =
          fixture.verifier.verify(
              accounts.get(proof.getAccount()),
              prepared,
              Fixture.THRESHOLD,
              Fixture.PURPOSE,
              System.currentTimeMillis(),
              proof.getProof().toByteArray());
      if (!(verdict instanceof VerifiedSolvency)) {
        throw new IllegalStateException("the venue rejects it: " + verdict);
      }
      times.add(System.nanoTime() - published);
    }
    return times;
  }

  @Override
  public void close() {
    fixture.close();
    owner.destroy();
  }
}
