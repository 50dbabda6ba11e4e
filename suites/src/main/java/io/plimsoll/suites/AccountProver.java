package io.plimsoll.suites;

import io.plimsoll.attestation.AttestationLedger;
import io.plimsoll.attestation.AttestationTerms;
import io.plimsoll.attestation.Attester;
import io.plimsoll.attestation.AttesterScope;
import io.plimsoll.attestation.Opening;
import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.SetupStage;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SolvencyStatement;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.VerifiedSolvency;
import io.plimsoll.verifier.VerifierPolicy;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Every party of a proof for one margin model: an attester commits to an account's holdings and
 * signs, the owner proves, the venue verifies. Keys are development keys. Not thread-safe.
 */
final class AccountProver implements AutoCloseable {
  private static final String VENUE = "suite";
  private static final Purpose PURPOSE = Purpose.MAINTENANCE;
  private static final long AS_OF_MILLIS = 0;
  private static final long NOT_AFTER_MILLIS = 1;

  private final MarginModel model;
  private final VerifyingKey key;
  private final SolvencyVerifier verifier;
  private final SolvencyProver prover;
  private final Listing listing;
  private final SealingIdentity owner = SealingIdentity.generate();
  private int rounds;

  private AccountProver(MarginModel model, VerifyingKey key, SolvencyProver prover)
      throws InvalidFormatException {
    this.model = model;
    this.key = key;
    this.prover = prover;
    this.verifier =
        SolvencyVerifier.create(key, VerifierPolicy.allowingDevelopment(key.circuitId()));
    this.listing = Listing.of(model, Map.of());
  }

  /** Finds or makes the model's development keys. */
  static AccountProver open(MarginModel model, KeyCache cache, Consumer<SetupStage> progress)
      throws ProvingException, IOException, InvalidFormatException {
    Digest circuitId = cache.developmentKeys(model.toByteArray(), progress);
    VerifyingKey key = VerifyingKey.read(Files.readAllBytes(cache.verifyingKey(circuitId)));
    return new AccountProver(
        model,
        key,
        StockGnarkProver.open(cache.directory(circuitId), circuitId, DevelopmentKeys.ALLOWED));
  }

  /** Proves at the largest threshold that the account meets, and fails to at the next one. */
  AccountProof prove(Account account) throws ProvingException, IOException, InvalidFormatException {
    if (!account.model().equals(model)) {
      throw new IllegalArgumentException(account.model() + " is not " + model);
    }
    Thresholds thresholds = Thresholds.of(account);
    Attester attester =
        new Attester(
            SigningIdentity.generate(),
            key,
            model,
            listing,
            AttesterScope.everything(model),
            AttestationLedger.inMemory());
    String name = "account-" + rounds;
    AccountUpdate attested =
        AccountState.open(VENUE, name, key.circuitId(), List.of(attester.publicKey()))
            .with(
                attester.attest(
                    new AttestationTerms(
                        VENUE, name, owner.publicKey(), AS_OF_MILLIS, NOT_AFTER_MILLIS),
                    account.holdings()));
    AccountState state = ((AccountUpdate.Accepted) attested).state();
    PreparedRound round =
        verifier.prepare(
            RiskRound.of(
                key.circuitId(),
                VENUE,
                listing.digest(),
                rounds++,
                AS_OF_MILLIS,
                account.round().toLongArray()));
    boolean accepted = false;
    boolean impossible = false;
    if (thresholds.largest().isPresent()) {
      accepted = accepted(state, round, thresholds.largest().get());
    }
    if (thresholds.above().isPresent()) {
      try {
        accepted(state, round, thresholds.above().get());
      } catch (ProvingException e) {
        if (e.kind() != ProvingException.Kind.NOT_SOLVENT) {
          throw e;
        }
        impossible = true;
      }
    }
    return new AccountProof(account.label(), thresholds, accepted, impossible);
  }

  private boolean accepted(AccountState state, PreparedRound round, Threshold threshold)
      throws ProvingException, InvalidFormatException {
    SolvencyStatement statement =
        (SolvencyStatement) SolvencyStatement.form(state, round, threshold, PURPOSE, AS_OF_MILLIS);
    byte[] proof;
    RoundCoefficients coefficients = RoundCoefficients.of(model, round.round().coefficients());
    try (Opening opening = new OwnerWallet(owner, key, model).openAccount(state);
        ProvingInput input =
            ProvingInput.builder()
                .context(statement.context())
                .threshold(threshold.numerator(), threshold.denominator())
                .coefficients(round.round().coefficients())
                .holdings(opening.holdings().toLongArray())
                .choices(model.assess(coefficients, opening.holdings(), threshold).choices())
                .blinding(opening.blinding())
                .build()) {
      proof = prover.prove(input);
    }
    return verifier.verify(state, round, threshold, PURPOSE, AS_OF_MILLIS, proof)
        instanceof VerifiedSolvency;
  }

  @Override
  public void close() {
    prover.close();
    owner.destroy();
  }
}
