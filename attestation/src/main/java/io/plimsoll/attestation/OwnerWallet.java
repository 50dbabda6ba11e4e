package io.plimsoll.attestation;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.AttestationBody;
import io.plimsoll.verifier.Commitment;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.VerifyingKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The account owner's side: opens attestations and adds them up to what a proof is made from. An
 * opening is taken only if it is what the commitment commits to, so a proof never fails, and an
 * owner never argues, over an opening that does not fit. Immutable and thread-safe.
 */
public final class OwnerWallet {
  private final SealingIdentity identity;
  private final VerifyingKey key;
  private final MarginModel model;

  /**
   * A wallet for one circuit.
   *
   * @throws InvalidFormatException if the key is another model's
   */
  public OwnerWallet(SealingIdentity identity, VerifyingKey key, MarginModel model)
      throws InvalidFormatException {
    requireSameModel(key, model);
    this.identity = identity;
    this.key = key;
    this.model = model;
  }

  static void requireSameModel(VerifyingKey key, MarginModel model) throws InvalidFormatException {
    if (!key.modelDigest().equals(model.digest())) {
      throw new InvalidFormatException(
          "verifying key: is for model "
              + key.modelDigest()
              + ", not "
              + model.digest()
              + " ("
              + model.name()
              + ")");
    }
  }

  /**
   * Opens one attestation. Its signature was checked when it was read.
   *
   * @throws InvalidFormatException if it is for another circuit, sealed to another key or altered;
   *     if the opening is not what its commitment commits to, has a holding outside the attester's
   *     scope or outside its interval, no valid scope proof, a wrong magnitude, or a holding in a
   *     closing attestation
   */
  public Opening open(Attestation attestation) throws InvalidFormatException {
    AttestationBody body = attestation.body();
    if (!body.circuitId().equals(key.circuitId())) {
      throw new InvalidFormatException(
          attestation + ": is for circuit " + body.circuitId() + ", not " + key.circuitId());
    }
    Opening opening;
    try {
      opening = OpeningSeal.open(identity, model, body);
    } catch (InvalidFormatException e) {
      throw new InvalidFormatException(attestation + ": " + e.getMessage());
    }
    long[] values = opening.holdings().toLongArray();
    byte[] blinding = opening.blinding();
    boolean accepted = false;
    try {
      Commitment recomputed = key.commit(values, blinding);
      if (!Arrays.equals(recomputed.toByteArray(), body.commitment().toByteArray())) {
        throw new InvalidFormatException("the opening is not what the commitment commits to");
      }
      AttesterScope.require(body.scope(), opening.holdings());
      if (body.closing() && Arrays.stream(values).anyMatch(value -> value != 0)) {
        throw new InvalidFormatException("it is closing, but holdings are left");
      }
      Optional<String> unproven = key.scopeRefusal(attestation);
      if (unproven.isPresent()) {
        throw new InvalidFormatException(unproven.get());
      }
      accepted = true;
      return opening;
    } catch (InvalidFormatException e) {
      throw new InvalidFormatException(attestation + ": " + e.getMessage());
    } finally {
      Arrays.fill(values, 0);
      Arrays.fill(blinding, (byte) 0);
      if (!accepted) {
        opening.close();
      }
    }
  }

  /**
   * Opens and adds up several attestations: the prover's private input.
   *
   * @param attestations at least one, one per attester, all for one venue, account and listing
   * @throws InvalidFormatException if one cannot be opened, they do not belong together, or there
   *     are more than J_max
   */
  public Opening openAll(List<Attestation> attestations) throws InvalidFormatException {
    if (attestations.isEmpty() || attestations.size() > model.maxAttesters()) {
      throw new InvalidFormatException(
          "account: " + attestations.size() + " attestations, not 1 to " + model.maxAttesters());
    }
    AttestationBody first = attestations.get(0).body();
    if (attestations.stream().map(each -> each.body().attester()).distinct().count()
        != attestations.size()) {
      throw new InvalidFormatException("account: two attestations of one attester");
    }
    for (Attestation attestation : attestations) {
      AttestationBody body = attestation.body();
      if (!body.venue().equals(first.venue())
          || !body.account().equals(first.account())
          || !body.listingDigest().equals(first.listingDigest())) {
        throw new InvalidFormatException(
            attestation
                + ": venue, account or listing differ from those of "
                + attestations.get(0));
      }
    }
    Opening sum = null;
    boolean complete = false;
    try {
      for (Attestation attestation : attestations) {
        Opening opening = open(attestation);
        if (sum == null) {
          sum = opening;
        } else {
          try (opening;
              Opening before = sum) {
            sum = before.plus(opening);
          }
        }
      }
      complete = true;
      return sum;
    } finally {
      if (!complete && sum != null) {
        sum.close();
      }
    }
  }

  /**
   * Opens and adds up the current attestations of an account.
   *
   * @throws InvalidFormatException if an attester of the roster has none, or as {@link #openAll}
   */
  public Opening openAccount(AccountState state) throws InvalidFormatException {
    if (!state.isComplete()) {
      throw new InvalidFormatException(
          state
              + ": "
              + state.attestations().size()
              + " attestations of "
              + state.roster().attesters().size()
              + " attesters");
    }
    return openAll(state.attestations());
  }
}
