package io.plimsoll.prover.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AttesterCommandTest {
  @TempDir Path directory;

  private void assertRefused(String config, String... says) throws Exception {
    Path file = directory.resolve("attester.json");
    Files.writeString(file, config);
    StringWriter err = new StringWriter();
    CommandLine commandLine = PlimsollCommand.commandLine().setErr(new PrintWriter(err, true));
    assertEquals(
        PlimsollCommand.BAD_INPUT,
        commandLine.execute("attester", "run", "--once", "--config", file.toString()));
    assertEquals(1, err.toString().lines().count(), err::toString);
    for (String each : says) {
      assertTrue(err.toString().contains(each), err::toString);
    }
  }

  @Test
  void badConfigurationIsOneLineThatNamesTheField() throws Exception {
    assertRefused("{", "is not JSON");
    assertRefused("{\"identity\": \"a\", \"identity\": \"b\"}", "'identity' occurs twice");
    assertRefused("{\"ledgre\": \"x\"}", "ledgre");
    assertRefused("{}", "accounts: 0, not 1 to 100000");
    assertRefused(
        "{\"accounts\": [{\"venue\": \"v\", \"account\": \"a\", \"circuit\": \"c\"}]}",
        "account a at v",
        "circuit is 'c'");
    assertRefused("{\"accounts\": [{\"account\": \"a\"}]}", "accounts: venue is missing");
    assertRefused("{\"circuits\": [{\"name\": \"c\"}]}", "circuits: c: keys is missing");
  }

  @Test
  void missingSubcommandAndMissingFileAreBadInput() {
    StringWriter err = new StringWriter();
    CommandLine commandLine = PlimsollCommand.commandLine().setErr(new PrintWriter(err, true));
    assertEquals(PlimsollCommand.BAD_INPUT, commandLine.execute("attester"));
    assertTrue(err.toString().contains("run, status, withdraw"), err::toString);
    assertEquals(
        PlimsollCommand.BAD_INPUT,
        commandLine.execute(
            "attester", "status", "--config", directory.resolve("none").toString()));
    assertTrue(err.toString().contains("does not exist"), err::toString);
  }
}
