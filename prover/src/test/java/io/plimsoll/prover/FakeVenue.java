package io.plimsoll.prover;

import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SignedRound;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A venue in this process, whose receipts name the proof's digest, and which can be down or lie.
 */
final class FakeVenue implements VenuePort {
  final AtomicBoolean down = new AtomicBoolean();
  final AtomicBoolean forges = new AtomicBoolean();
  final AtomicBoolean rejects = new AtomicBoolean();

  /** Accounts that the caller does not own. */
  final Set<String> denied = ConcurrentHashMap.newKeySet();

  final AtomicInteger attempts = new AtomicInteger();
  final LinkedBlockingQueue<SolvencyProof> received = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<SignedRound> rounds = new LinkedBlockingQueue<>();
  final AtomicInteger connections = new AtomicInteger();
  final ConcurrentHashMap<String, AccountState> accounts = new ConcurrentHashMap<>();
  final AtomicInteger asked = new AtomicInteger();

  static String receiptFor(SolvencyProof proof, boolean accepted) {
    return accepted + " " + Digest.of(proof.getProof().toByteArray());
  }

  @Override
  public byte[] submit(SolvencyProof proof) throws VenueUnavailableException {
    attempts.incrementAndGet();
    if (down.get()) {
      throw new VenueUnavailableException("UNAVAILABLE", null);
    }
    if (denied.contains(proof.getAccount())) {
      throw new VenueUnavailableException("PERMISSION_DENIED", null);
    }
    received.add(proof);
    String receipt = forges.get() ? "true of another" : receiptFor(proof, !rejects.get());
    return receipt.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Receipt check(byte[] receipt, SolvencyProof proof) throws InvalidFormatException {
    String text = new String(receipt, StandardCharsets.UTF_8);
    for (boolean accepted : new boolean[] {true, false}) {
      if (text.equals(receiptFor(proof, accepted))) {
        return new Receipt(accepted, accepted ? "" : "STALE_ROUND");
      }
    }
    throw new InvalidFormatException("receipt: proof digest is another");
  }

  @Override
  public void followRounds(long fromSequence, Consumer<SignedRound> consumer)
      throws VenueUnavailableException, InterruptedException {
    connections.incrementAndGet();
    while (!down.get()) {
      SignedRound round = rounds.poll(10, java.util.concurrent.TimeUnit.MILLISECONDS);
      if (round != null) {
        consumer.accept(round);
      }
    }
    throw new VenueUnavailableException("UNAVAILABLE", null);
  }

  @Override
  public AccountState account(Digest circuitId, String account) throws VenueUnavailableException {
    asked.incrementAndGet();
    AccountState state = accounts.get(account);
    if (down.get() || state == null) {
      throw new VenueUnavailableException("UNAVAILABLE", null);
    }
    return state;
  }

  @Override
  public void close() {}
}
