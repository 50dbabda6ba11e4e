package io.plimsoll.nativeprover;

import io.plimsoll.verifier.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Development keys of the test model that all tests share, made once and removed when the JVM ends.
 */
public final class TestKeys {
  public static final KeyCache CACHE = KeyCache.at(temporary());
  public static final Digest CIRCUIT_ID = make();

  private TestKeys() {}

  public static Path directory() {
    return CACHE.directory(CIRCUIT_ID);
  }

  public static StockGnarkProver prover() throws ProvingException {
    return StockGnarkProver.open(directory(), CIRCUIT_ID, DevelopmentKeys.ALLOWED);
  }

  private static Path temporary() {
    try {
      Path directory = Files.createTempDirectory("plimsoll-native-test");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Digest make() {
    try {
      return CACHE.developmentKeys(TestModel.bytes(), stage -> {});
    } catch (ProvingException e) {
      throw new IllegalStateException(e);
    }
  }

  static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
