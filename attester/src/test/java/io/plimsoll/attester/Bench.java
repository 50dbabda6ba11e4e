package io.plimsoll.attester;

import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.PortfolioReader.Line;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An attester on a clock that stands where a test puts it, with books, payments and two venues. */
final class Bench {
  static final String ACCOUNT = "account";
  static final String POOL = "pool";

  /** Has as much as the first, always. */
  static final String OTHER_POOL = "other pool";

  static final long CADENCE = 1000;
  static final long VALIDITY = 5000;
  static final long SPACING = 10;
  static final long SKEW = 5;
  static final TestCircuit CIRCUIT = new TestCircuit(1);

  final SigningIdentity identity = SigningIdentity.generate();
  final SealingIdentity owner = SealingIdentity.generate();
  final Ed25519PublicKey key;
  final TestVenue north;
  final TestVenue south;
  final MemoryStore store = new MemoryStore();
  List<Pledge> pledges;

  long now = 10_000;

  /** What is really there, by vector and label. */
  final Map<Asset, BigDecimal> books = new TreeMap<>();

  /** By id, what was paid; a second payment for one id is answered and not made. */
  final Map<String, List<Line>> paid = new HashMap<>();

  CustodyPayments.Outcome paymentOutcome = CustodyPayments.Outcome.PAID;
  boolean paymentsFail;
  final Map<String, List<Line>> executed = new HashMap<>();
  Optional<List<Line>> nextExecution = Optional.empty();

  AttesterEngine engine;

  Bench() {
    try {
      key = Ed25519PublicKey.fromBytes(identity.publicKey());
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
    north = new TestVenue("north", 31, CIRCUIT, key, owner);
    south = new TestVenue("south", 32, CIRCUIT, key, owner);
    pledges = List.of(pledge("north", Optional.empty()));
    put("collateral", "BTC", "10");
  }

  Pledge pledge(String venue, Optional<List<Line>> share) {
    return pledge(venue, ACCOUNT, share);
  }

  Pledge pledge(String venue, String account, Optional<List<Line>> share) {
    return new Pledge(
        new PledgeId(venue, account), POOL, owner.publicKey(), CIRCUIT.circuit(), share);
  }

  static PledgeId at(String venue) {
    return new PledgeId(venue, ACCOUNT);
  }

  void put(String vector, String label, String quantity) {
    books.put(new Asset(vector, label), new BigDecimal(quantity));
  }

  BigDecimal has(String vector, String label) {
    return books.getOrDefault(new Asset(vector, label), BigDecimal.ZERO);
  }

  static Schedule schedule() {
    return new Schedule(
        Duration.ofMillis(CADENCE),
        Duration.ofMillis(VALIDITY),
        Duration.ofMillis(SPACING),
        Duration.ofMillis(SKEW),
        Duration.ofMillis(CADENCE));
  }

  AttesterEngine open() throws IOException, InvalidFormatException {
    return open(store);
  }

  AttesterEngine open(RecordStore on) throws IOException, InvalidFormatException {
    engine =
        new AttesterEngine(
            identity,
            pledges,
            List.of(
                new VenueLink("north", north.key.publicKey(), north, schedule()),
                new VenueLink("south", south.key.publicKey(), south, schedule())),
            this::snapshot,
            this::pay,
            this::execute,
            on,
            () -> Instant.ofEpochMilli(time()));
    return engine;
  }

  /** Time passes for other threads too. */
  synchronized void pass(long millis) {
    now += millis;
  }

  private synchronized long time() {
    return now;
  }

  private CustodySnapshot snapshot() {
    List<Line> lines = new ArrayList<>();
    books.forEach(
        (asset, quantity) ->
            lines.add(new Line(asset.vector(), asset.label(), quantity.toPlainString())));
    return new CustodySnapshot(
        time(), Long.toString(time()), Map.of(POOL, lines, OTHER_POOL, lines));
  }

  private CustodyPayments.Outcome pay(CustodyPayments.Payment payment) throws IOException {
    if (paymentsFail) {
      throw new IOException("no line to the payments");
    }
    if (paymentOutcome == CustodyPayments.Outcome.PAID
        && paid.putIfAbsent(payment.id(), payment.changes()) == null) {
      move(payment.changes());
      requireCovered();
    }
    return paymentOutcome;
  }

  private Optional<List<Line>> execute(LiquidationExecutor.Request request) {
    if (nextExecution.isPresent()
        && executed.putIfAbsent(request.id(), nextExecution.get()) == null) {
      move(nextExecution.get());
      // The venue relies on what it was told less this, until it is told anew.
      north.executedThrough = north.current(ACCOUNT).orElseThrow().body().version();
      for (Line line : nextExecution.get()) {
        north.executed = new BigDecimal(line.quantity()).negate();
      }
    }
    return Optional.ofNullable(executed.get(request.id()));
  }

  private void move(List<Line> changes) {
    for (Line line : changes) {
      books.merge(
          new Asset(line.vector(), line.label()), new BigDecimal(line.quantity()), BigDecimal::add);
    }
  }

  /** What both venues may rely on is there. */
  void requireCovered() {
    BigDecimal relied =
        north
            .reliesOn(ACCOUNT, "collateral", 0, now)
            .add(south.reliesOn(ACCOUNT, "collateral", 0, now));
    if (relied.compareTo(has("collateral", "BTC")) > 0) {
      throw new AssertionError(
          "venues rely on " + relied + ", there is " + has("collateral", "BTC"));
    }
  }

  /** Time passes, and the attester does what there is to do. */
  void step(long millis) throws IOException, InvalidFormatException {
    now += millis;
    engine.step();
  }

  AccountReport report() throws InvalidFormatException {
    return engine.report(at("north"));
  }

  /** Entries in memory, which survive the engine, and a crash at a chosen write. */
  static final class MemoryStore implements RecordStore {
    private final TreeMap<String, byte[]> entries = new TreeMap<>();
    int writes;

    /** At which write to crash; 0 for never. */
    int crashAt;

    boolean crashAfter;

    /** The process is gone. */
    static final class Crash extends IOException {
      private static final long serialVersionUID = 1L;
    }

    MemoryStore copy() {
      MemoryStore copy = new MemoryStore();
      copy.entries.putAll(entries);
      return copy;
    }

    @Override
    public List<byte[]> readAll() {
      return entries.values().stream().map(byte[]::clone).toList();
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
      writes++;
      if (writes == crashAt && !crashAfter) {
        throw new Crash();
      }
      entries.put(name, content.clone());
      if (writes == crashAt) {
        throw new Crash();
      }
    }

    @Override
    public void close() {}
  }
}
