package io.plimsoll.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.attestation.AttestationLedger;
import io.plimsoll.attestation.AttestationTerms;
import io.plimsoll.attestation.Attester;
import io.plimsoll.attestation.AttesterScope;
import io.plimsoll.attestation.Opening;
import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.attestation.SealingIdentity;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.circuits.Shape;
import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.PreparedRound;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RiskRound;
import io.plimsoll.verifier.SolvencyStatement;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.VerifiedSolvency;
import io.plimsoll.verifier.VerifierPolicy;
import io.plimsoll.verifier.VerifyingKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HarbourMarginTest {
  private static final long NOW = 1_767_225_600_000L;
  private static final Path ROOT = Path.of(System.getProperty("plimsoll.root", ".."));

  @TempDir private static Path directory;

  private static MarginModel model() throws Exception {
    return new HarbourMargin().build(Shape.parse("instruments=2"));
  }

  private static Listing listing(MarginModel model) throws Exception {
    return Listing.of(model, Map.of("instrument", List.of("BTC-PERP", "ETH-PERP")));
  }

  private static RoundCoefficients round(MarginModel model) throws Exception {
    return RoundCoefficients.parse(
        model,
        Map.of(
            "mark", List.of("65000.25", "3100.10"),
            "rate", List.of("0.02", "0.025"),
            "limit", List.of("100000", "1000000")));
  }

  private static Holdings book(MarginModel model, String wallet) throws Exception {
    return new PortfolioReader(model, listing(model))
        .read(
            List.of(
                new PortfolioReader.Line("position", "BTC-PERP", "2.001"),
                new PortfolioReader.Line("position", "ETH-PERP", "-10"),
                new PortfolioReader.Line("wallet", "", wallet)));
  }

  @Test
  void chargesWhatTheVenuesOwnExampleSays() throws Exception {
    MarginModel model = model();
    MarginAssessment assessment = model.assess(round(model), book(model, "-95000"), 1, 1);
    // BTC: 0.02 * (130065.50025 + 30065.50025) = 3202.62001, ETH: 0.025 * 31001 = 775.025
    assertEquals("3977.66", assessment.output("requirement").toPlainString());
    assertEquals("4064.50025", assessment.output("equity").toPlainString());
    assertTrue(assessment.solvent());
  }

  @Test
  void provesExactlyAsFarAsTheRuleAllows() throws Exception {
    MarginModel model = model();
    KeyCache keys = KeyCache.at(directory);
    Digest circuitId = keys.developmentKeys(model.toByteArray(), stage -> {});
    VerifyingKey key = VerifyingKey.read(Files.readAllBytes(keys.verifyingKey(circuitId)));
    SolvencyVerifier verifier =
        SolvencyVerifier.create(key, VerifierPolicy.allowingDevelopment(circuitId));

    // A custodian vouches for the book; the venue publishes a round.
    SealingIdentity owner = SealingIdentity.generate();
    Attester custodian =
        new Attester(
            SigningIdentity.generate(),
            key,
            model,
            listing(model),
            AttesterScope.everything(model),
            AttestationLedger.inMemory());
    AttestationTerms terms =
        new AttestationTerms("harbour", "alice", owner.publicKey(), NOW, NOW + 86_400_000);
    AccountState account =
        ((AccountUpdate.Accepted)
                AccountState.open("harbour", "alice", circuitId, List.of(custodian.publicKey()))
                    .with(custodian.attest(terms, book(model, "-95000"))))
            .state();
    PreparedRound prepared =
        verifier.prepare(
            RiskRound.of(
                circuitId, "harbour", listing(model).digest(), 1, NOW, round(model).toLongArray()));

    // 4064.50025 / 3977.66 lies between 1021/1000 and 1022/1000.
    try (Opening opening = new OwnerWallet(owner, key, model).openAccount(account);
        SolvencyProver prover =
            StockGnarkProver.open(keys.directory(circuitId), circuitId, DevelopmentKeys.ALLOWED)) {
      Threshold met = new Threshold(1021, 1000);
      byte[] proof = prove(prover, model, account, prepared, opening, met);
      assertInstanceOf(
          VerifiedSolvency.class,
          verifier.verify(account, prepared, met, Purpose.MAINTENANCE, NOW, proof));
      Threshold missed = new Threshold(1022, 1000);
      assertThrows(
          ProvingException.class, () -> prove(prover, model, account, prepared, opening, missed));
    }
  }

  private static byte[] prove(
      SolvencyProver prover,
      MarginModel model,
      AccountState account,
      PreparedRound prepared,
      Opening opening,
      Threshold threshold)
      throws Exception {
    SolvencyStatement statement =
        (SolvencyStatement)
            SolvencyStatement.form(account, prepared, threshold, Purpose.MAINTENANCE, NOW);
    try (ProvingInput input =
        ProvingInput.builder()
            .context(statement.context())
            .threshold(threshold.numerator(), threshold.denominator())
            .coefficients(round(model).toLongArray())
            .holdings(opening.holdings().toLongArray())
            .blinding(opening.blinding())
            .build()) {
      return prover.prove(input);
    }
  }

  /** Every block of Java in the document is in one of these sources, line by line. */
  @Test
  void documentShowsTheCodeThatIsTested() throws Exception {
    String document = Files.readString(ROOT.resolve("docs/your-own-rule.md"));
    Path sources = ROOT.resolve("prover/src/test/java/io/plimsoll/example");
    String model = unindented(Files.readString(sources.resolve("HarbourMargin.java")));
    String test = unindented(Files.readString(sources.resolve("HarbourMarginTest.java")));
    Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(document);
    int blocks = 0;
    while (block.find()) {
      String code = unindented(block.group(1));
      assertTrue(model.contains(code) || test.contains(code), block.group(1));
      blocks++;
    }
    assertTrue(blocks >= 4, "blocks: " + blocks);
  }

  private static String unindented(String code) {
    StringBuilder lines = new StringBuilder();
    code.lines().map(String::strip).forEach(line -> lines.append(line).append('\n'));
    return lines.toString();
  }
}
