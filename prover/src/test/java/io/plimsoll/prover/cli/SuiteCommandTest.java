package io.plimsoll.prover.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuiteCommandTest {
  private static final String CASES =
      """
      {"cases": [
        {"kind": "maintenanceOk", "id": "below", "equity": 50, "requirement": 100, "expected": false},
        {"kind": "maintenanceOk", "id": "debt", "equity": -1, "requirement": 0, "expected": false}]}
      """;

  @TempDir private Path dir;

  private Path file(String text) throws IOException {
    return Files.writeString(dir.resolve("cases.json"), text);
  }

  private CommandLineTest.Run suite(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "suite";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[arguments.length + 1] = "--key-cache";
    all[arguments.length + 2] = dir.resolve("keys").toString();
    return CommandLineTest.run(all);
  }

  @Test
  void figuresAndProofsThatAgreeExitWithZero() throws Exception {
    CommandLineTest.Run run = suite("dydx-v4", file(CASES).toString(), "--prove", "2");
    run.expect(PlimsollCommand.ACCEPTED);
    assertTrue(
        run.out().contains("accepted at 1/2, impossible at 2147483648/4294967295"), run.out());
    assertTrue(run.out().contains("meets no threshold, impossible at 0/1"), run.out());
    assertTrue(run.out().endsWith("passed 2 of 2" + System.lineSeparator()), run.out());
  }

  @Test
  void aFigureThatDiffersExitsWithThree() throws Exception {
    Path file =
        file(
            CASES.replace(
                "\"requirement\": 100, \"expected\": false",
                "\"requirement\": 50, \"expected\": false"));
    CommandLineTest.Run run = suite("dydx-v4", file.toString());
    run.expect(PlimsollCommand.REJECTED);
    assertTrue(run.out().contains("passed 1 of 2"), run.out());
  }

  @Test
  void jsonIsOneObjectForEachCaseAndASummary() throws Exception {
    CommandLineTest.Run run = suite("dydx-v4", file(CASES).toString(), "--json");
    run.expect(PlimsollCommand.ACCEPTED);
    List<JsonObject> objects =
        run.out().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    assertEquals("below", objects.get(0).get("case").getAsString());
    assertEquals(2, objects.get(2).get("total").getAsInt());
  }

  @Test
  void aMalformedCaseFailsAloneAndExitsWithThree() throws Exception {
    CommandLineTest.Run run = suite("dydx-v4", file(CASES.replace("50", "\"much\"")).toString());
    run.expect(PlimsollCommand.REJECTED);
    assertTrue(run.out().contains("cases[0]: equity is 'much', not a number"), run.out());
    assertTrue(run.out().contains("passed 1 of 2"), run.out());
  }

  @Test
  void badInputIsOneLineThatNamesIt() throws Exception {
    suite("dydx", "x").refusesNaming("no suite 'dydx'", "dydx-v4");
    suite("dydx-v4", dir.resolve("nothing.json").toString())
        .refusesNaming("nothing.json", "does not exist");
    suite("dydx-v4", dir.toString()).refusesNaming("has no .json file");
    suite("dydx-v4", file("{").toString()).refusesNaming("cases.json", "is not JSON");
    suite("dydx-v4", file(CASES).toString(), "--prove", "-1").refusesNaming("--prove is -1");
  }
}
