package io.plimsoll.prover.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.plimsoll.attestation.KeyFiles;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.risk.MarketSnapshots;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * The command line as its users meet it: files in, files out, exit codes, one clear line for bad
 * input.
 */
class CommandLineTest {
  private static final String SHAPE = Demonstration.SHAPE;

  @TempDir static Path dir;

  private static String circuitId;
  private static Path keys;
  private static String publishers;
  private static String ownerKey;

  record Run(int code, String out, String err) {
    Run expect(int expected) {
      assertEquals(expected, code, () -> "out: " + out + "\nerr: " + err);
      return this;
    }

    /** Bad input is one line on the error output that has all of {@code parts}. */
    void refusesNaming(String... parts) {
      expect(PlimsollCommand.BAD_INPUT);
      assertEquals("", out);
      assertTrue(err.startsWith("plimsoll: "), err);
      assertEquals(1, err.strip().lines().count(), err);
      for (String part : parts) {
        assertTrue(err.contains(part), () -> "'" + part + "' in: " + err);
      }
      assertFalse(err.contains("Exception"), err);
    }
  }

  static Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine = PlimsollCommand.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int code = commandLine.execute(arguments);
    return new Run(code, out.toString(), err.toString());
  }

  private static String file(String name) {
    return dir.resolve(name).toString();
  }

  private static void edit(String from, String to, String old, String replacement)
      throws IOException {
    String text = Files.readString(dir.resolve(from));
    assertTrue(text.contains(old), () -> old + " in " + from);
    Files.writeString(dir.resolve(to), text.replace(old, replacement));
  }

  @BeforeAll
  static void everyPartyDoesItsPart() throws Exception {
    try (InputStream market =
        MarketSnapshots.class.getResourceAsStream("btc-options-2021-10-21.json")) {
      Files.copy(market, dir.resolve("market.json"));
    }
    for (String book : List.of("harbour-custody", "keel-trust", "anchor-lending")) {
      try (InputStream in = CommandLineTest.class.getResourceAsStream("demo/" + book + ".json")) {
        Files.copy(in, dir.resolve(book + ".json"));
      }
    }
    Run setup =
        run("setup", "--model", "portfolio", "--shape", SHAPE, "--out", file("keys"))
            .expect(PlimsollCommand.ACCEPTED);
    assertTrue(setup.err().contains("setup: compile"), "progress is shown");
    assertTrue(setup.out().contains("development"), setup.out());
    circuitId = setup.out().lines().findFirst().orElseThrow().replaceAll(".* ", "");
    keys = dir.resolve("keys").resolve(circuitId);

    run(
            "round",
            "build",
            "--model",
            "portfolio",
            "--shape",
            SHAPE,
            "--market",
            file("market.json"),
            "--out",
            file("draft.json"))
        .expect(PlimsollCommand.ACCEPTED);
    List<String> publisherKeys = new ArrayList<>();
    for (String publisher : List.of("publisher-1", "publisher-2", "publisher-3")) {
      publisherKeys.add(identity("signing", publisher));
    }
    publishers = String.join(",", publisherKeys);
    sign("draft.json", "publisher-1", "round.json");
    sign("round.json", "publisher-2", "round.json");

    ownerKey = identity("sealing", "owner");
    for (String book : List.of("harbour-custody", "keel-trust", "anchor-lending")) {
      String unused = identity("signing", book + "-key");
      attest(book, "heron", book + "-attestation").expect(PlimsollCommand.ACCEPTED);
    }
    account("account.json", "harbour-custody", "keel-trust", "anchor-lending");
    prove("account.json", "round.json", "11/10", "proof.json").expect(PlimsollCommand.ACCEPTED);
  }

  private static String identity(String kind, String name) {
    return run("identity", "--kind", kind, "--unencrypted", "--out", file(name + ".key"))
        .expect(PlimsollCommand.ACCEPTED)
        .out()
        .strip();
  }

  private static void sign(String from, String publisher, String to) {
    run(
            "round",
            "sign",
            "--keys",
            keys.toString(),
            "--round",
            file(from),
            "--venue",
            "quay",
            "--sequence",
            "1",
            "--identity",
            file(publisher + ".key"),
            "--out",
            file(to))
        .expect(PlimsollCommand.ACCEPTED);
  }

  private static Run attest(String book, String account, String out) {
    return run(
        "attest",
        "--keys",
        keys.toString(),
        "--round",
        file("round.json"),
        "--portfolio",
        file(book + ".json"),
        "--identity",
        file(book + "-key.key"),
        "--owner",
        ownerKey,
        "--venue",
        "quay",
        "--account",
        account,
        "--out",
        file(out + ".json"));
  }

  private static void account(String out, String... books) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "account",
                "--keys",
                keys.toString(),
                "--venue",
                "quay",
                "--account",
                "heron",
                "--out",
                file(out),
                "--attestation"));
    Arrays.stream(books).forEach(book -> arguments.add(file(book + "-attestation.json")));
    run(arguments.toArray(String[]::new)).expect(PlimsollCommand.ACCEPTED);
  }

  private static Run prove(
      String account, String round, String threshold, String out, String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(
        0,
        List.of(
            "prove",
            "--keys",
            keys.toString(),
            "--allow-development",
            circuitId,
            "--round",
            file(round),
            "--publisher",
            publishers,
            "--account",
            file(account),
            "--threshold",
            threshold,
            "--owner",
            file("owner.key"),
            "--out",
            file(out)));
    return run(arguments.toArray(String[]::new));
  }

  private static Run verify(String account, String round, String threshold, String proof) {
    return run(
        "verify",
        "--keys",
        keys.toString(),
        "--allow-development",
        circuitId,
        "--round",
        file(round),
        "--publisher",
        publishers,
        "--account",
        file(account),
        "--threshold",
        threshold,
        "--proof",
        file(proof));
  }

  private static Run assess(String portfolio, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "assess",
                "--model",
                "portfolio",
                "--shape",
                SHAPE,
                "--round",
                file("draft.json"),
                "--portfolio",
                file(portfolio)));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  @Test
  void anHonestProofIsAccepted() {
    Run accepted = verify("account.json", "round.json", "11/10", "proof.json");
    accepted.expect(PlimsollCommand.ACCEPTED);
    assertTrue(accepted.out().startsWith("accepted: "), accepted.out());
  }

  @Test
  void aProverInAProcessOfItsOwnProvesTheSame() {
    for (String prover : List.of("tuned", "stock")) {
      String proof = "isolated-" + prover + ".json";
      prove("account.json", "round.json", "11/10", proof, "--isolate", "--prover", prover)
          .expect(PlimsollCommand.ACCEPTED);
      verify("account.json", "round.json", "11/10", proof).expect(PlimsollCommand.ACCEPTED);
    }
  }

  @Test
  void aProofForAnotherThresholdIsRejected() {
    Run rejected = verify("account.json", "round.json", "12/10", "proof.json");
    rejected.expect(PlimsollCommand.REJECTED);
    assertTrue(rejected.err().contains("PROOF_DOES_NOT_VERIFY"), rejected.err());
  }

  @Test
  void anEquivalentFractionIsAnotherThreshold() {
    verify("account.json", "round.json", "22/20", "proof.json").expect(PlimsollCommand.REJECTED);
  }

  @Test
  void aChangedProofByteIsRejected() throws Exception {
    SolvencyProof proof =
        MessageFiles.read("proof", dir.resolve("proof.json"), SolvencyProof.getDefaultInstance());
    byte[] bytes = proof.getProof().toByteArray();
    bytes[100] ^= 1;
    MessageFiles.write(
        dir.resolve("changed.json"),
        proof.toBuilder().setProof(com.google.protobuf.ByteString.copyFrom(bytes)).build());
    verify("account.json", "round.json", "11/10", "changed.json").expect(PlimsollCommand.REJECTED);
  }

  @Test
  void anInsolventAccountGetsNoProof() {
    Run refused = prove("account.json", "round.json", "100/1", "none.json");
    refused.expect(PlimsollCommand.REJECTED);
    assertTrue(refused.err().contains("not solvent"), refused.err());
    assertFalse(Files.exists(dir.resolve("none.json")));
  }

  @Test
  void anAccountWithoutItsLenderIsRejected() {
    account("without.json", "harbour-custody", "keel-trust");
    prove("without.json", "round.json", "11/10", "without-proof.json")
        .expect(PlimsollCommand.ACCEPTED);
    verify("account.json", "round.json", "11/10", "without-proof.json")
        .expect(PlimsollCommand.REJECTED);
  }

  @Test
  void developmentKeysAreRefusedUnlessTheirCircuitIsNamed() {
    run(
            "verify",
            "--keys",
            keys.toString(),
            "--round",
            file("round.json"),
            "--publisher",
            publishers,
            "--account",
            file("account.json"),
            "--threshold",
            "11/10",
            "--proof",
            file("proof.json"))
        .refusesNaming("development", circuitId);
    run(
            "prove",
            "--keys",
            keys.toString(),
            "--round",
            file("round.json"),
            "--publisher",
            publishers,
            "--account",
            file("account.json"),
            "--threshold",
            "11/10",
            "--owner",
            file("owner.key"),
            "--out",
            file("none.json"))
        .refusesNaming("development", circuitId);
  }

  @Test
  void aRoundWithTooFewSignaturesIsRejected() throws Exception {
    sign("draft.json", "publisher-1", "one-signature.json");
    verify("account.json", "one-signature.json", "11/10", "proof.json")
        .expect(PlimsollCommand.REJECTED);
    prove("account.json", "one-signature.json", "11/10", "none.json")
        .expect(PlimsollCommand.REJECTED);
  }

  @Test
  void aChangedCoefficientVoidsTheSignatures() throws Exception {
    edit(
        "round.json",
        "tampered.json",
        "\"asOfMillis\": \"1634774400000\"",
        "\"asOfMillis\": \"1634774400001\"");
    verify("account.json", "tampered.json", "11/10", "proof.json").expect(PlimsollCommand.REJECTED);
  }

  @Test
  void assessPrintsEveryNamedOutputAsAnExactDecimal() {
    Run run = assess("harbour-custody.json", "--json", "--threshold", "11/10");
    run.expect(PlimsollCommand.ACCEPTED);
    JsonObject object = JsonParser.parseString(run.out()).getAsJsonObject();
    assertTrue(object.get("solvent").getAsBoolean());
    JsonObject outputs = object.getAsJsonObject("outputs");
    BigDecimal requirement =
        List.of("worstLoss", "deltaRequirement", "vegaBuffer", "liquidityBuffer").stream()
            .map(part -> new BigDecimal(outputs.get(part).getAsString()))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertEquals(
        0, requirement.compareTo(new BigDecimal(outputs.get("requirement").getAsString())));
    assertEquals(
        0,
        new BigDecimal(outputs.get("equity").getAsString())
            .subtract(requirement)
            .compareTo(new BigDecimal(outputs.get("surplus").getAsString())));
    assertEquals("425000.25", outputs.get("cash").getAsString());
  }

  @Test
  void anInsolventAssessmentHasItsExitCode() {
    assess("anchor-lending.json").expect(PlimsollCommand.REJECTED);
  }

  @Test
  void badHoldingsAreNamed() throws Exception {
    edit("harbour-custody.json", "bad.json", "\"BTC-05NOV21-56000-P\"", "\"BTC-05NOV21-1-P\"");
    assess("bad.json").refusesNaming("position", "BTC-05NOV21-1-P");
    edit("harbour-custody.json", "bad.json", "\"-25\"", "\"-1000000.0001\"");
    assess("bad.json").refusesNaming("BTC-05NOV21-56000-P", "-1000000.0001", "-1000000");
    edit("harbour-custody.json", "bad.json", "\"-25\"", "\"-25.00001\"");
    assess("bad.json").refusesNaming("BTC-05NOV21-56000-P", "-25.00001", "4");
    edit("harbour-custody.json", "bad.json", "\"-25\"", "\"NaN\"");
    assess("bad.json").refusesNaming("BTC-05NOV21-56000-P", "NaN");
    edit("harbour-custody.json", "bad.json", "BTC-05NOV21-60000-P", "BTC-05NOV21-56000-P");
    assess("bad.json").refusesNaming("BTC-05NOV21-56000-P");
    edit("harbour-custody.json", "bad.json", "\"position\"", "\"grossPosition\"");
    assess("bad.json").refusesNaming("grossPosition");
    edit("harbour-custody.json", "bad.json", "\"quantity\"", "\"quantitty\"");
    assess("bad.json").refusesNaming("bad.json", "quantitty");
    String whole = Files.readString(dir.resolve("harbour-custody.json"));
    Files.writeString(dir.resolve("bad.json"), whole.substring(0, whole.length() / 2));
    assess("bad.json").refusesNaming("bad.json");
  }

  @Test
  void badRoundsAreNamed() throws Exception {
    String round = Files.readString(dir.resolve("draft.json"));
    int mark = round.indexOf("\"mark\"");
    int first = round.indexOf('"', round.indexOf('[', mark));
    int end = round.indexOf('"', first + 1);
    Files.writeString(
        dir.resolve("bad-round.json"),
        round.substring(0, first + 1) + "1e999" + round.substring(end));
    run(
            "assess",
            "--model",
            "portfolio",
            "--shape",
            SHAPE,
            "--round",
            file("bad-round.json"),
            "--portfolio",
            file("harbour-custody.json"))
        .refusesNaming("mark", "1e999");
    Files.writeString(
        dir.resolve("bad-round.json"),
        round.substring(0, first) + round.substring(round.indexOf('"', end + 1)));
    run(
            "assess",
            "--model",
            "portfolio",
            "--shape",
            SHAPE,
            "--round",
            file("bad-round.json"),
            "--portfolio",
            file("harbour-custody.json"))
        .refusesNaming("mark", "48", "49");
  }

  @Test
  void missingPricesAndDuplicatesInTheMarketAreNamed() throws Exception {
    edit("market.json", "bad-market.json", "\"forward\": \"67106.444\",", "");
    run(
            "round",
            "build",
            "--model",
            "portfolio",
            "--shape",
            SHAPE,
            "--market",
            file("bad-market.json"),
            "--out",
            file("none.json"))
        .refusesNaming("forward");
    edit("market.json", "bad-market.json", "BTC-05NOV21-56000-P", "BTC-05NOV21-52000-P");
    run(
            "round",
            "build",
            "--model",
            "portfolio",
            "--shape",
            SHAPE,
            "--market",
            file("bad-market.json"),
            "--out",
            file("none.json"))
        .refusesNaming("BTC-05NOV21-52000-P");
  }

  @Test
  void modelsAndShapesAreNamed() {
    run("model", "show", "nothing").refusesNaming("nothing", "portfolio");
    run("model", "show", "portfolio", "--shape", "instruments=0").refusesNaming("instruments", "0");
    run("model", "show", "portfolio", "--shape", "masts=3").refusesNaming("masts");
    run("model", "show", "portfolio", "--shape", "instruments").refusesNaming("instruments");
    Run show = run("model", "show", "isolated", "--shape", "pockets=2");
    show.expect(PlimsollCommand.ACCEPTED);
    for (String part : List.of("constraints", "FFT size", "decimals", "holdings", "outputs")) {
      assertTrue(show.out().contains(part), part);
    }
    Run standard = run("model", "show", "portfolio");
    for (String part :
        List.of("where the constraints go", "collateralValue ", "worstLoss ", "24 x  49 bits")) {
      assertTrue(standard.out().contains(part), standard.out());
    }
    Run choices = run("model", "show", "reg-t-strategy");
    assertTrue(choices.out().contains("every feasible choice is a valid bound"), choices.out());
    Run list = run("model", "list").expect(PlimsollCommand.ACCEPTED);
    for (String family : List.of("isolated", "cross", "portfolio")) {
      assertTrue(list.out().contains(family), family);
    }
  }

  @Test
  void missingFilesAndOptionsAreNamed() {
    assess("no-such-file.json").refusesNaming("no-such-file.json");
    Run missing = run("assess", "--model", "portfolio");
    assertEquals(PlimsollCommand.BAD_INPUT, missing.code());
    assertTrue(missing.err().contains("--round"), missing.err());
    assertEquals(PlimsollCommand.BAD_INPUT, run("sail").code());
    assertEquals(PlimsollCommand.BAD_INPUT, run().code());
  }

  @Test
  void aHoldingOutsideTheScopeIsNotAttested() {
    run(
            "attest",
            "--keys",
            keys.toString(),
            "--round",
            file("round.json"),
            "--portfolio",
            file("harbour-custody.json"),
            "--identity",
            file("anchor-lending-key.key"),
            "--owner",
            ownerKey,
            "--venue",
            "quay",
            "--account",
            "heron",
            "--scope",
            "cash",
            "--out",
            file("none.json"))
        .refusesNaming("position");
  }

  @Test
  void keyFilesAreWrittenUnderAPasswordAndNeverReplaced() throws Exception {
    Files.writeString(dir.resolve("password"), "correct horse\n");
    run(
            "identity",
            "--kind",
            "signing",
            "--password-file",
            file("password"),
            "--out",
            file("sealed.key"))
        .expect(PlimsollCommand.ACCEPTED);
    KeyFiles.readSigning(dir.resolve("sealed.key"), "correct horse"::toCharArray).destroy();
    run("identity", "--kind", "signing", "--unencrypted", "--out", file("sealed.key"))
        .refusesNaming("sealed.key");
    Files.writeString(dir.resolve("password"), "wrong horse\n");
    run(
            "round",
            "sign",
            "--keys",
            keys.toString(),
            "--round",
            file("draft.json"),
            "--venue",
            "quay",
            "--sequence",
            "1",
            "--identity",
            file("sealed.key"),
            "--password-file",
            file("password"),
            "--out",
            file("none.json"))
        .refusesNaming("sealed.key");
  }

  private static Run serve(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "serve",
                "--keys",
                keys.toString(),
                "--allow-development",
                circuitId,
                "--publisher",
                publishers,
                "--owner",
                file("owner.key"),
                "--venue",
                "quay"));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  @Test
  void aServiceThatWouldListenToOthersInTheClearDoesNotStart() {
    serve("--agree", "heron=11/10", "--address", "0.0.0.0")
        .refusesNaming("0.0.0.0", "--tls-certificate");
    serve("--agree", "heron=11/10", "--tls-key", file("owner.key")).refusesNaming("--tls-key");
    serve("--agree", "heron=11/10", "--port", "65536").refusesNaming("65536", "65535");
    serve("--agree", "heron").refusesNaming("--agree", "heron");
    serve("--agree", "heron=11/0").refusesNaming("11/0");
    serve("--agree", "heron=11/10:dinner").refusesNaming("dinner");
    serve("--agree", "heron=11/10", "--plausible-move", "much").refusesNaming("--plausible-move");
  }

  private static Run assessText(String portfolio) throws IOException {
    Files.writeString(dir.resolve("hostile.json"), portfolio);
    return run(
        "assess",
        "--model=portfolio",
        "--shape=" + SHAPE,
        "--round=" + file("round.json"),
        "--portfolio=" + file("hostile.json"));
  }

  @Test
  void fieldThatIsWrittenTwiceIsNotSilentlyDropped() throws IOException {
    assessText("{\"holdings\":[{\"vector\":\"cash\",\"quantity\":\"9\",\"quantity\":\"7\"}]}")
        .refusesNaming("portfolio", "'quantity' occurs twice");
    assessText("{\"holdings\":[{\"vector\":\"cash\",\"quantity\":\"9\"}],\"holdings\":[]}")
        .refusesNaming("portfolio", "'holdings' occurs twice");
  }

  @Test
  void textAfterTheMessageAndLaxJsonAreRefused() throws IOException {
    assessText("{\"holdings\":[]} {\"holdings\":[]}").refusesNaming("portfolio", "not JSON");
    assessText("{holdings:[]}").refusesNaming("portfolio", "not JSON");
    assessText("{\"holdings\":[").refusesNaming("portfolio", "not JSON");
    assessText("[".repeat(100_000)).refusesNaming("portfolio", "not JSON");
    assessText("").refusesNaming("portfolio", "not JSON");
  }

  @Test
  void numberOfMillionsOfDigitsIsRefusedAtOnce() throws IOException {
    String number = "9".repeat(3_000_000);
    for (String written : List.of(number, '"' + number + '"')) {
      String trouble = written.equals(number) ? "is not JSON" : "3000000 characters";
      Files.writeString(dir.resolve("long.json"), "{\"asOfMillis\":" + written + "}");
      run(
              "assess",
              "--model=portfolio",
              "--round=" + file("long.json"),
              "--portfolio=" + file("long.json"))
          .refusesNaming("round file", trouble);
      run("round", "build", "--model=portfolio", "--market=" + file("long.json"), "--out=x")
          .refusesNaming("market file", trouble);
    }
  }

  @Test
  void endlessFileAndDirectoryAreBadInput() throws IOException {
    Path zero = Path.of("/dev/zero");
    if (Files.isReadable(zero)) {
      run("assess", "--model=portfolio", "--round=" + zero, "--portfolio=x")
          .refusesNaming("round file /dev/zero", "more than");
    }
    run("round", "build", "--model=portfolio", "--market=" + dir, "--out=x")
        .refusesNaming("market file", "is a directory");
    run("identity", "--kind=signing", "--out=" + file("k"), "--password-file=" + dir)
        .refusesNaming("directory");
    Files.write(dir.resolve("latin1"), new byte[] {(byte) 0xe9, '\n'});
    run("identity", "--kind=signing", "--out=" + file("k"), "--password-file=" + file("latin1"))
        .refusesNaming("latin1", "not UTF-8");
    assertFalse(Files.exists(dir.resolve("k")));
  }

  @Test
  void attestationThatWouldOutlastTimeIsBadInput() {
    run(
            "attest",
            "--keys=" + keys,
            "--round=" + file("round.json"),
            "--portfolio=" + file("keel-trust.json"),
            "--identity=" + file("keel-trust-key.key"),
            "--owner=" + ownerKey,
            "--venue=quay",
            "--account=heron",
            "--valid-for=PT9999999999999H",
            "--out=" + file("never.json"))
        .refusesNaming("--valid-for");
  }
}
