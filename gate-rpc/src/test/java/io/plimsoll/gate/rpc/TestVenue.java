package io.plimsoll.gate.rpc;

import io.plimsoll.gate.Fraction;
import io.plimsoll.gate.GatePolicy;
import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.LiquidationGate;
import io.plimsoll.gate.RoundDeviation;
import io.plimsoll.gate.VenueSigner;
import io.plimsoll.gate.rpc.VenueRoles.Party;
import io.plimsoll.rpc.RpcChannel;
import io.plimsoll.rpc.TestCertificates;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.ScopeProofs;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyStatement;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.TestKey;
import io.plimsoll.verifier.TrapdoorKey;
import io.plimsoll.verifier.VerifierPolicy;
import io.plimsoll.verifier.VerifyingKey;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * A venue with everybody who deals with it: a real server with mutual TLS, a real verifier with a
 * trapdoor key, so that proofs need no prover, and a clock that stands where a test puts it.
 */
public final class TestVenue {
  static final String VENUE = "venue";
  static final String ALICE = "alice's account";
  static final String BOB = "bob's account";

  static final TestKey CUSTODIAN = TestKey.of(1);
  static final TestKey LENDER = TestKey.of(2);
  static final TestKey VENUE_KEY = TestKey.of(3);
  static final List<TestKey> PUBLISHERS = List.of(TestKey.of(11), TestKey.of(12), TestKey.of(13));

  static final Duration ROUND_AGE = Duration.ofMinutes(10);
  static final Duration GRACE = Duration.ofMinutes(5);
  static final Duration SOFT = Duration.ofMinutes(5);
  static final Duration ORDER = Duration.ofMinutes(3);
  static final Duration SPACING = Duration.ofSeconds(10);

  /** Party names, which are also those of their certificates. */
  static final List<String> PARTIES =
      List.of(
          "publisher",
          "custodian",
          "lender",
          "alice",
          "bob",
          "liquidator",
          "rival",
          "auditor",
          "operator");

  private static final TrapdoorKey TRAPDOOR = new TrapdoorKey(Fixtures.layout(), 7);
  private static final VerifyingKey KEY = TRAPDOOR.key();
  private static final SolvencyVerifier VERIFIER = verifier();
  private static final long[] COEFFICIENTS = {3, -9};

  private record Opening(long holding, BigInteger blinding) {}

  private final Path directory;
  private final TestCertificates authority;
  private final AtomicLong now = new AtomicLong(1_000_000_000);
  private final Function<InstantSource, GateStore> stores;
  private final Map<Digest, Opening> openings = new HashMap<>();
  private final Map<String, Attestation> latest = new HashMap<>();
  private final Map<String, GateClient> clients = new HashMap<>();
  private GateStore store;
  private GateServer server;
  private int port;
  private RiskRound round;

  /** A venue that is not serving yet. */
  public TestVenue(Path directory, Function<InstantSource, GateStore> stores) throws Exception {
    this.directory = directory;
    this.stores = stores;
    this.authority = new TestCertificates(directory, "authority");
    authority.issue("server");
    authority.issue("nobody");
    for (String party : PARTIES) {
      authority.issue(party);
    }
  }

  private static SolvencyVerifier verifier() {
    try {
      return SolvencyVerifier.create(KEY, VerifierPolicy.allowingDevelopment(KEY.circuitId()));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static Digest circuitId() {
    return KEY.circuitId();
  }

  static GatePolicy policy() {
    return policy(GRACE);
  }

  static GatePolicy policy(Duration grace) {
    return GatePolicy.builder()
        .require(Fixtures.THRESHOLD, Fixtures.PURPOSE)
        .maximumRoundAge(ROUND_AGE)
        .grace(grace)
        .clockSkew(Duration.ofSeconds(1))
        .maximumSuspension(Duration.ofHours(1))
        .minimumVersionSpacing(SPACING)
        .reproofTime(Duration.ofMinutes(1))
        .softLiquidation(SOFT, new Fraction(1, 2))
        .orderLifetime(ORDER)
        .roundDeviation(new RoundDeviation(500_000, 5))
        .build();
  }

  static VenueSigner signer() {
    return new VenueSigner() {
      @Override
      public Ed25519PublicKey publicKey() {
        return VENUE_KEY.publicKey();
      }

      @Override
      public byte[] sign(byte[] message) {
        return VENUE_KEY.sign(message);
      }
    };
  }

  VenueRoles roles() throws Exception {
    return rolesWithAccountsOfAlice(List.of(ALICE, "alice's second, never opened"));
  }

  VenueRoles rolesWithAccountsOfAlice(List<String> accounts) throws Exception {
    List<Party> parties = new ArrayList<>();
    for (String name : PARTIES) {
      parties.add(
          new Party(
              name,
              Set.of(authority.identity(name).fingerprint()),
              Set.of(role(name)),
              switch (name) {
                case "alice" -> Set.copyOf(accounts);
                case "bob" -> Set.of(BOB);
                default -> Set.<String>of();
              },
              switch (name) {
                case "custodian" -> Optional.of(CUSTODIAN.publicKey());
                case "lender" -> Optional.of(LENDER.publicKey());
                default -> Optional.<Ed25519PublicKey>empty();
              }));
    }
    return VenueRoles.of(parties);
  }

  static Role role(String party) {
    return switch (party) {
      case "publisher" -> Role.PUBLISHER;
      case "custodian", "lender" -> Role.ATTESTER;
      case "alice", "bob" -> Role.OWNER;
      case "liquidator", "rival" -> Role.LIQUIDATOR;
      case "auditor" -> Role.AUDITOR;
      case "operator" -> Role.OPERATOR;
      default -> throw new AssertionError(party);
    };
  }

  TestCertificates authority() {
    return authority;
  }

  Path directory() {
    return directory;
  }

  int port() {
    return port;
  }

  GateStore store() {
    return store;
  }

  long now() {
    return now.get();
  }

  void pass(Duration time) {
    now.addAndGet(time.toMillis());
  }

  LiquidationGate gate() throws Exception {
    return gate(store);
  }

  /** The same gate on another store. */
  LiquidationGate gate(GateStore other) throws Exception {
    return gate(other, policy());
  }

  LiquidationGate gate(GateStore other, GatePolicy policy) throws Exception {
    return LiquidationGate.create(
        VENUE,
        VERIFIER,
        PublisherPolicy.of(2, PUBLISHERS.stream().map(TestKey::publicKey).toList()),
        policy,
        other,
        signer());
  }

  /** Settings as all tests have them. */
  GateServer.Builder builder() throws Exception {
    return builder(roles());
  }

  GateServer.Builder builder(VenueRoles roles) throws Exception {
    return GateServer.builder(gate(), store, signer(), roles)
        .tls(authority.files("server"))
        .interval(Duration.ofMillis(20))
        .limits(10_000, 10_000, 100)
        .drainTime(Duration.ofSeconds(20));
  }

  /** Opens the store and serves, on the port that it had before if there was one. */
  TestVenue start() throws Exception {
    store = stores.apply(() -> Instant.ofEpochMilli(now.get()));
    return serve(builder());
  }

  TestVenue serve(GateServer.Builder builder) throws Exception {
    server = builder.port(port).start();
    port = server.port();
    return this;
  }

  /** Ends the server and closes its store. */
  void stop() throws Exception {
    if (server != null) {
      server.close();
      server = null;
    }
    if (store instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }

  GateServer server() {
    return server;
  }

  /** A party's client; it lives as long as the venue. */
  GateClient as(String party) throws Exception {
    GateClient known = clients.get(party);
    if (known != null) {
      return known;
    }
    GateClient client =
        GateClient.builder("127.0.0.1:" + port)
            .tls(authority.files(party))
            .venueKey(VENUE_KEY.publicKey())
            .deadline(Duration.ofSeconds(30))
            .connect();
    clients.put(party, client);
    return client;
  }

  /** After a restart: a client whose connection broke tries again a moment later. */
  void awaitConnected(String... parties) throws Exception {
    for (String party : parties) {
      for (int i = 0; ; i++) {
        try {
          GateClient.Venue unused = as(party).venue();
          break;
        } catch (GateException e) {
          if (!e.isTransient() || i == 1000) {
            throw e;
          }
          Thread.sleep(20);
        }
      }
    }
  }

  /** A channel with a party's certificate, for calls that a client would not make. */
  RpcChannel channel(String party) throws Exception {
    return RpcChannel.builder("127.0.0.1:" + port)
        .tls(authority.files(party))
        .deadline(Duration.ofSeconds(30))
        .connect();
  }

  /** The next version of an attester's attestation, with a scope proof. */
  Attestation next(TestKey attester, String account, long holding, boolean closing) {
    String whose = attester.publicKey() + account;
    Optional<Attestation> last = Optional.ofNullable(latest.get(whose));
    BigInteger blinding = TRAPDOOR.scalar();
    try {
      Attestation attestation =
          new ScopeProofs(TRAPDOOR, Fixtures.layout(), new long[] {holding}, blinding)
              .attest(
                  attester,
                  Fixtures.body()
                      .venue(VENUE)
                      .account(account)
                      .circuitId(KEY.circuitId())
                      .version(last.map(a -> a.body().version() + 1).orElse(1L))
                      .previousDigest(last.map(Attestation::digest).orElse(Digest.ZERO))
                      .asOfMillis(now.get())
                      .notAfterMillis(now.get() + Duration.ofDays(1).toMillis())
                      .closing(closing)
                      .commitment(
                          KEY.commit(new long[] {holding}, TrapdoorKey.bytes(blinding))
                              .toByteArray()));
      openings.put(attestation.digest(), new Opening(holding, blinding));
      latest.put(whose, attestation);
      return attestation;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** The next round, of now, signed by two of three. */
  SignedRound nextRound() {
    return nextRound(COEFFICIENTS);
  }

  SignedRound nextRound(long... coefficients) {
    try {
      round =
          RiskRound.of(
              KEY.circuitId(),
              VENUE,
              Fixtures.LISTING,
              round == null ? 1 : round.sequence() + 1,
              now.get(),
              coefficients);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return Fixtures.signed(round, PUBLISHERS.get(0), PUBLISHERS.get(1));
  }

  RiskRound round() {
    return round;
  }

  /** A valid proof for an account on the last round. */
  byte[] proof(AccountState account) {
    try {
      SolvencyStatement statement =
          (SolvencyStatement)
              SolvencyStatement.form(
                  account,
                  VERIFIER.prepare(round),
                  Fixtures.THRESHOLD,
                  Fixtures.PURPOSE,
                  now.get());
      long holding = 0;
      BigInteger blinding = BigInteger.ZERO;
      for (Attestation attestation : account.attestations()) {
        Opening opening = openings.get(attestation.digest());
        holding += opening.holding;
        blinding = blinding.add(opening.blinding);
      }
      return TRAPDOOR.prove(
          TRAPDOOR.publicSum(
              statement.context(),
              Fixtures.THRESHOLD.numerator(),
              Fixtures.THRESHOLD.denominator(),
              round.coefficients(),
              new long[] {holding},
              blinding));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Alice's account open, attested by both and with a round to prove on. */
  void makeReady() throws Exception {
    as("operator").openAccount(ALICE, List.of(CUSTODIAN.publicKey(), LENDER.publicKey()));
    as("publisher").publishRound(nextRound());
    as("custodian").attest(next(CUSTODIAN, ALICE, 4, false));
    as("lender").attest(next(LENDER, ALICE, -1, false));
  }

  /** Alice submits a valid proof on the last round. */
  GateClient.Submitted prove() throws Exception {
    GateClient alice = as("alice");
    return alice.submitProof(ALICE, round.sequence(), proof(alice.account(circuitId(), ALICE)));
  }

  /** Ends clients, server and store. */
  public void close() throws Exception {
    for (GateClient client : clients.values()) {
      client.close();
    }
    stop();
  }
}
