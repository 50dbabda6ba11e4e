package io.plimsoll.suites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuiteRunnerTest {
  private static final String CASES =
      """
      {"cases": [
        {"kind": "liquidatable", "id": "a", "equity": 99, "requirement": 100, "expected": true},
        {"kind": "liquidatable", "id": "b", "equity": 100, "requirement": 100, "expected": false},
        {"kind": "notional", "id": "c", "price": 3, "exponent": -6, "resolution": -1, "size": -7,
         "expected": -2}]}
      """;

  @TempDir private Path directory;

  private final StringWriter out = new StringWriter();

  private boolean run(Path path, int proofs, boolean json) throws Exception {
    return new SuiteRunner(
            new PrintWriter(out), json, KeyCache.at(directory.resolve("keys")), stage -> {})
        .run(new DydxV4Suite(), path, proofs);
  }

  private Path file(String name, String text) throws Exception {
    return Files.writeString(directory.resolve(name), text);
  }

  @Test
  void printsComputedBesidePublishedAndProofsAndTheCount() throws Exception {
    assertTrue(run(file("cases.json", CASES), 2, false));
    List<String> lines = out.toString().lines().toList();
    assertTrue(lines.get(1).matches(".*liquidatable +computed +1 +published +1 +agrees.*"));
    assertTrue(
        lines.get(2).endsWith("accepted at 99/100, impossible at 4252017529/4294967201"),
        lines.get(2));
    assertEquals("passed 3 of 3", lines.get(lines.size() - 1));
    assertEquals(2, lines.stream().filter(line -> line.contains("proof of")).count());
  }

  @Test
  void oneFigureThatDiffersFailsTheRun() throws Exception {
    assertFalse(run(file("cases.json", CASES.replace("-2}", "-3}")), 0, false));
    assertTrue(out.toString().contains("c  FAILED"), out.toString());
    assertTrue(out.toString().contains("DIFFERS"), out.toString());
    assertTrue(out.toString().endsWith("passed 2 of 3" + System.lineSeparator()));
  }

  @Test
  void jsonHasOneObjectForEachCaseAndASummary() throws Exception {
    assertTrue(run(file("cases.json", CASES), 1, true));
    List<JsonObject> objects =
        out.toString().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    assertEquals(4, objects.size());
    assertEquals("a", objects.get(0).get("case").getAsString());
    assertTrue(objects.get(0).get("passed").getAsBoolean());
    JsonObject proof = objects.get(0).getAsJsonArray("proofs").get(0).getAsJsonObject();
    assertEquals("99/100", proof.get("largestThreshold").getAsString());
    assertTrue(proof.get("holds").getAsBoolean());
    assertEquals(3, objects.get(3).get("passed").getAsInt());
    assertEquals(3, objects.get(3).get("total").getAsInt());
  }

  @Test
  void aFolderIsReadByNameAndOtherFilesAreLeftAlone() throws Exception {
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Files.writeString(
        folder.resolve("2.json"),
        CASES.replace("\"a\"", "\"d\"").replace("\"b\"", "\"e\"").replace("\"c\"", "\"f\""));
    Files.writeString(folder.resolve("1.json"), CASES);
    Files.writeString(folder.resolve("README.md"), "no case");
    Files.createDirectory(folder.resolve("inner.json"));
    assertTrue(run(folder, 0, false));
    assertTrue(out.toString().startsWith("a\n"), out.toString());
    assertTrue(out.toString().contains("passed 6 of 6"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"id\": \"b\" | \"id\": \"a\" | case 'a' occurs twice",
        "]} | ] | is not JSON",
        "{\"cases\": [ | {\"cases\": {[ | is not JSON",
      })
  void aMalformedFileIsOneErrorThatNamesPlaceAndValue(
      String valid, String malformed, String message) throws Exception {
    assertTrue(CASES.contains(valid));
    Path file = file("cases.json", CASES.replace(valid, malformed == null ? "" : malformed));
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> run(file, 1, false));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertEquals("", out.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"equity\": 99 | \"equity\": 99.5 | cases[0]: equity is 99.5, not an integer",
        "\"equity\": 99 | \"equity\": 1e70 | cases[0]: equity is 1e70, outside",
        "\"equity\": 99, | | cases[0]: 'equity' is missing",
        "\"equity\": 99 | \"equality\": 99 | no member 'equality' is known",
        "liquidatable\", \"id\": \"a | solvable\", \"id\": \"a | cases[0]: kind is 'solvable'",
        "\"expected\": true | \"expected\": 1 | expected is 1, neither true nor false",
        "\"exponent\": -6 | \"exponent\": -31 | cases[2]: exponent is -31, outside -30 to 30",
        "\"price\": 3 | \"price\": -3 | cases[2]: price is -3, outside 0 to",
      })
  void aMalformedCaseFailsAloneAndTheOthersStillRun(String valid, String malformed, String message)
      throws Exception {
    assertTrue(CASES.contains(valid));
    Path file = file("cases.json", CASES.replace(valid, malformed == null ? "" : malformed));
    assertFalse(run(file, 1, false));
    assertTrue(out.toString().contains(message), out.toString());
    assertTrue(out.toString().endsWith("passed 2 of 3" + System.lineSeparator()), out.toString());
  }

  @Test
  void aMalformedCaseIsOneJsonObjectWithItsReason() throws Exception {
    assertFalse(run(file("cases.json", CASES.replace("\"equity\": 99", "\"other\": 99")), 0, true));
    List<JsonObject> objects =
        out.toString().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    assertEquals(4, objects.size());
    assertFalse(objects.get(0).get("passed").getAsBoolean());
    assertTrue(objects.get(0).get("reason").getAsString().contains("'other'"));
    assertTrue(objects.get(1).get("passed").getAsBoolean());
    assertEquals(2, objects.get(3).get("passed").getAsInt());
  }

  @Test
  void aReasonCannotWriteALineOfItsOwn() {
    assertEquals("bad?passed 9 of 9", SuiteCase.failed("a", "bad\npassed 9 of 9").failure());
  }

  @Test
  void figuresThatDivideByZeroFailOneCaseOnly() throws Exception {
    String token =
        """
        {"cases": [{"id": "%s", "type": "init", "health": 0, "spotMarkets": [], "perps": [],
          "tokens": [{"name": "T", "price": %s, "stable": 0, "initW": 0, "balance": 0}]}]}
        """;
    Path folder = Files.createDirectory(directory.resolve("zero"));
    Files.writeString(folder.resolve("1.json"), token.formatted("bad", "-1"));
    Files.writeString(folder.resolve("2.json"), token.formatted("good", "0"));
    List<SuiteCase> cases = new MangoV4Suite().readEach(folder);
    assertTrue(cases.get(0).failure().contains("ArithmeticException"), cases.get(0).failure());
    assertTrue(cases.get(1).agrees(), cases.get(1).failure());
  }

  @Test
  void inEverySuiteAnUnreadableCaseFailsWithAReason() throws Exception {
    Path file = file("cases.json", "{\"cases\": [{\"id\": \"a\", \"unheard\": 1}, null]}");
    for (Suite suite : Suites.all()) {
      List<SuiteCase> cases = suite.readEach(file);
      assertFalse(cases.isEmpty());
      for (SuiteCase c : cases) {
        assertFalse(c.agrees(), suite.name());
        assertFalse(c.failure().isEmpty(), suite.name());
      }
    }
  }

  @Test
  void missingFilesAndEmptyFoldersAreErrors() throws Exception {
    for (String[] bad :
        new String[][] {{"nothing.json", "does not exist"}, {"", "has no .json file"}}) {
      InvalidFormatException e =
          assertThrows(
              InvalidFormatException.class, () -> run(directory.resolve(bad[0]), 0, false));
      assertTrue(e.getMessage().contains(bad[1]), e.getMessage());
    }
    Path none = file("none.json", "{\"cases\": []}");
    assertThrows(InvalidFormatException.class, () -> run(none, 0, false));
  }

  @Test
  void proofsAreSpreadOverTheWholeSuite() throws Exception {
    assertTrue(run(file("cases.json", CASES), 100, false));
    assertEquals(3, out.toString().lines().filter(line -> line.contains("proof of")).count());
    assertThrows(InvalidFormatException.class, () -> Suites.byName("dydx"));
    for (String name : Suites.names()) {
      assertEquals(name, Suites.byName(name).name());
    }
  }
}
