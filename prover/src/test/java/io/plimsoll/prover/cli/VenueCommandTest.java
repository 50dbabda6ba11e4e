package io.plimsoll.prover.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.attestation.KeyFiles;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.prover.cli.CommandLineTest.Run;
import io.plimsoll.verifier.Fixtures;
import io.plimsoll.verifier.TestKey;
import io.plimsoll.verifier.TrapdoorKey;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code venue} and {@code gate}: a venue run, asked, stopped and run again. */
@Timeout(120)
class VenueCommandTest {
  private static final TrapdoorKey KEY = new TrapdoorKey(Fixtures.layout(), 7);
  private static final String POLICY =
      """
      {"threshold": {"numerator": "11", "denominator": "10"}, "purpose": "PURPOSE_MAINTENANCE",
       "maximumRoundAge": "600s", "grace": "900s", "clockSkew": "2s", "maximumSuspension": "3600s",
       "minimumVersionSpacing": "10s", "reproofTime": "60s", "orderLifetime": "120s"}
      """;
  private static final String ROLES =
      """
      {"parties": [{"name": "desk", "roles": ["operator"]},
                   {"name": "heron", "roles": ["owner"], "accounts": ["heron"]}]}
      """;

  @TempDir Path dir;

  @BeforeEach
  void makeFiles() throws Exception {
    Files.createDirectories(dir.resolve("keys"));
    Files.write(dir.resolve("keys/verifying.key"), KEY.file());
    Files.writeString(dir.resolve("policy.json"), POLICY);
    Files.writeString(dir.resolve("roles.json"), ROLES);
    KeyFiles.writeUnencrypted(dir.resolve("venue.key"), SigningIdentity.generate());
  }

  private String[] venue(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "venue",
                "--venue",
                "quay",
                "--keys",
                dir.resolve("keys").toString(),
                "--allow-development",
                KEY.key().circuitId().toString(),
                "--publisher",
                TestKey.of(11).publicKey().toString(),
                "--store",
                "jdbc:h2:file:" + dir.resolve("store"),
                "--policy",
                dir.resolve("policy.json").toString(),
                "--roles",
                dir.resolve("roles.json").toString(),
                "--identity",
                dir.resolve("venue.key").toString(),
                "--port",
                "0"));
    arguments.addAll(Arrays.asList(more));
    return arguments.toArray(String[]::new);
  }

  /** A venue that runs until it is closed. */
  private final class Running implements AutoCloseable {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private final String port;

    Running() throws Exception {
      CommandLine commandLine = PlimsollCommand.commandLine();
      commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
      thread =
          new Thread(
              () -> {
                int unused = commandLine.execute(venue("--insecure-loopback"));
                ended.countDown();
              });
      thread.start();
      Pattern listening = Pattern.compile("listening on 127.0.0.1:([0-9]+)");
      Matcher matcher = listening.matcher(out.toString());
      while (!matcher.find()) {
        assertTrue(thread.isAlive(), err::toString);
        Thread.sleep(20);
        matcher = listening.matcher(out.toString());
      }
      port = matcher.group(1);
    }

    Run ask(String party, String... question) {
      List<String> arguments = new ArrayList<>(List.of("gate"));
      arguments.addAll(Arrays.asList(question));
      arguments.addAll(List.of("--gate", "127.0.0.1:" + port, "--insecure", party));
      return CommandLineTest.run(arguments.toArray(String[]::new));
    }

    @Override
    public void close() {
      thread.interrupt();
      try {
        assertTrue(ended.await(60, TimeUnit.SECONDS), "the venue does not stop");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void aVenueIsRunAskedStoppedAndKnowsItAllAfterwards() throws Exception {
    try (Running venue = new Running()) {
      String status = venue.ask("desk", "status").expect(0).out();
      assertTrue(status.contains("venue quay"), status);
      assertTrue(status.contains("you are desk: operator"), status);
      venue
          .ask(
              "desk",
              "open",
              "--account",
              "heron",
              "--attester",
              TestKey.of(1).publicKey().toString())
          .expect(0);
      String suspended = venue.ask("heron", "status", "--account", "heron").expect(0).out();
      assertTrue(suspended.contains("suspended for ROUND_MISSING"), suspended);
      Run denied = venue.ask("heron", "suspend", "--account", "heron").expect(2);
      assertTrue(denied.err().contains("PERMISSION_DENIED"), denied.err());
      venue.ask("desk", "breaker", "--open").expect(0);
    }
    try (Running venue = new Running()) {
      String told = venue.ask("desk", "watch", "--count", "3").expect(0).out();
      List<String> lines = told.lines().toList();
      assertEquals(3, lines.size(), told);
      assertTrue(lines.get(0).contains("PolicySet"), told);
      assertTrue(lines.get(1).contains("AccountOpened heron"), told);
      assertTrue(lines.get(2).contains("BreakerMoved"), told);
    }
    CommandLineTest.run(
            "audit",
            "--store",
            "jdbc:h2:file:" + dir.resolve("store"),
            "--keys",
            dir.resolve("keys").toString(),
            "--allow-development",
            KEY.key().circuitId().toString())
        .expect(0);
  }

  @Test
  void changedRolesCountWithoutARestart() throws Exception {
    try (Running venue = new Running()) {
      venue.ask("review", "status").expect(2);
      Files.writeString(
          dir.resolve("roles.json"),
          ROLES.replace("[{", "[{\"name\": \"review\", \"roles\": [\"auditor\"]}, {"));
      Run asked = venue.ask("review", "status");
      for (int i = 0; i < 500 && asked.code() != 0; i++) {
        Thread.sleep(50);
        asked = venue.ask("review", "status");
      }
      asked.expect(0);
    }
  }

  @Test
  void whatCannotBeIsRefusedInOneLine() throws Exception {
    CommandLineTest.run(venue()).refusesNaming("--tls-certificate", "--insecure-loopback");
    CommandLineTest.run(venue("--insecure-loopback", "--address", "0.0.0.0"))
        .refusesNaming("--address 0.0.0.0");
    CommandLineTest.run(venue("--insecure-loopback", "--tls-key", "x"))
        .refusesNaming("--insecure-loopback goes without TLS");
    CommandLineTest.run(venue("--insecure-loopback", "--limit", "0"))
        .refusesNaming("--limit is 0, less than 1");
    String file = dir.resolve("policy.json").toString();
    refusesPolicy(POLICY.replace("\"grace\"", "\"gracious\""), file, "gracious");
    refusesPolicy(POLICY.replace("\"grace\": \"900s\",", ""), "grace is not set");
    refusesPolicy(POLICY.replace("900s", "0.0005s"), "grace", "not whole milliseconds");
    refusesPolicy(POLICY.replace("900s", "-1s"), "grace is PT-1S");
    refusesPolicy(
        POLICY.replace("{\"threshold\"", "{\"softLiquidation\": \"1s\", \"threshold\""),
        "soft_liquidation and liquidation_fraction");
    Files.writeString(dir.resolve("policy.json"), POLICY);
    Files.writeString(dir.resolve("roles.json"), ROLES.replace("operator", "owner of all"));
    CommandLineTest.run(venue("--insecure-loopback"))
        .refusesNaming("party desk", "role is 'owner of all'");
  }

  private void refusesPolicy(String policy, String... naming) throws Exception {
    Files.writeString(dir.resolve("policy.json"), policy);
    CommandLineTest.run(venue("--insecure-loopback")).refusesNaming(naming);
  }
}
