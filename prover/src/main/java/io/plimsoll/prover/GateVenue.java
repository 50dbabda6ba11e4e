package io.plimsoll.prover;

import io.plimsoll.gate.ProofReceipt;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.gate.rpc.GateClient;
import io.plimsoll.gate.rpc.GateException;
import io.plimsoll.gate.rpc.Watch;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SignedRound;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** A venue's gate over the network, whose receipts count if the venue's own key has signed them. */
public final class GateVenue implements VenuePort {
  private final GateClient client;
  private final Ed25519PublicKey venueKey;

  /**
   * @param client closed with this
   * @param venueKey with which the venue signs its receipts
   */
  public GateVenue(GateClient client, Ed25519PublicKey venueKey) {
    this.client = Objects.requireNonNull(client);
    this.venueKey = Objects.requireNonNull(venueKey);
  }

  @Override
  public byte[] submit(SolvencyProof proof) throws VenueUnavailableException {
    try {
      return client
          .submitProof(proof.getAccount(), proof.getRoundSequence(), proof.getProof().toByteArray())
          .receipt()
          .toByteArray();
    } catch (GateException e) {
      throw unavailable(e);
    }
  }

  @Override
  public AccountState account(Digest circuitId, String account) throws VenueUnavailableException {
    try {
      return client.account(circuitId, account);
    } catch (GateException e) {
      throw unavailable(e);
    }
  }

  private static VenueUnavailableException unavailable(GateException e) {
    return new VenueUnavailableException(e.kind() + ": " + e.getMessage(), e);
  }

  @Override
  public Receipt check(byte[] receipt, SolvencyProof proof) throws InvalidFormatException {
    return check(receipt, proof, venueKey);
  }

  static Receipt check(byte[] receipt, SolvencyProof proof, Ed25519PublicKey venueKey)
      throws InvalidFormatException {
    ProofReceipt checked = VenueSigned.decode(ProofReceipt.class, receipt, venueKey).message();
    require("venue", checked.venue(), proof.getVenue());
    require("account", checked.account(), proof.getAccount());
    require("round sequence", checked.roundSequence(), proof.getRoundSequence());
    require("proof digest", checked.proofDigest(), Digest.of(proof.getProof().toByteArray()));
    if (!Arrays.equals(checked.circuitId().toByteArray(), proof.getCircuitId().toByteArray())) {
      throw new InvalidFormatException("receipt: circuit id is another than the proof's");
    }
    if (checked.accepted()) {
      require("account version", checked.accountVersion(), proof.getAccountVersion());
    }
    return new Receipt(checked.accepted(), checked.rejection().map(Enum::name).orElse(""));
  }

  private static void require(String field, Object actual, Object expected)
      throws InvalidFormatException {
    if (!actual.equals(expected)) {
      throw new InvalidFormatException(
          "receipt: " + field + " is " + actual + ", the proof's is " + expected);
    }
  }

  @Override
  public void followRounds(long fromSequence, Consumer<SignedRound> rounds)
      throws VenueUnavailableException, InterruptedException {
    CompletableFuture<GateException> over = new CompletableFuture<>();
    Watch watch =
        client.watchRounds(
            fromSequence,
            new Watch.Listener<>() {
              @Override
              public void on(long sequence, SignedRound round) {
                rounds.accept(round);
              }

              @Override
              public void interrupted(GateException why) {
                StructuredLog.of("venue_rounds_interrupted").with("cause", why.kind()).info();
              }

              @Override
              public void ended(GateException why) {
                over.complete(why);
              }
            });
    try {
      throw unavailable(over.get());
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      watch.close();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
