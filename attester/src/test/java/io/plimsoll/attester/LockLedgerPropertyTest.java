package io.plimsoll.attester;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.gate.Release;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.TestKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * Random histories of three accounts at two venues, in two circuits, over one custody account. The
 * oracle keeps every version that was ever signed and forgets nothing; after each step it counts
 * what venues may rely on and compares it with what is there.
 */
class LockLedgerPropertyTest {
  private static final int HISTORIES = 400;
  private static final int STEPS = 60;
  private static final long SKEW = 3;
  private static final String POOL = "pool";
  private static final TestKey ATTESTER = TestKey.of(1);
  private static final Map<String, TestKey> VENUES =
      Map.of("north", TestKey.of(2), "south", TestKey.of(3));
  private static final List<PledgeId> ACCOUNTS =
      List.of(new PledgeId("north", "a"), new PledgeId("north", "b"), new PledgeId("south", "a"));
  private static final List<Digest> CIRCUITS =
      List.of(Digest.of(new byte[] {1}), Digest.of(new byte[] {2}));
  private static final int CASH = LockLedgerTest.CASH;
  private static final int COLLATERAL = LockLedgerTest.COLLATERAL;
  private static final int DEBT = LockLedgerTest.DEBT;
  private static final int POSITION = LockLedgerTest.POSITION;

  private final AssetTable table = LockLedgerTest.table();

  /** What the oracle remembers of a version, for ever. */
  private static final class Signed {
    private final PledgeId id;
    private final HeldVersion version;
    private boolean released;

    Signed(PledgeId id, HeldVersion version) {
      this.id = id;
      this.version = version;
    }

    boolean binds(long now) {
      return !released && now - SKEW <= version.notAfterMillis();
    }
  }

  /** A wish to change what is kept. */
  private record Offer(PledgeId id, Amounts change) {}

  private Random random;
  private long now;
  private long nextVersion;
  private Amounts kept;
  private LockLedger ledger;
  private List<Signed> signed;
  private List<Offer> offers;
  private List<VenueSigned<Release>> releases;
  private final Map<String, Integer> counted = new TreeMap<>();

  @Test
  void nothingCountsTwiceAndNothingLeavesBeforeItIsReleased() throws Exception {
    for (int history = 0; history < HISTORIES; history++) {
      random = new Random(history);
      now = 100;
      nextVersion = 1;
      kept =
          new Amounts(
              table,
              new long[] {
                random.nextInt(20) - 10,
                random.nextInt(15),
                random.nextInt(8),
                random.nextInt(11) - 5
              });
      ledger = LockLedger.empty(table);
      signed = new ArrayList<>();
      offers = new ArrayList<>();
      releases = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        step();
        checkPromises("history " + history + " step " + step);
      }
    }
    for (String each :
        List.of(
            "attested",
            "not attested",
            "released",
            "release refused",
            "paid",
            "not paid",
            "expired")) {
      assertTrue(counted.getOrDefault(each, 0) > 200, () -> each + " in " + counted);
    }
  }

  private void step() throws InvalidFormatException {
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> attest();
      case 4, 5 -> release();
      case 6 -> {
        // Somebody pays in: an asset grows, a debt shrinks.
        int asset = random.nextInt(3);
        long more = random.nextInt(4);
        kept =
            kept.with(
                asset, asset == DEBT ? Math.max(0, kept.at(asset) - more) : kept.at(asset) + more);
      }
      case 7 -> offer();
      case 8 -> pay();
      default -> {
        now += random.nextInt(8);
        int before = signed.stream().mapToInt(each -> ledger.held(each.id).size()).sum();
        ledger = ledger.expired(now, SKEW);
        int after = signed.stream().mapToInt(each -> ledger.held(each.id).size()).sum();
        count(after < before ? "expired" : "waited");
      }
    }
  }

  private void attest() {
    PledgeId id = ACCOUNTS.get(random.nextInt(ACCOUNTS.size()));
    Digest circuit = CIRCUITS.get(random.nextInt(8) == 0 ? 1 : 0);
    ledger = ledger.expired(now, SKEW);
    Amounts net = kept;
    for (Offer offer : offers) {
      net = net.plus(offer.change());
    }
    long[] claims = new long[table.size()];
    boolean primary = id.equals(ACCOUNTS.get(0));
    for (int i = 0; i < claims.length; i++) {
      claims[i] =
          switch (i) {
            case CASH -> net.at(i) < 0 ? (primary ? net.at(i) : 0) : random.nextInt(6);
            case COLLATERAL -> random.nextInt(8);
            default -> primary ? net.at(i) : 0;
          };
      if (random.nextInt(12) == 0) {
        claims[i] += random.nextInt(5) - 2;
      }
    }
    Amounts wanted = new Amounts(table, claims);
    if (random.nextBoolean()) {
      wanted = ledger.admissible(id, POOL, wanted, net);
    }
    Optional<String> refusal = ledger.attestRefusal(id, POOL, circuit, wanted, net);
    boolean otherCircuit =
        signed.stream()
            .anyMatch(
                each ->
                    each.id.equals(id)
                        && each.binds(now)
                        && !each.version.circuitId().equals(circuit));
    if (otherCircuit) {
      assertTrue(refusal.isPresent());
    }
    if (refusal.isPresent()) {
      count("not attested");
      return;
    }
    count("attested");
    HeldVersion version =
        new HeldVersion(
            circuit,
            nextVersion,
            Digest.of(ByteBuffer.allocate(8).putLong(nextVersion).array()),
            now + random.nextInt(30),
            Optional.of(wanted));
    nextVersion++;
    ledger = ledger.attested(id, POOL, version);
    signed.add(new Signed(id, version));
    checkTold();
  }

  /**
   * A release: mostly a good one; or forged, replayed, for somebody else, of a stranger's version.
   */
  private void release() throws InvalidFormatException {
    PledgeId id = ACCOUNTS.get(random.nextInt(ACCOUNTS.size()));
    List<HeldVersion> held = ledger.held(id);
    if (held.isEmpty()) {
      return;
    }
    HeldVersion successor = held.get(random.nextInt(held.size()));
    int trick = random.nextInt(9);
    if (trick == 0 && !releases.isEmpty()) {
      VenueSigned<Release> old = releases.get(random.nextInt(releases.size()));
      take(old, true);
      return;
    }
    TestKey key = VENUES.get(id.venue());
    TestKey signer = trick == 1 ? TestKey.of(9) : key;
    PledgeId named = trick == 2 ? ACCOUNTS.get((ACCOUNTS.indexOf(id) + 1) % ACCOUNTS.size()) : id;
    Ed25519PublicKey attester = trick == 3 ? TestKey.of(8).publicKey() : ATTESTER.publicKey();
    Digest digest = trick == 4 ? Digest.of(new byte[] {77}) : successor.digest();
    Digest circuit =
        trick == 5
            ? CIRCUITS.get(1 - CIRCUITS.indexOf(successor.circuitId()))
            : successor.circuitId();
    Release release =
        new Release(
            named.venue(),
            named.account(),
            circuit,
            attester,
            successor.version() - 1,
            successor.version(),
            digest,
            1,
            now);
    VenueSigned<Release> message =
        VenueSigned.of(release, signer.publicKey(), signer.sign(release.toByteArray()));
    take(message, trick == 0 || trick > 5);
  }

  private void take(VenueSigned<Release> message, boolean good) {
    Release release = message.message();
    PledgeId id = new PledgeId(release.venue(), release.account());
    AccountRecord record =
        new AccountRecord(
            id,
            POOL,
            0,
            ledger.held(id),
            new TreeMap<>(new HashMap<Digest, Attestation>()),
            List.of(),
            List.of(),
            0);
    Optional<String> refusal =
        VenueMessages.refusal(
            message, VENUES.get(id.venue()).publicKey(), ATTESTER.publicKey(), record);
    if (refusal.isPresent()) {
      count("release refused");
      return;
    }
    // The ledger took it, so it must be one that the venue gave for this account's own versions.
    assertTrue(good, message::toString);
    releases.add(message);
    count("released");
    ledger = ledger.released(id, release.circuitId(), release.throughVersion());
    for (Signed each : signed) {
      if (each.id.equals(id)
          && each.version.circuitId().equals(release.circuitId())
          && each.version.version() <= release.throughVersion()) {
        each.released = true;
      }
    }
  }

  private void offer() {
    if (offers.size() < 2) {
      long[] change = new long[table.size()];
      int asset = random.nextInt(table.size());
      change[asset] =
          switch (asset) {
            case COLLATERAL -> -Math.min(kept.at(asset), random.nextInt(5));
            case CASH -> -random.nextInt(5);
            case DEBT -> random.nextInt(5);
            default -> random.nextInt(7) - 3;
          };
      boolean already = offers.stream().anyMatch(each -> each.change().at(asset) != 0);
      if (change[asset] != 0 && !already) {
        offers.add(new Offer(ACCOUNTS.get(0), new Amounts(table, change)));
      }
    } else {
      offers.remove(random.nextInt(offers.size()));
    }
  }

  private void pay() {
    if (offers.isEmpty()) {
      return;
    }
    Offer offer = offers.get(random.nextInt(offers.size()));
    ledger = ledger.expired(now, SKEW);
    Amounts after = kept.plus(offer.change());
    if (ledger.changeRefusal(POOL, kept, after).isPresent()) {
      count("not paid");
      return;
    }
    count("paid");
    for (Signed each : signed) {
      if (each.binds(now)) {
        long before = kept.at(POSITION);
        long sum = sum(POSITION, true);
        long low = sum(POSITION, false);
        assertTrue(isBetween(after.at(POSITION), before, sum));
        assertTrue(isBetween(after.at(POSITION), before, low));
        assertTrue(after.at(DEBT) <= Math.max(kept.at(DEBT), sum(DEBT, false)));
        break;
      }
    }
    kept = after;
    offers.remove(offer);
    checkTold(offer);
  }

  private static boolean isBetween(long x, long a, long b) {
    return Math.min(a, b) <= x && x <= Math.max(a, b);
  }

  /** Over accounts, the largest or smallest claim of any version that binds. */
  private long sum(int asset, boolean largest) {
    long sum = 0;
    for (PledgeId id : ACCOUNTS) {
      List<Long> claims =
          signed.stream()
              .filter(each -> each.id.equals(id) && each.binds(now))
              .map(each -> each.version.claims().orElseThrow().at(asset))
              .toList();
      if (!claims.isEmpty()) {
        ToLongFunction<Long> same = Long::longValue;
        sum +=
            largest
                ? claims.stream().mapToLong(same).max().getAsLong()
                : claims.stream().mapToLong(same).min().getAsLong();
      }
    }
    return sum;
  }

  /** However the venues read their versions, no unit of an asset is promised twice. */
  private void checkPromises(String where) {
    for (int asset : new int[] {CASH, COLLATERAL}) {
      long promised = 0;
      for (PledgeId id : ACCOUNTS) {
        long most = 0;
        for (Signed each : signed) {
          if (each.id.equals(id) && each.binds(now)) {
            most = Math.max(most, each.version.claims().orElseThrow().at(asset));
          }
        }
        promised += most;
      }
      long there = Math.max(0, kept.at(asset));
      long total = promised;
      assertTrue(total <= there, () -> where + ": promised " + total + ", there " + there);
    }
    // The ledger and the oracle agree about what binds.
    for (PledgeId id : ACCOUNTS) {
      assertEquals(
          signed.stream()
              .filter(each -> each.id.equals(id) && each.binds(now))
              .map(each -> each.version.version())
              .toList(),
          ledger.expired(now, SKEW).held(id).stream().map(HeldVersion::version).toList(),
          where);
    }
  }

  /** What was owed when the last version was signed has been told by the newest versions. */
  private void checkTold() {
    Amounts net = kept;
    for (Offer offer : offers) {
      net = net.plus(offer.change());
    }
    long cash = 0;
    long debt = 0;
    long position = 0;
    for (PledgeId id : ACCOUNTS) {
      Optional<Signed> newest =
          signed.stream()
              .filter(each -> each.id.equals(id) && each.binds(now))
              .reduce((first, second) -> second);
      if (newest.isPresent()) {
        Amounts claims = newest.get().version.claims().orElseThrow();
        cash += Math.min(0, claims.at(CASH));
        debt += claims.at(DEBT);
        position += claims.at(POSITION);
      }
    }
    assertTrue(cash <= Math.min(0, net.at(CASH)));
    assertTrue(debt >= net.at(DEBT));
    assertEquals(net.at(POSITION), position);
  }

  private void checkTold(Offer paid) {
    // A loan was drawn: what every version that binds says covers it.
    if (paid.change().at(CASH) < 0 && kept.at(CASH) < 0 && sum(CASH, true) < 0) {
      assertTrue(sum(CASH, true) <= kept.at(CASH) || signed.isEmpty());
    }
  }

  private void count(String what) {
    counted.merge(what, 1, Integer::sum);
  }
}
