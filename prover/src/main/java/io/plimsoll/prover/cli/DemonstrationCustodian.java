package io.plimsoll.prover.cli;

import io.plimsoll.attestation.SealingPublicKey;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.attestation.StorageSecret;
import io.plimsoll.attester.AttesterEngine;
import io.plimsoll.attester.Circuit;
import io.plimsoll.attester.CustodyPayments;
import io.plimsoll.attester.CustodySnapshot;
import io.plimsoll.attester.GateVenuePort;
import io.plimsoll.attester.Pledge;
import io.plimsoll.attester.PledgeId;
import io.plimsoll.attester.Schedule;
import io.plimsoll.attester.VenueLink;
import io.plimsoll.attester.VenuePort;
import io.plimsoll.attester.WithdrawalStatus;
import io.plimsoll.circuits.PortfolioReader.Line;
import io.plimsoll.gate.Execution;
import io.plimsoll.gate.LiquidationGate;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A custodian of the second act: its books, and the attester service that reads them, attests,
 * locks and pays. Payments go to another custodian's books. Not thread-safe.
 */
final class DemonstrationCustodian implements AutoCloseable {
  private static final String POOL = "segregated";

  private final String name;
  private final PledgeId pledge;
  private final Clock clock;
  private final SigningIdentity identity = SigningIdentity.generate();
  private final Map<Map.Entry<String, String>, BigDecimal> books = new HashMap<>();
  private final Map<String, DemonstrationCustodian> others = new HashMap<>();
  private final Set<String> paid = new HashSet<>();
  private final AttesterEngine engine;

  /**
   * Opens its books and its ledger of locks.
   *
   * @param name by which others pay to it
   * @param directory for the ledger; made if there is none
   * @param gate the venue, as it is when it is asked
   */
  DemonstrationCustodian(
      String name,
      PledgeId pledge,
      SealingPublicKey owner,
      Circuit circuit,
      List<Line> books,
      Path directory,
      Ed25519PublicKey venueKey,
      Supplier<LiquidationGate> gate,
      Clock clock)
      throws IOException, InvalidFormatException {
    this.name = name;
    this.pledge = pledge;
    this.clock = clock;
    book(books);
    Schedule schedule =
        new Schedule(
            Duration.ofSeconds(10),
            Duration.ofHours(24),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10));
    try (StorageSecret secret = StorageSecret.createKeyFile(directory.resolve(name + ".key"))) {
      engine =
          AttesterEngine.open(
              identity,
              List.of(new Pledge(pledge, POOL, owner, circuit, Optional.empty())),
              List.of(new VenueLink(pledge.venue(), venueKey, new Venue(gate), schedule)),
              this::snapshot,
              this::pay,
              request -> Optional.empty(),
              directory.resolve(name),
              secret,
              clock);
    }
  }

  /** The venue in this process, whichever gate it has since it was started last. */
  private record Venue(Supplier<LiquidationGate> gate) implements VenuePort {
    private GateVenuePort port() {
      return new GateVenuePort(gate.get());
    }

    @Override
    public Optional<Attestation> latest(String account, Ed25519PublicKey attester) {
      return port().latest(account, attester);
    }

    @Override
    public Delivery deliver(Attestation attestation, boolean forced) {
      return port().deliver(attestation, forced);
    }

    @Override
    public Delivery deliver(Execution execution) {
      return port().deliver(execution);
    }

    @Override
    public Optional<VenueSigned<Release>> release(String account, Ed25519PublicKey attester) {
      return port().release(account, attester);
    }

    @Override
    public Optional<VenueSigned<LiquidationOrder>> order(String account) {
      return port().order(account);
    }
  }

  String name() {
    return name;
  }

  Ed25519PublicKey publicKey() {
    return engine.publicKey();
  }

  /** Lets it pay to another one. */
  void knows(DemonstrationCustodian other) {
    others.put(other.name, other);
  }

  /** Everything that its attester can do now: attest, deliver, take releases, pay. */
  void step() throws IOException, InvalidFormatException {
    engine.step();
    Optional<String> trouble = engine.report(pledge).trouble();
    if (trouble.isPresent()) {
      throw new IllegalStateException(name + ": " + trouble.get());
    }
  }

  WithdrawalStatus withdraw(String id, Line change, String destination)
      throws IOException, InvalidFormatException {
    return engine.withdraw(pledge, id, List.of(change), destination);
  }

  WithdrawalStatus withdrawal(String id) throws InvalidFormatException {
    return engine.withdrawal(pledge, id);
  }

  /** The version that the venue took last. */
  long version() throws InvalidFormatException {
    return engine.attestation(pledge).orElseThrow().body().version();
  }

  /** The versions that the venue may rely on. */
  List<Long> lockedVersions() throws InvalidFormatException {
    return engine.report(pledge).lockedVersions();
  }

  BigDecimal keeps(String vector, String label) {
    return books.getOrDefault(Map.entry(vector, label), BigDecimal.ZERO);
  }

  private CustodySnapshot snapshot() {
    List<Line> lines = new ArrayList<>();
    books.forEach(
        (asset, quantity) -> {
          if (quantity.signum() != 0) {
            lines.add(
                new Line(
                    asset.getKey(),
                    asset.getValue(),
                    quantity.stripTrailingZeros().toPlainString()));
          }
        });
    return new CustodySnapshot(clock.millis(), Long.toString(clock.millis()), Map.of(POOL, lines));
  }

  /** Once for an id, into the books of the destination. */
  private CustodyPayments.Outcome pay(CustodyPayments.Payment payment) {
    DemonstrationCustodian to = others.get(payment.destination());
    if (to == null) {
      return CustodyPayments.Outcome.REFUSED;
    }
    if (paid.add(payment.id())) {
      book(payment.changes());
      to.book(
          payment.changes().stream()
              .map(
                  line ->
                      new Line(
                          line.vector(),
                          line.label(),
                          new BigDecimal(line.quantity()).negate().toPlainString()))
              .toList());
    }
    return CustodyPayments.Outcome.PAID;
  }

  private void book(List<Line> changes) {
    for (Line line : changes) {
      books.merge(
          Map.entry(line.vector(), line.label()), new BigDecimal(line.quantity()), BigDecimal::add);
    }
  }

  @Override
  public void close() throws IOException {
    engine.close();
    identity.destroy();
  }
}
