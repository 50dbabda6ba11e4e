package io.plimsoll.attester;

import io.plimsoll.attestation.Opening;
import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.gate.Execution;
import io.plimsoll.gate.Fraction;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.Release;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.TestKey;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A venue that remembers everything, with an owner who opens everything: what it relies on at a
 * time is known to the test.
 */
final class TestVenue implements VenuePort {
  final String name;
  final TestKey key;
  final Ed25519PublicKey attester;
  final SealingIdentity owner;
  private final OwnerWallet wallet;

  /** By account, everything that was taken. */
  final Map<String, List<Attestation>> taken = new HashMap<>();

  final Map<String, Long> releasedThrough = new HashMap<>();
  final Map<String, VenueSigned<Release>> releases = new HashMap<>();
  final Map<String, VenueSigned<LiquidationOrder>> orders = new HashMap<>();
  final List<Execution> executions = new ArrayList<>();

  /** Everything that was ever delivered, to see whether one version ever has two meanings. */
  private final Map<String, Digest> seen = new HashMap<>();

  /** What an order has taken from everything that was attested up to a version. */
  long executedThrough;

  BigDecimal executed = BigDecimal.ZERO;

  boolean away;
  boolean losesReplies;
  Optional<Delivery> answer = Optional.empty();
  int delivered;

  /** What happens elsewhere while a call of this venue is under way: before it acts on it. */
  volatile During during = call -> {};

  /** Accounts that it says it does not know. */
  final Set<String> unknown = new HashSet<>();

  /** Accounts about which it never answers in time. */
  final Set<String> unanswered = new HashSet<>();

  int asked;

  /** Something that happens during a call. */
  interface During {
    /**
     * @param call latest, deliver, release or order
     */
    void happen(String call) throws IOException;
  }

  TestVenue(
      String name,
      int seed,
      TestCircuit circuit,
      Ed25519PublicKey attester,
      SealingIdentity owner) {
    this.name = name;
    this.key = TestKey.of(seed);
    this.attester = attester;
    this.owner = owner;
    try {
      this.wallet = new OwnerWallet(owner, circuit.key, TestCircuit.MODEL);
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public Optional<Attestation> latest(String account, Ed25519PublicKey by) throws IOException {
    during.happen("latest");
    requireThere();
    if (unanswered.contains(account)) {
      throw new IOException("no answer in time");
    }
    if (unknown.contains(account)) {
      throw new AccountRefusedException("NOT_FOUND: no account " + account, null);
    }
    return current(account);
  }

  synchronized Optional<Attestation> current(String account) {
    List<Attestation> all = taken.getOrDefault(account, List.of());
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  @Override
  public Delivery deliver(Attestation attestation, boolean forced) throws IOException {
    during.happen("deliver");
    requireThere();
    return take(attestation);
  }

  private synchronized Delivery take(Attestation attestation) throws IOException {
    delivered++;
    AttestationBody body = attestation.body();
    Digest known = seen.putIfAbsent(body.account() + " " + body.version(), attestation.digest());
    if (known != null && !known.equals(attestation.digest())) {
      throw new AssertionError("equivocation: " + attestation);
    }
    if (answer.isPresent()) {
      return answer.get();
    }
    Optional<Attestation> current = current(body.account());
    if (current.stream().anyMatch(attestation::equals)) {
      return reply(new Delivery.Taken());
    }
    if (current.stream().anyMatch(last -> last.body().version() >= body.version())
        || !body.previousDigest().equals(current.map(Attestation::digest).orElse(Digest.ZERO))) {
      return new Delivery.Refused("WRONG_PREVIOUS_DIGEST", true);
    }
    taken.computeIfAbsent(body.account(), each -> new ArrayList<>()).add(attestation);
    return reply(new Delivery.Taken());
  }

  @Override
  public Delivery deliver(Execution execution) throws IOException {
    Delivery delivery = deliver(execution.attestation(), true);
    executions.add(execution);
    return delivery;
  }

  private Delivery reply(Delivery delivery) throws IOException {
    if (losesReplies) {
      throw new IOException("the reply was lost");
    }
    return delivery;
  }

  private void requireThere() throws IOException {
    asked++;
    if (away) {
      throw new IOException("nobody there");
    }
  }

  /** The owner proves on the current attestation, and the venue releases what was before it. */
  void prove(String account) {
    AttestationBody current = current(account).orElseThrow().body();
    releasedThrough.put(account, current.version() - 1);
    releases.put(
        account,
        sign(
            new Release(
                name,
                account,
                current.circuitId(),
                attester,
                current.version() - 1,
                current.version(),
                current(account).orElseThrow().digest(),
                1,
                1)));
  }

  VenueSigned<Release> sign(Release release) {
    try {
      return VenueSigned.of(release, key.publicKey(), key.sign(release.toByteArray()));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  VenueSigned<LiquidationOrder> claim(
      String account, Fraction fraction, long gateVersion, long now, long notAfter) {
    LiquidationOrder order =
        new LiquidationOrder(
            name,
            account,
            current(account).orElseThrow().body().circuitId(),
            gateVersion,
            1,
            1,
            Digest.ZERO,
            List.of(attester),
            -1,
            Optional.empty(),
            Optional.empty(),
            "claimant",
            fraction,
            now,
            notAfter);
    try {
      VenueSigned<LiquidationOrder> signed =
          VenueSigned.of(order, key.publicKey(), key.sign(order.toByteArray()));
      orders.put(account, signed);
      return signed;
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public Optional<VenueSigned<Release>> release(String account, Ed25519PublicKey by)
      throws IOException {
    during.happen("release");
    requireThere();
    return Optional.ofNullable(releases.get(account));
  }

  @Override
  public Optional<VenueSigned<LiquidationOrder>> order(String account) throws IOException {
    during.happen("order");
    requireThere();
    return Optional.ofNullable(orders.get(account));
  }

  /** What an attestation says, as its owner sees it. */
  BigDecimal says(Attestation attestation, String vector, int index) {
    try (Opening opening = wallet.open(attestation)) {
      return opening.holdings().get(vector, index);
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  byte[] blinding(Attestation attestation) throws InvalidFormatException {
    try (Opening opening = wallet.open(attestation)) {
      return opening.blinding().clone();
    }
  }

  /** The most that any attestation says that the venue may still rely on. */
  BigDecimal reliesOn(String account, String vector, int index, long now) {
    BigDecimal most = BigDecimal.ZERO;
    for (Attestation each : taken.getOrDefault(account, List.of())) {
      if (each.body().version() > releasedThrough.getOrDefault(account, 0L)
          && each.body().notAfterMillis() > now) {
        BigDecimal gone = each.body().version() <= executedThrough ? executed : BigDecimal.ZERO;
        most = most.max(says(each, vector, index).subtract(gone));
      }
    }
    return most;
  }
}
