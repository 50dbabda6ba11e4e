package io.plimsoll.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.plimsoll.nativeprover.ProvingInput;
import io.plimsoll.nativeprover.SolvencyProver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that opens a prover and makes one proof, as after a restart: the native library, the
 * keys and the first proof are new to it. A main class; {@link #run} starts it.
 *
 * @param loadMicros from opening the key directory to the prover that is ready
 * @param firstProofMicros the same until the first proof is there
 * @param memoryBytes growth of the resident memory meanwhile, and over {@link #MORE_PROOFS} proofs
 *     more: what the JVM, Go's heap and mapped files have in memory
 */
record ColdStart(long loadMicros, long firstProofMicros, long memoryBytes) {
  private static final int MORE_PROOFS = 20;
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final String TUNED = "tuned";
  private static final String STOCK = "stock";

  /** Which number is wanted. */
  enum Figure {
    LOAD,
    FIRST_PROOF;

    double of(ColdStart start) {
      return this == LOAD ? start.loadMicros : start.firstProofMicros;
    }
  }

  /** Key directory and prover's name. Prints the three numbers. */
  public static void main(String[] arguments) throws Exception {
    try (Fixture fixture = Fixture.open(Path.of(arguments[0]));
        ProvingInput input = fixture.provingInput(fixture.prepareRound())) {
      long before = resident();
      long start = System.nanoTime();
      try (SolvencyProver prover =
          arguments[1].equals(TUNED) ? fixture.openTunedProver() : fixture.openStockProver()) {
        long loaded = System.nanoTime();
        byte[] proof = prover.prove(input);
        long proven = System.nanoTime();
        for (int i = 0; i < MORE_PROOFS; i++) {
          prover.prove(input);
        }
        long after = resident();
        fixture.requireAccepted(proof);
        System.out.println(
            (loaded - start) / 1_000 + " " + (proven - start) / 1_000 + " " + (after - before));
      }
    }
  }

  /**
   * Starts the process and waits for it.
   *
   * @param launcher runs in place of this JVM's own {@code java}; null for that one
   * @param tuned whether our own prover, not gnark's
   */
  static ColdStart run(Path launcher, Path keyDirectory, boolean tuned) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process process =
        new ProcessBuilder(
                (launcher == null ? java : launcher).toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ColdStart.class.getName(),
                keyDirectory.toString(),
                tuned ? TUNED : STOCK)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String line = new String(process.getInputStream().readAllBytes(), US_ASCII).strip();
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    List<String> numbers = List.of(line.split(" ", -1));
    if (status != 0 || numbers.size() != 3) {
      throw new IOException("the process of a cold start ended with status " + status);
    }
    return new ColdStart(
        Long.parseLong(numbers.get(0)),
        Long.parseLong(numbers.get(1)),
        Long.parseLong(numbers.get(2)));
  }

  /** Resident memory of this process in bytes; 0 where the system does not tell. */
  private static long resident() throws IOException {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith(RESIDENT))
        .mapToLong(line -> 1_024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(0);
  }
}
