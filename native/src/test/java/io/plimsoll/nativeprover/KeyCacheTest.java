package io.plimsoll.nativeprover;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.nativeprover.ProvingException.Kind;
import io.plimsoll.verifier.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyCacheTest {
  private static final byte[] MODEL = TestModel.bytes();

  @TempDir private Path directory;

  @Test
  void makesKeysOnceAndFindsThemAgain() throws ProvingException {
    KeyCache cache = KeyCache.at(directory.resolve("new"));
    assertEquals(Optional.empty(), cache.find(MODEL));
    Set<SetupStage> stages = EnumSet.noneOf(SetupStage.class);
    Digest id = cache.developmentKeys(MODEL, stages::add);
    assertEquals(EnumSet.allOf(SetupStage.class), stages);
    assertEquals(Optional.of(id), cache.find(MODEL));
    stages.clear();
    assertEquals(id, cache.developmentKeys(MODEL, stages::add));
    assertTrue(stages.isEmpty());
    assertTrue(Files.exists(cache.verifyingKey(id)));
    StockGnarkProver.open(cache.directory(id), id, DevelopmentKeys.ALLOWED).close();
  }

  @Test
  void makesKeysAgainWhenTheirDirectoryIsGone() throws ProvingException {
    KeyCache cache = KeyCache.at(directory);
    Digest id = cache.developmentKeys(MODEL, stage -> {});
    TestKeys.delete(cache.directory(id));
    assertEquals(Optional.empty(), cache.find(MODEL));
    Digest again = cache.developmentKeys(MODEL, stage -> {});
    assertNotEquals(id, again);
    assertEquals(Optional.of(again), cache.find(MODEL));
  }

  @Test
  void aDamagedIndexIsMadeAgain() throws ProvingException, IOException {
    KeyCache cache = KeyCache.at(directory);
    cache.developmentKeys(MODEL, stage -> {});
    try (var files = Files.list(directory.resolve("index"))) {
      for (Path file : files.filter(f -> !f.toString().endsWith(".lock")).toList()) {
        Files.writeString(file, "no circuit id");
      }
    }
    assertEquals(Optional.empty(), cache.find(MODEL));
    Digest id = cache.developmentKeys(MODEL, stage -> {});
    assertEquals(Optional.of(id), cache.find(MODEL));
  }

  @Test
  void manyThreadsGetTheSameKeys() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Callable<Digest>> tasks = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        tasks.add(() -> KeyCache.at(directory).developmentKeys(MODEL, stage -> {}));
      }
      Set<Digest> ids = new HashSet<>();
      for (Future<Digest> result : threads.invokeAll(tasks)) {
        ids.add(result.get());
      }
      assertEquals(1, ids.size());
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void twoProcessesGetTheSameKeys() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      processes.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Setup.class.getName(),
                  directory.toString())
              .redirectErrorStream(true)
              .start());
    }
    Set<String> ids = new HashSet<>();
    for (Process process : processes) {
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue(), output);
      // The JVM may warn as well.
      output.lines().filter(line -> line.matches("[0-9a-f]{64}")).forEach(ids::add);
    }
    assertEquals(1, ids.size(), ids.toString());
    Digest id = Digest.fromHex(ids.iterator().next());
    StockGnarkProver.open(KeyCache.at(directory).directory(id), id, DevelopmentKeys.ALLOWED)
        .close();
  }

  /** What the other processes run. */
  static final class Setup {
    private Setup() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws ProvingException {
      System.out.println(KeyCache.at(Path.of(arguments[0])).developmentKeys(MODEL, stage -> {}));
    }
  }

  @Test
  void aModelThatBreaksARuleIsTheCallersError() {
    KeyCache cache = KeyCache.at(directory);
    ProvingException e =
        assertThrows(
            ProvingException.class, () -> cache.developmentKeys(new byte[10], stage -> {}));
    assertEquals(Kind.INVALID_ARGUMENT, e.kind());
    assertTrue(e.getMessage().contains("model"), e.getMessage());
  }

  @Test
  void aCacheThatCannotBeWrittenIsAnErrorOfTheFileSystem() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    KeyCache cache = KeyCache.at(file.resolve("keys"));
    ProvingException e =
        assertThrows(ProvingException.class, () -> cache.developmentKeys(MODEL, stage -> {}));
    assertEquals(Kind.IO, e.kind());
  }

  @Test
  void whatAKilledSetupLeftIsRemovedAfterADay() throws ProvingException, IOException {
    Path killed = Files.createDirectory(directory.resolve(".setup-1"));
    Files.createFile(killed.resolve("proving.key"));
    Files.setLastModifiedTime(killed, FileTime.from(Instant.now().minus(25, ChronoUnit.HOURS)));
    Path running = Files.createDirectory(directory.resolve(".setup-2"));
    KeyCache.at(directory).developmentKeys(MODEL, stage -> {});
    assertFalse(Files.exists(killed));
    assertTrue(Files.exists(running));
  }

  @Test
  void linkThatLooksLikeAKilledSetupIsNotFollowed(@TempDir Path elsewhere)
      throws ProvingException, IOException {
    Path file = Files.createFile(elsewhere.resolve("precious"));
    Files.setLastModifiedTime(elsewhere, FileTime.from(Instant.now().minus(25, ChronoUnit.HOURS)));
    Files.createSymbolicLink(directory.resolve(".setup-3"), elsewhere);
    KeyCache.at(directory).developmentKeys(MODEL, stage -> {});
    assertTrue(Files.exists(file));
  }

  @Test
  void setupLeavesNothingBesideTheKeys() throws ProvingException, IOException {
    Digest id = DevelopmentSetup.run(MODEL, directory, stage -> {});
    try (var files = Files.list(directory)) {
      assertEquals(List.of(directory.resolve(id.toString())), files.toList());
    }
  }

  @Test
  void aListenersExceptionComesOutAndTheKeysAreComplete() throws ProvingException, IOException {
    List<SetupStage> stages = new ArrayList<>();
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                DevelopmentSetup.run(
                    MODEL,
                    directory,
                    stage -> {
                      stages.add(stage);
                      throw new IllegalStateException("listener");
                    }));
    assertEquals("listener", thrown.getMessage());
    assertEquals(List.of(SetupStage.COMPILE), stages);
    try (var files = Files.list(directory)) {
      Digest id = Digest.fromHex(files.toList().get(0).getFileName().toString());
      StockGnarkProver.open(directory.resolve(id.toString()), id, DevelopmentKeys.ALLOWED).close();
    }
  }
}
