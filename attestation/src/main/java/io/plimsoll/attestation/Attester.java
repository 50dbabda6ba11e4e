package io.plimsoll.attestation;

import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;

/**
 * Signs for what it keeps: a custodian's, exchange's or lender's side. An attestation is a lock:
 * until it ends or the venue releases it, nothing may be paid out that would lower what it says,
 * and nothing in it may be attested a second time elsewhere. That is for the caller to see to.
 *
 * <p>Thread-safe; attestations from one ledger are made one after the other.
 */
public final class Attester {
  private static final String BLINDING_SECRET = "plimsoll/attester-blinding/v1";

  private final SigningIdentity identity;
  private final Ed25519PublicKey publicKey;
  private final VerifyingKey key;
  private final MarginModel model;
  private final Listing listing;
  private final AttesterScope scope;
  private final AttestationLedger ledger;
  private final SecureRandom random;

  /**
   * An attester for one circuit and listing.
   *
   * @param key the circuit's; its points make the commitments
   * @param model the circuit's
   * @param scope the columns that this attester may write
   * @param ledger this identity's and no other's
   * @throws InvalidFormatException if the key is another model's
   */
  public Attester(
      SigningIdentity identity,
      VerifyingKey key,
      MarginModel model,
      Listing listing,
      AttesterScope scope,
      AttestationLedger ledger)
      throws InvalidFormatException {
    this(identity, key, model, listing, scope, ledger, new SecureRandom());
  }

  Attester(
      SigningIdentity identity,
      VerifyingKey key,
      MarginModel model,
      Listing listing,
      AttesterScope scope,
      AttestationLedger ledger,
      SecureRandom random)
      throws InvalidFormatException {
    OwnerWallet.requireSameModel(key, model);
    this.identity = identity;
    this.publicKey = Ed25519PublicKey.fromBytes(identity.publicKey());
    this.key = key;
    this.model = model;
    this.listing = Objects.requireNonNull(listing);
    this.scope = Objects.requireNonNull(scope);
    this.ledger = Objects.requireNonNull(ledger);
    this.random = Objects.requireNonNull(random);
  }

  /** The key that its attestations are signed with. */
  public Ed25519PublicKey publicKey() {
    return publicKey;
  }

  /**
   * Attests holdings, and proves that nothing outside the scope is in the commitment. Keep the
   * result until the venue has it; the ledger has it too.
   *
   * @param holdings of this attester alone; not closed here
   * @throws InvalidFormatException if a holding is outside the scope, or a term is not as it must
   *     be
   * @throws IOException if the ledger could not be written; nothing was attested then
   */
  public Attestation attest(AttestationTerms terms, Holdings holdings)
      throws InvalidFormatException, IOException {
    if (!holdings.model().equals(model) || holdings.attesters() != 1) {
      throw new IllegalArgumentException(
          "holdings of " + holdings.attesters() + " attesters under " + holdings.model());
    }
    AttesterScope.require(scope.ranges(), holdings);
    return sign(terms, holdings, false);
  }

  /**
   * Attests that nothing is kept for the account any more, with which this attester leaves its
   * roster.
   *
   * @throws InvalidFormatException if a term is not as it must be
   * @throws IOException if the ledger could not be written; nothing was attested then
   */
  public Attestation close(AttestationTerms terms) throws InvalidFormatException, IOException {
    try (Holdings nothing = Holdings.of(model, new long[model.layout().holdingCount()])) {
      return sign(terms, nothing, true);
    }
  }

  private Attestation sign(AttestationTerms terms, Holdings holdings, boolean closing)
      throws InvalidFormatException, IOException {
    terms.check();
    synchronized (ledger) {
      AttestationLedger.Reservation reservation = ledger.reserve(terms.venue(), terms.account());
      long[] values = holdings.toLongArray();
      byte[] blinding = freshBlinding(terms, reservation.version(), values);
      try (Opening opening = new Opening(Holdings.of(model, values), blinding.clone())) {
        byte[] commitment = key.commit(values, blinding).toByteArray();
        byte[] associatedData =
            OpeningSeal.associatedData(
                terms.venue(),
                terms.account(),
                key.circuitId(),
                listing.digest(),
                publicKey,
                reservation.version(),
                commitment);
        AttestationBody unproven =
            AttestationBody.builder()
                .venue(terms.venue())
                .account(terms.account())
                .circuitId(key.circuitId())
                .listingDigest(listing.digest())
                .attester(publicKey)
                .scope(scope.ranges())
                .version(reservation.version())
                .asOfMillis(terms.asOfMillis())
                .notAfterMillis(terms.notAfterMillis())
                .previousDigest(reservation.previousDigest())
                .closing(closing)
                .commitment(commitment)
                .sealedOpening(OpeningSeal.seal(opening, terms.ownerKey(), associatedData))
                .build();
        AttestationBody body = ScopeProver.prove(key, unproven, values, blinding, random);
        Attestation attestation = Attestation.of(body, identity.sign(body.toByteArray()));
        ledger.record(attestation);
        return attestation;
      } finally {
        Arrays.fill(values, 0);
        Arrays.fill(blinding, (byte) 0);
      }
    }
  }

  private byte[] freshBlinding(AttestationTerms terms, long version, long[] holdings) {
    byte[] fresh = new byte[Blinding.RANDOM_BYTES];
    random.nextBytes(fresh);
    byte[] secret = identity.deriveSecret(BLINDING_SECRET);
    try {
      return Blinding.derive(secret, terms.venue(), terms.account(), version, holdings, fresh);
    } finally {
      Arrays.fill(secret, (byte) 0);
      Arrays.fill(fresh, (byte) 0);
    }
  }

  /** Names the public key alone. */
  @Override
  public String toString() {
    return "Attester[" + publicKey + "]";
  }
}
