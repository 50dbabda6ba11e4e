package io.plimsoll.prover.cli;

import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.gate.AccountStatus;
import io.plimsoll.gate.GatePolicy;
import io.plimsoll.gate.LiquidationGate;
import io.plimsoll.gate.ProofReceipt;
import io.plimsoll.gate.Submission;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.gate.VenueSigner;
import io.plimsoll.venue.JdbcGateStore;
import io.plimsoll.venue.StoreAudit;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.SolvencyVerifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The venue of the demonstration: a gate on a store that outlives it, the key that the venue signs
 * with, and every receipt that it has given out. Not thread-safe.
 */
final class DemonstrationVenue implements AutoCloseable {
  private final String name;
  private final String storeUrl;
  private final DemoClock clock;
  private final SolvencyVerifier verifier;
  private final PublisherPolicy publishers;
  private final GatePolicy policy;
  private final VenueSigner signer;
  private final List<VenueSigned<ProofReceipt>> receipts = new ArrayList<>();
  private JdbcGateStore store;
  private LiquidationGate gate;

  /**
   * Opens the venue's store, and a gate on what it has kept.
   *
   * @param storeUrl an empty store, which outlives its connections
   */
  DemonstrationVenue(
      String name,
      String storeUrl,
      DemoClock clock,
      SolvencyVerifier verifier,
      PublisherPolicy publishers,
      GatePolicy policy)
      throws InvalidFormatException {
    this.name = name;
    this.storeUrl = storeUrl;
    this.clock = clock;
    this.verifier = verifier;
    this.publishers = publishers;
    this.policy = policy;
    signer = signer(SigningIdentity.generate());
    open();
  }

  private static VenueSigner signer(SigningIdentity identity) throws InvalidFormatException {
    Ed25519PublicKey key = Ed25519PublicKey.fromBytes(identity.publicKey());
    return new VenueSigner() {
      @Override
      public Ed25519PublicKey publicKey() {
        return key;
      }

      @Override
      public byte[] sign(byte[] message) {
        return identity.sign(message);
      }
    };
  }

  private void open() throws InvalidFormatException {
    store = JdbcGateStore.open(storeUrl, "", "", clock);
    gate = LiquidationGate.create(name, verifier, publishers, policy, store, signer);
  }

  /** Another gate, on what the store has kept. */
  void restart() throws InvalidFormatException {
    store.close();
    open();
  }

  /** The gate; another one after a restart. */
  LiquidationGate gate() {
    return gate;
  }

  /** What the venue signs with. */
  Ed25519PublicKey publicKey() {
    return signer.publicKey();
  }

  /** Hands a proof to the gate, and keeps the receipt if the decision is in the journal. */
  Submission submit(String account, long roundSequence, byte[] proof) {
    Submission submission = gate.submitProof(account, roundSequence, proof);
    if (submission.receipt().message().journalIndex() > 0) {
      receipts.add(submission.receipt());
    }
    return submission;
  }

  /** How many receipts there are that the journal must agree with. */
  int receipts() {
    return receipts.size();
  }

  /** Takes every decision again, from the journal and the verifying key. */
  StoreAudit.Result audit() throws Exception {
    return StoreAudit.run(store, circuit -> verifier, receipts);
  }

  /** A status in words. */
  static String describe(AccountStatus status) {
    if (status instanceof AccountStatus.Solvent solvent) {
      return "solvent until " + Instant.ofEpochMilli(solvent.untilMillis());
    }
    if (status instanceof AccountStatus.InGrace grace) {
      return "in grace, liquidatable at " + Instant.ofEpochMilli(grace.liquidatableAtMillis());
    }
    if (status instanceof AccountStatus.Liquidatable) {
      return "liquidatable";
    }
    if (status instanceof AccountStatus.Liquidating liquidating) {
      return "liquidating, claimed by " + liquidating.order().claimant();
    }
    AccountStatus.Suspended suspended = (AccountStatus.Suspended) status;
    return "suspended: " + suspended.cause();
  }

  @Override
  public void close() {
    store.close();
  }
}
