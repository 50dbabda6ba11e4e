package io.plimsoll.attester;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.attestation.StorageSecret;
import io.plimsoll.circuits.PortfolioReader.Line;
import io.plimsoll.proto.v1.DeskAnswer;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerFilesTest {
  @TempDir Path directory;

  private final Bench bench = new Bench();

  @Test
  void ledgerOnTheDiskGoesOnAfterARestartAndShowsNothing() throws Exception {
    Path ledger = directory.resolve("ledger");
    bench.put("collateral", "BTC", "123.45678");
    try (StorageSecret secret = StorageSecret.createKeyFile(directory.resolve("key"))) {
      bench.open(SealedRecordStore.open(ledger, secret));
      bench.step(0);
      bench.engine.withdraw(
          Bench.at("north"), "w1", List.of(new Line("collateral", "BTC", "-3.21")), "to-the-owner");
      bench.step(20);
      assertThrows(IOException.class, () -> SealedRecordStore.open(ledger, secret));
      bench.engine.close();
      bench.open(SealedRecordStore.open(ledger, secret));
      assertEquals(2, bench.report().lockedVersions().size());
      bench.north.prove(Bench.ACCOUNT);
      bench.step(20);
      assertEquals(1, bench.paid.size());
      bench.engine.close();
    }
    try (Stream<Path> files = Files.list(ledger)) {
      for (Path file : files.toList()) {
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        for (String secret : List.of("123.45", "3.21", "to-the-owner", "BTC", "account")) {
          assertFalse(text.contains(secret), () -> file + " shows " + secret);
        }
      }
    }
    try (StorageSecret other = StorageSecret.password("another".toCharArray())) {
      assertThrows(InvalidFormatException.class, () -> SealedRecordStore.open(ledger, other));
    }
  }

  @Test
  void deskLaysOutOnceAndTakesTheAnswer() throws Exception {
    OperatorDesk desk = new OperatorDesk(directory.resolve("desk"));
    PledgeId id = Bench.at("north");
    CustodyPayments.Payment payment =
        new CustodyPayments.Payment(
            "w1", id, "pool", List.of(new Line("collateral", "BTC", "-1")), "there");
    assertThrows(
        InvalidFormatException.class,
        () -> desk.answer(id, DeskAnswer.newBuilder().setId("w1").build()));
    assertEquals(CustodyPayments.Outcome.PENDING, desk.pay(payment));
    assertEquals(CustodyPayments.Outcome.PENDING, desk.pay(payment));
    try (Stream<Path> files = Files.list(directory.resolve("desk"))) {
      assertEquals(1, files.count());
    }
    desk.answer(id, DeskAnswer.newBuilder().setId("w1").build());
    assertEquals(CustodyPayments.Outcome.PAID, desk.pay(payment));
    assertThrows(
        InvalidFormatException.class,
        () -> desk.answer(id, DeskAnswer.newBuilder().setId("w1").build()));
    LiquidationExecutor.Request request =
        new LiquidationExecutor.Request(
            "o1", id, "pool", List.of(new Line("collateral", "BTC", "1")), 5);
    assertEquals(Optional.empty(), desk.execute(request));
    desk.answer(id, DeskAnswer.newBuilder().setId("o1").build());
    assertEquals(Optional.of(List.of()), desk.execute(request));
    assertTrue(Files.isDirectory(directory.resolve("desk")));
  }
}
