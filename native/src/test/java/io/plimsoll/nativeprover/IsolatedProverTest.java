package io.plimsoll.nativeprover;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.plimsoll.nativeprover.ProverFrames.Opening;
import io.plimsoll.nativeprover.ProvingException.Kind;
import io.plimsoll.verifier.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class IsolatedProverTest extends SolvencyProverContract {
  @TempDir Path temporary;

  @Override
  SolvencyProver open() throws ProvingException {
    return IsolatedProver.tuned(TestKeys.directory(), TestKeys.CIRCUIT_ID, DevelopmentKeys.ALLOWED);
  }

  private static IsolatedProver panicking(Path directory) throws ProvingException {
    return IsolatedProver.of(
        new Opening(
            NativeProver.Kind.TUNED, directory, TestKeys.CIRCUIT_ID, DevelopmentKeys.ALLOWED),
        PanickingProcess.class.getName());
  }

  private static ProvingInput.Builder withContext(byte first) {
    byte[] context = new byte[16];
    context[0] = first;
    return TestModel.atThreshold().context(context);
  }

  private static ProvingException failureOf(SolvencyProver prover, byte first) {
    try (ProvingInput input = withContext(first).build()) {
      return assertThrows(ProvingException.class, () -> prover.prove(input));
    }
  }

  /** Proves as soon as the process is there again. */
  private static byte[] proveEventually(SolvencyProver prover) throws Exception {
    while (true) {
      try (ProvingInput input = TestModel.atThreshold().build()) {
        return prover.prove(input);
      } catch (ProvingException e) {
        assertEquals(Kind.INTERNAL, e.kind());
        Thread.sleep(50);
      }
    }
  }

  @Test
  void aPanicInAGoroutineEndsAJvmThatIsNotIsolated() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                PanickingProcess.class.getName(),
                "panic")
            .redirectErrorStream(true)
            .start();
    String output = new String(jvm.getInputStream().readAllBytes(), UTF_8);
    assertNotEquals(0, jvm.waitFor());
    assertTrue(output.contains("panic: asked for"), output);
    assertFalse(output.contains(PanickingProcess.SURVIVED), output);
  }

  @Test
  @Timeout(120)
  void aPanicInAGoroutineFailsTheProofsInFlightAndTheProcessStartsAgain() throws Exception {
    try (IsolatedProver prover = panicking(TestKeys.directory())) {
      CompletableFuture<ProvingException> other =
          CompletableFuture.supplyAsync(() -> failureOf(prover, PanickingProcess.HANG));
      // Let it arrive; whether it does in time makes no difference to what is asserted.
      assertThrows(TimeoutException.class, () -> other.get(200, TimeUnit.MILLISECONDS));
      ProvingException failure = failureOf(prover, PanickingProcess.PANIC);
      assertEquals(Kind.INTERNAL, failure.kind());
      assertTrue(failure.getMessage().contains("process ended"), failure.getMessage());
      assertFalse(failure.getMessage().contains("asked for"), failure.getMessage());
      assertEquals(Kind.INTERNAL, other.get().kind());
      assertEquals(SolvencyProver.PROOF_BYTES, proveEventually(prover).length);
      assertEquals(2, prover.starts());
    }
  }

  @Test
  @Timeout(120)
  void aProcessThatIsKilledAgainWaitsBeforeItStartsAndCallsMeanwhileSayWhy() throws Exception {
    try (IsolatedProver prover = panicking(TestKeys.directory())) {
      boolean refused = false;
      for (int kills = 0; kills < 3; kills++) {
        proveEventually(prover);
        prover.process().orElseThrow().destroyForcibly();
        for (int tries = 0; tries < 20; tries++) {
          try (ProvingInput input = TestModel.atThreshold().build()) {
            prover.prove(input);
          } catch (ProvingException e) {
            assertEquals(Kind.INTERNAL, e.kind());
            refused |= e.getMessage().contains("is not running: signal 9; it starts again");
          }
          Thread.sleep(5);
        }
      }
      assertTrue(refused, "no call met the time without a process");
      proveEventually(prover);
      assertEquals(4, prover.starts());
    }
  }

  @Test
  @Timeout(120)
  void aProcessThatStopsReadingIsEndedAndStartsAgain() throws Exception {
    Opening opening = tuned();
    try (IsolatedProver prover =
        IsolatedProver.of(
            opening,
            ProverProcess.class.getName(),
            new IsolatedProver.Patience(Duration.ofMinutes(1), Duration.ofSeconds(2)),
            UnaryOperator.identity())) {
      long stopped = prover.process().orElseThrow().pid();
      assertEquals(0, new ProcessBuilder("kill", "-STOP", "" + stopped).start().waitFor());
      // Far more than a pipe holds.
      try (ProvingInput input =
          TestModel.atThreshold().coefficients(new long[ProverFrames.MAX_ELEMENTS / 2]).build()) {
        ProvingException e = assertThrows(ProvingException.class, () -> prover.prove(input));
        assertEquals(Kind.INTERNAL, e.kind());
        assertTrue(e.getMessage().contains("has not answered for 2 s"), e.getMessage());
      }
      assertEquals(SolvencyProver.PROOF_BYTES, proveEventually(prover).length);
      assertNotEquals(stopped, prover.process().orElseThrow().pid());
    }
  }

  @Test
  @Timeout(120)
  void aProcessThatHangsWhileItOpensIsEndedAndSaysSo() {
    Opening opening = tuned();
    ProvingException e =
        assertThrows(
            ProvingException.class,
            () ->
                IsolatedProver.of(
                        opening,
                        HangingProcess.class.getName(),
                        new IsolatedProver.Patience(Duration.ofSeconds(1), Duration.ofMinutes(1)),
                        UnaryOperator.identity())
                    .close());
    assertEquals(Kind.INTERNAL, e.kind());
    assertTrue(e.getMessage().contains("has not opened its key for 1 s"), e.getMessage());
    ProcessHandle.current()
        .children()
        .filter(process -> process.info().commandLine().orElse("").contains("HangingProcess"))
        .forEach(process -> assertTrue(process.onExit().join() != null));
  }

  private static Opening tuned() {
    return new Opening(
        NativeProver.Kind.TUNED,
        TestKeys.directory(),
        TestKeys.CIRCUIT_ID,
        DevelopmentKeys.ALLOWED);
  }

  /** Never reads, never answers. */
  static final class HangingProcess {
    private HangingProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
      new CountDownLatch(1).await();
    }
  }

  @Test
  @Timeout(120)
  void anErrorInTheSupervisorFailsTheProofsInFlightAndTheProcessStartsAgain() throws Exception {
    AtomicBoolean broken = new AtomicBoolean();
    Opening opening = tuned();
    try (IsolatedProver prover =
        IsolatedProver.of(
            opening,
            ProverProcess.class.getName(),
            IsolatedProver.Patience.STANDARD,
            output ->
                new FilterInputStream(output) {
                  @Override
                  public int read(byte[] target, int from, int length) throws IOException {
                    int read = super.read(target, from, length);
                    if (broken.getAndSet(false)) {
                      throw new StackOverflowError("secret");
                    }
                    return read;
                  }
                })) {
      assertEquals(SolvencyProver.PROOF_BYTES, proveEventually(prover).length);
      ProcessHandle first = prover.process().orElseThrow();
      broken.set(true);
      ProvingException failure = failureOf(prover, (byte) 0);
      assertEquals(Kind.INTERNAL, failure.kind());
      assertTrue(failure.getMessage().contains("StackOverflowError"), failure.getMessage());
      assertFalse(failure.getMessage().contains("secret"), failure.getMessage());
      first.onExit().get(20, TimeUnit.SECONDS);
      assertEquals(SolvencyProver.PROOF_BYTES, proveEventually(prover).length);
      assertEquals(2, prover.starts());
    }
  }

  @Test
  @Timeout(120)
  void aBundleThatIsCutShortWhileItIsMappedIsContained() throws Exception {
    Path keys = Files.createDirectory(temporary.resolve(TestKeys.CIRCUIT_ID.toString()));
    for (String file :
        List.of(
            "model.bin",
            "circuit.r1cs",
            "proving.key",
            "verifying.key",
            "manifest.json",
            "prover.bundle")) {
      Files.copy(TestKeys.directory().resolve(file), keys.resolve(file));
    }
    try (IsolatedProver prover =
        IsolatedProver.tuned(keys, TestKeys.CIRCUIT_ID, DevelopmentKeys.ALLOWED)) {
      assertEquals(SolvencyProver.PROOF_BYTES, proveEventually(prover).length);
      try (FileChannel bundle =
          FileChannel.open(keys.resolve("prover.bundle"), StandardOpenOption.WRITE)) {
        bundle.truncate(4096);
      }
      ProvingException failure = failureOf(prover, (byte) 0);
      assertEquals(Kind.INTERNAL, failure.kind());
      // The process starts again and makes the bundle anew.
      assertEquals(SolvencyProver.PROOF_BYTES, proveEventually(prover).length);
    }
  }

  @Test
  void aProverThatDoesNotOpenSaysWhatTheOneInsideSays() {
    Digest other = Digest.fromBytes(new byte[32]);
    ProvingException e =
        assertThrows(
            ProvingException.class,
            () ->
                IsolatedProver.stock(TestKeys.directory(), other, DevelopmentKeys.ALLOWED).close());
    assertEquals(Kind.KEY_REJECTED, e.kind());
    assertThrows(
        ProvingException.class,
        () ->
            IsolatedProver.tuned(TestKeys.directory(), TestKeys.CIRCUIT_ID, DevelopmentKeys.REFUSED)
                .close());
  }

  @Test
  void theStockProverCanBeIsolatedToo() throws Exception {
    try (IsolatedProver prover =
        IsolatedProver.stock(TestKeys.directory(), TestKeys.CIRCUIT_ID, DevelopmentKeys.ALLOWED)) {
      assertEquals(SolvencyProver.PROOF_BYTES, proveEventually(prover).length);
    }
  }

  @Test
  void theProcessSeesOnlyWhatAJvmNeedsAndEndsWithItsProver() throws Exception {
    ProcessHandle process;
    try (IsolatedProver prover =
        IsolatedProver.tuned(TestKeys.directory(), TestKeys.CIRCUIT_ID, DevelopmentKeys.ALLOWED)) {
      process = prover.process().orElseThrow();
      Path environment = Path.of("/proc/" + process.pid() + "/environ");
      assumeTrue(Files.isReadable(environment), "no /proc here");
      for (String variable : Files.readString(environment, UTF_8).split("\0", -1)) {
        assertTrue(
            variable.isEmpty()
                || List.of("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
                    .contains(variable.substring(0, variable.indexOf('='))),
            variable.substring(0, Math.max(0, variable.indexOf('='))));
      }
      String arguments = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"), UTF_8);
      assertTrue(arguments.endsWith(ProverProcess.class.getName() + "\0"), arguments);
    }
    process.onExit().get(20, TimeUnit.SECONDS);
  }

  @Test
  void anInputBeyondAnyModelIsRefusedBeforeItTravels() throws Exception {
    try (IsolatedProver prover = (IsolatedProver) open();
        ProvingInput input =
            TestModel.atThreshold().coefficients(new long[ProverFrames.MAX_ELEMENTS + 1]).build()) {
      ProvingException e = assertThrows(ProvingException.class, () -> prover.prove(input));
      assertEquals(Kind.INVALID_ARGUMENT, e.kind());
      assertTrue(e.getMessage().startsWith("input: "), e.getMessage());
    }
  }

  @Test
  void aProcessThatSpeaksNothingOfTheKindDoesNotOpen() {
    ProvingException e =
        assertThrows(
            ProvingException.class,
            () ->
                IsolatedProver.of(
                        new Opening(
                            NativeProver.Kind.TUNED,
                            TestKeys.directory(),
                            TestKeys.CIRCUIT_ID,
                            DevelopmentKeys.ALLOWED),
                        "io.plimsoll.nativeprover.NoSuchClass")
                    .close());
    assertEquals(Kind.INTERNAL, e.kind());
    assertTrue(e.getMessage().contains("exit status 1"), e.getMessage());
  }
}
