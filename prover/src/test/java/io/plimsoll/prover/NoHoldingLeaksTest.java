package io.plimsoll.prover;

import static io.plimsoll.prover.TestMarket.AGREED;
import static io.plimsoll.prover.TestMarket.line;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.Holdings;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.rpc.MetricsEndpoint;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Purpose;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole session with one telling holding, and everything that is said about it anywhere. */
@Timeout(120)
class NoHoldingLeaksTest {
  private static final String CANARY = "7391.4628";
  private static final List<String> FORMS = List.of("7391.4628", "73914628", "7391");

  /** Fails with the canary in its message when it is told to. */
  private static final class Talkative implements SolvencyProver {
    private final SolvencyProver real;
    final AtomicBoolean fails = new AtomicBoolean();

    Talkative(SolvencyProver real) {
      this.real = real;
    }

    @Override
    public Digest circuitId() {
      return real.circuitId();
    }

    @Override
    public byte[] prove(ProvingInput input) throws ProvingException {
      if (fails.get()) {
        throw new IllegalStateException("holdings: position[0] = 73914628, " + CANARY);
      }
      return real.prove(input);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  // The submitter works by being there.
  @SuppressWarnings("try")
  @Test
  void noLogMetricErrorOrFileNamesAHolding(@TempDir Path keys) throws Exception {
    TestMarket market = new TestMarket(keys);
    List<String> said = new ArrayList<>();
    MemoryEntries disk = new MemoryEntries();
    FakeVenue venue = new FakeVenue();
    Talkative prover = new Talkative(market.nativeProver());
    AccountState state = account(market, 1);
    try (CapturedLog log = new CapturedLog();
        MetricsEndpoint metrics = MetricsEndpoint.start(0)) {
      ProverEngine engine =
          market
              .engine(prover)
              .policy(
                  market
                      .policy(List.of())
                      .agree("alice", AGREED, Purpose.MAINTENANCE)
                      .agree("bob", AGREED, Purpose.MAINTENANCE)
                      .build())
              .metrics(metrics.registry())
              .store(new ProverStore(disk))
              .build();
      try (ProverServer server = ProverServer.builder().intercept(metrics.calls()).start(engine);
          ProverClient client =
              ProverClient.builder("127.0.0.1:" + server.port())
                  .plaintext()
                  .deadline(Duration.ofSeconds(60))
                  .connect();
          GateSubmitter submitter = GateSubmitter.start(engine, venue)) {
        assertTrue(client.openAccount(TestMarket.message(state)));
        client.loadRound(market.message(market.signedRound(1, 100)));
        assertEquals(1, venue.received.poll(60, TimeUnit.SECONDS).getRoundSequence());
        said.add("" + client.status());
        // The venue fails, then lies.
        venue.down.set(true);
        client.loadRound(market.message(market.signedRound(2, 100)));
        while (venue.attempts.get() < 3) {
          Thread.sleep(2);
        }
        venue.forges.set(true);
        venue.down.set(false);
        assertEquals(2, venue.received.poll(60, TimeUnit.SECONDS).getRoundSequence());
        // Refusals, bad input, and an opening for somebody else.
        said.add("" + client.prove("alice", 2, AGREED, Purpose.MAINTENANCE));
        said.add("" + client.prove("alice", 2, TestMarket.UNLISTED, Purpose.MAINTENANCE));
        said.add(
            ""
                + assertThrows(
                    ProverException.class,
                    () -> client.prove("nobody", 2, AGREED, Purpose.MAINTENANCE)));
        // Holdings that lack a third of their market value.
        client.loadRound(market.message(market.signedRound(3, 75)));
        client.openAccount(TestMarket.message(market.account("bob", 1)));
        said.add("" + engine.submit(request("bob", 3)).get(60, TimeUnit.SECONDS));
        // A disk that is full, a prover that talks.
        disk.breakAfter(0);
        said.add(
            ""
                + assertThrows(
                    ProverException.class,
                    () -> client.openAccount(TestMarket.message(account(market, 2)))));
        disk.breakAfter(1_000);
        prover.fails.set(true);
        client.loadRound(market.message(market.signedRound(4, 76)));
        // By the submitter's own request; until then, another would be refused for that one.
        while (!engine.status().keyBlocked()) {
          Thread.sleep(2);
        }
        ProofResult blocked = engine.submit(request("alice", 4)).get(60, TimeUnit.SECONDS);
        said.add("" + assertInstanceOf(ProofResult.Refused.class, blocked));
        said.add(
            ""
                + assertThrows(
                    ProverException.class,
                    () -> client.prove("alice", 4, AGREED, Purpose.MAINTENANCE)));
        said.add("" + engine.status());
        said.add(scrape(metrics));
      }
      said.add(log.text());
    }
    for (String text : said) {
      for (String form : FORMS) {
        assertFalse(text.contains(form), text);
      }
    }
    String all = String.join("\n", said);
    for (String expected :
        List.of(
            "event=account_opened account=alice version=1 durable=true",
            "event=key_blocked",
            "event=store_failed",
            "event=receipt_refused",
            "event=venue_unavailable",
            "plimsoll_prover_proofs_total{outcome=\"proved\"}",
            "plimsoll_prover_latency_seconds_bucket",
            "grpc_server_processing_duration_seconds_count")) {
      assertTrue(all.contains(expected), expected + " is missing in " + all);
    }
    // Openings lie on the disk as the attesters sealed them.
    for (String name : disk.names()) {
      byte[] content = disk.read(name).orElseThrow();
      String text = new String(content, java.nio.charset.StandardCharsets.ISO_8859_1);
      for (String form : FORMS) {
        assertFalse(text.contains(form), name);
      }
    }
  }

  private static ProofRequest request(String account, long round) {
    return ProofRequest.of(account, round, AGREED, Purpose.MAINTENANCE);
  }

  private static AccountState account(TestMarket market, long version) throws Exception {
    try (Holdings telling = market.holdings(line("position", "CALL", CANARY));
        Holdings debt = market.holdings(line("cash", "", "-700"))) {
      return market.account(
          "alice",
          version,
          market.exchange.attest(market.terms("alice"), telling),
          market.lender.attest(market.terms("alice"), debt));
    }
  }

  private static String scrape(MetricsEndpoint metrics) throws Exception {
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://" + host + ":" + metrics.port() + "/metrics"))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
