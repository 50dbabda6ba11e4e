package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.nativeprover.ProvingException.Kind;
import io.plimsoll.verifier.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged key directories from Java's side. Every single check is tested in Go. */
class KeyLoadingTest {
  @TempDir private Path directory;

  @BeforeEach
  void copyKeys() throws IOException {
    try (var files = Files.list(TestKeys.directory())) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
  }

  private ProvingException refused(Digest circuitId, DevelopmentKeys policy) {
    return assertThrows(
        ProvingException.class, () -> StockGnarkProver.open(directory, circuitId, policy).close());
  }

  private void refusedBecause(Kind kind, String reason) {
    ProvingException e = refused(TestKeys.CIRCUIT_ID, DevelopmentKeys.ALLOWED);
    assertEquals(kind, e.kind(), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void theCopyLoads() throws ProvingException {
    StockGnarkProver.open(directory, TestKeys.CIRCUIT_ID, DevelopmentKeys.ALLOWED).close();
  }

  @Test
  void developmentKeysNeedTheirPolicy() {
    assertEquals(Kind.KEY_REJECTED, refused(TestKeys.CIRCUIT_ID, DevelopmentKeys.REFUSED).kind());
  }

  @Test
  void anotherCircuitIsRefused() {
    assertEquals(Kind.KEY_REJECTED, refused(Digest.ZERO, DevelopmentKeys.ALLOWED).kind());
  }

  @ParameterizedTest
  @ValueSource(strings = {"proving.key", "verifying.key", "circuit.r1cs", "model.bin"})
  void damagedFilesAreNamed(String name) throws IOException {
    Path file = directory.resolve(name);
    byte[] good = Files.readAllBytes(file);

    byte[] flipped = good.clone();
    flipped[good.length / 2] ^= 1;
    Files.write(file, flipped);
    refusedBecause(Kind.KEY_REJECTED, name);

    Files.write(file, Arrays.copyOf(good, good.length / 2));
    refusedBecause(Kind.KEY_REJECTED, name);

    Files.write(file, new byte[0]);
    refusedBecause(Kind.KEY_REJECTED, name);

    Files.delete(file);
    refusedBecause(Kind.IO, name);
  }

  /** gnark's own reader would allocate whatever a length in this file says. */
  @Test
  void aProvingKeyWhoseManifestAgreesIsStillChecked() throws IOException {
    Path file = directory.resolve("proving.key");
    byte[] good = Files.readAllBytes(file);
    for (int length : new int[] {0, 1, 100, good.length / 2, good.length - 1}) {
      byte[] cut = Arrays.copyOf(good, length);
      Files.write(file, cut);
      agreeOn(Digest.of(good), Digest.of(cut));
      refusedBecause(Kind.KEY_REJECTED, "proving.key");
      agreeOn(Digest.of(cut), Digest.of(good));
    }
    byte[] garbage = good.clone();
    Arrays.fill(garbage, 200, garbage.length, (byte) 0xff);
    Files.write(file, garbage);
    agreeOn(Digest.of(good), Digest.of(garbage));
    refusedBecause(Kind.KEY_REJECTED, "proving.key");
  }

  private void agreeOn(Digest before, Digest after) throws IOException {
    Path manifest = directory.resolve("manifest.json");
    String text = Files.readString(manifest, StandardCharsets.UTF_8);
    assertTrue(text.contains(before.toString()));
    Files.writeString(manifest, text.replace(before.toString(), after.toString()));
  }

  @Test
  void aDirectoryThatIsNotThereIsAnErrorOfTheFileSystem() {
    ProvingException e =
        assertThrows(
            ProvingException.class,
            () ->
                StockGnarkProver.open(
                    directory.resolve("none"), TestKeys.CIRCUIT_ID, DevelopmentKeys.ALLOWED));
    assertEquals(Kind.IO, e.kind());
  }

  @Test
  void theManifestSaysWhatTheKeysAre() throws IOException {
    String manifest = Files.readString(directory.resolve("manifest.json"));
    assertTrue(manifest.contains("\"setup\": \"development\""), manifest);
    assertTrue(manifest.contains("never for money"), manifest);
    assertTrue(
        manifest.contains(HexFormat.of().formatHex(TestKeys.CIRCUIT_ID.toByteArray())), manifest);
  }
}
