package io.plimsoll.prover.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.prover.cli.CommandLineTest.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole ceremony as its parties hold it, and a proof with its keys that needs nobody's permission
 * for development keys. What else a directory may hold that it should not is tested beside the
 * native library.
 */
class CeremonyCommandTest {
  private static final String FIRST_BEACON = "07".repeat(32);
  private static final String SECOND_BEACON = "08".repeat(32);

  @TempDir static Path dir;

  private static final List<String> IDENTITIES = new ArrayList<>();
  private static Path keys;

  private static String file(String name) {
    return dir.resolve(name).toString();
  }

  private static String identity(String kind, String name) {
    return CommandLineTest.run(
            "identity", "--kind", kind, "--unencrypted", "--out", file(name + ".key"))
        .expect(PlimsollCommand.ACCEPTED)
        .out()
        .strip();
  }

  private static Run ceremony(String step, String... more) {
    List<String> arguments = new ArrayList<>(List.of("ceremony", step));
    arguments.addAll(List.of(more));
    return CommandLineTest.run(arguments.toArray(String[]::new));
  }

  private static Run contribute(String ceremony, int contributor) {
    return ceremony(
        "contribute",
        "--dir",
        file(ceremony),
        "--identity",
        file("contributor-" + contributor + ".key"));
  }

  private static Run seal(String ceremony, String beacon) {
    return ceremony("seal", "--dir", file(ceremony), "--beacon", beacon);
  }

  @BeforeAll
  static void everyPartyDoesItsPart() throws IOException {
    for (int i = 1; i <= 4; i++) {
      IDENTITIES.add(identity("signing", "contributor-" + i));
    }
    ceremony(
            "begin",
            "--model",
            "isolated",
            "--shape",
            "pockets=1,attesters=2",
            "--beacon-rule",
            "drand default network, rounds 5000000 and 5010000",
            "--out",
            file("ceremony"))
        .expect(PlimsollCommand.ACCEPTED);
    copy("ceremony", "begun");
    contribute("ceremony", 1).expect(PlimsollCommand.ACCEPTED);
    contribute("ceremony", 2).expect(PlimsollCommand.ACCEPTED);
    copy("ceremony", "two-contributions");
    contribute("ceremony", 3).expect(PlimsollCommand.ACCEPTED);
    seal("ceremony", FIRST_BEACON).expect(PlimsollCommand.ACCEPTED);
    for (int contributor : new int[] {4, 3, 1}) {
      contribute("ceremony", contributor).expect(PlimsollCommand.ACCEPTED);
    }
    copy("ceremony", "not-ended");
    Run ended = seal("ceremony", SECOND_BEACON).expect(PlimsollCommand.ACCEPTED);
    keys =
        Path.of(
            ended
                .out()
                .lines()
                .filter(line -> line.startsWith("keys "))
                .findFirst()
                .orElseThrow()
                .replaceAll("keys +", ""));
  }

  private static void copy(String from, String to) throws IOException {
    try (Stream<Path> files = Files.walk(dir.resolve(from))) {
      for (Path file : files.toList()) {
        Files.copy(file, dir.resolve(to).resolve(dir.resolve(from).relativize(file)));
      }
    }
  }

  @Test
  void anAuditorFindsEveryoneAndTheKeys() {
    Run verified = ceremony("verify", "--dir", file("ceremony")).expect(PlimsollCommand.ACCEPTED);
    for (String part :
        List.of(
            "isolated pockets=1,attesters=2",
            "drand default network",
            FIRST_BEACON,
            SECOND_BEACON,
            keys.getFileName().toString(),
            "accepted: ")) {
      assertTrue(verified.out().contains(part), () -> part + " in: " + verified.out());
    }
    assertEquals(3, verified.out().split(IDENTITIES.get(0), -1).length, "in both phases");
    assertEquals(2, verified.out().split(IDENTITIES.get(1), -1).length, "in phase 1");
  }

  @Test
  void aProofWithTheKeysNeedsNoPermission() throws IOException {
    Files.writeString(
        dir.resolve("draft.json"),
        "{\"model\":\"isolated\",\"shape\":[{\"name\":\"pockets\",\"value\":1},"
            + "{\"name\":\"attesters\",\"value\":2}],"
            + "\"listing\":{\"axes\":[{\"name\":\"pocket\",\"labels\":[\"BTC-PERP\"]}]},"
            + "\"asOfMillis\":\""
            + System.currentTimeMillis()
            + "\",\"coefficients\":[{\"tensor\":\"mark\",\"values\":[\"100\"]},"
            + "{\"tensor\":\"rate\",\"values\":[\"10\"]}]}");
    Files.writeString(
        dir.resolve("book.json"),
        "{\"holdings\":[{\"vector\":\"position\",\"label\":\"BTC-PERP\",\"quantity\":\"2\"},"
            + "{\"vector\":\"margin\",\"label\":\"BTC-PERP\",\"quantity\":\"-150\"}]}");
    String publisher = identity("signing", "publisher");
    String owner = identity("sealing", "owner");
    String custodian = identity("signing", "custodian");
    assertFalse(custodian.isEmpty());
    onKeys("round sign --round draft.json --venue quay --sequence 1 --identity publisher.key", "")
        .expect(PlimsollCommand.ACCEPTED);
    onKeys(
            "attest --round round.json --portfolio book.json --identity custodian.key --venue quay"
                + " --account heron",
            "--owner " + owner)
        .expect(PlimsollCommand.ACCEPTED);
    onKeys("account --venue quay --account heron --attestation attestation.json", "")
        .expect(PlimsollCommand.ACCEPTED);
    String statement =
        " --round round.json --account account.json --threshold 11/10 --publisher " + publisher;
    onKeys("prove --owner owner.key", statement).expect(PlimsollCommand.ACCEPTED);
    Run verified = onKeys("verify --proof proof.json", statement);
    verified.expect(PlimsollCommand.ACCEPTED);
    assertTrue(verified.out().startsWith("accepted: "), verified.out());
  }

  /** Runs a command with the ceremony's keys; names of files are in the temporary directory. */
  private static Run onKeys(String command, String more) {
    List<String> arguments = new ArrayList<>();
    for (String argument : (command + " " + more).strip().split(" +", -1)) {
      arguments.add(argument.matches(".*\\.(json|key)") ? file(argument) : argument);
    }
    String made =
        switch (arguments.get(0)) {
          case "round" -> "round.json";
          case "attest" -> "attestation.json";
          case "account" -> "account.json";
          case "prove" -> "proof.json";
          default -> null;
        };
    if (made != null) {
      arguments.addAll(List.of("--out", file(made)));
    }
    arguments.addAll(List.of("--keys", keys.toString()));
    return CommandLineTest.run(arguments.toArray(String[]::new));
  }

  @Test
  void aCeremonyThatHasNotEndedIsAcceptedOnlyWhenAskedFor() {
    Run rejected = ceremony("verify", "--dir", file("not-ended"));
    rejected.expect(PlimsollCommand.REJECTED);
    assertTrue(rejected.err().contains("has not ended"), rejected.err());
    ceremony("verify", "--so-far", "--dir", file("not-ended")).expect(PlimsollCommand.ACCEPTED);
  }

  @Test
  void aChangedFileIsRejectedByItsName() throws IOException {
    copy("ceremony", "changed");
    Path file = dir.resolve("changed/phase2-0002.contribution");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    Run rejected = ceremony("verify", "--dir", file("changed"));
    rejected.expect(PlimsollCommand.REJECTED);
    assertTrue(
        rejected.err().startsWith("rejected: ceremony refused: phase2-0002.contribution"),
        rejected.err());
    assertEquals(1, rejected.err().strip().lines().count(), rejected.err());
  }

  @Test
  void changedKeysAreRejected() throws IOException {
    copy("ceremony", "changed-keys");
    Path file = dir.resolve("changed-keys/keys").resolve(keys.getFileName());
    file = file.resolve("verifying.key");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    Run rejected = ceremony("verify", "--dir", file("changed-keys"));
    rejected.expect(PlimsollCommand.REJECTED);
    assertTrue(rejected.err().contains("verifying.key"), rejected.err());
  }

  @Test
  void whatTheCeremonyDoesNotAllowIsRefusedByName() throws IOException {
    contribute("two-contributions", 2).refusesNaming("contribution 2 to phase 1 already");
    contribute("ceremony", 2).refusesNaming("has ended");
    seal("ceremony", "09".repeat(32)).refusesNaming("has ended");
    seal("begun", FIRST_BEACON).refusesNaming("phase 1 has 0 contributions");
    seal("two-contributions", FIRST_BEACON).refusesNaming("phase 1 has 2 contributions");
    seal("not-ended", FIRST_BEACON).refusesNaming("beacon of phase 1 again");
    seal("not-ended", "00".repeat(32)).refusesNaming("all zero");
    seal("not-ended", "").refusesNaming("--beacon", "0 bytes");
    seal("not-ended", "01".repeat(1025)).refusesNaming("--beacon", "1025 bytes");
    seal("not-ended", "0g".repeat(32)).refusesNaming("--beacon", "hexadecimal");
    seal("not-ended", "012").refusesNaming("--beacon", "hexadecimal");
    seal("nowhere", FIRST_BEACON).refusesNaming("nowhere");
    ceremony("verify", "--dir", file("nowhere")).refusesNaming("nowhere");
    byte[] before = Files.readAllBytes(dir.resolve("ceremony/ceremony.start"));
    begin("ceremony", "another rule").refusesNaming("exists");
    assertArrayEquals(before, Files.readAllBytes(dir.resolve("ceremony/ceremony.start")));
    begin("new", "").refusesNaming("beacon rule", "0 bytes");
    begin("new", "caf\u00e9").refusesNaming("beacon rule", "ASCII");
    begin("new", "x".repeat(257)).refusesNaming("beacon rule", "257 bytes");
    assertFalse(Files.exists(dir.resolve("new")));
  }

  private static Run begin(String ceremony, String rule) {
    return ceremony(
        "begin",
        "--model",
        "isolated",
        "--shape",
        "pockets=1",
        "--beacon-rule",
        rule,
        "--out",
        file(ceremony));
  }

  @Test
  void aMissingStepIsNamed() {
    Run run = CommandLineTest.run("ceremony");
    run.expect(PlimsollCommand.BAD_INPUT);
    assertTrue(run.err().contains("'begin', 'contribute', 'seal' or 'verify' is missing"));
  }
}
