package io.plimsoll.prover.cli;

import io.plimsoll.nativeprover.KeyCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code demo}. */
@Command(
    name = "demo",
    description =
        "The whole story: a private options book is proven solvent, verified and gated; attacks are"
            + " refused; the market falls, and the liquidation is claimed; collateral moves from"
            + " one custodian to another; an auditor goes through all of it.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--key-cache",
      paramLabel = "DIR",
      description = "where development keys are kept; by default the key cache")
  private Path keyCache;

  @Option(
      names = "--store",
      paramLabel = "URL",
      description =
          "jdbc:h2:file:PATH of a new store for the venue, to be kept; else one that goes with the"
              + " demonstration")
  private String store;

  /** Held here: a logger that nobody holds forgets its level. */
  private static final Logger PROVER_LOG = Logger.getLogger("io.plimsoll.prover");

  @Override
  public Integer call() throws Exception {
    // The story is told by its own printer; what the prover logs in passing is no part of it.
    Level before = PROVER_LOG.getLevel();
    PROVER_LOG.setLevel(Level.WARNING);
    Path directory = Files.createTempDirectory("plimsoll-demo");
    try (Demonstration demonstration =
        Demonstration.prepare(
            keyCache == null ? KeyCache.standard() : KeyCache.at(keyCache),
            store == null ? "jdbc:h2:file:" + directory.resolve("venue") : store,
            directory,
            new StoryPrinter(spec.commandLine().getOut()),
            SetupCommand.progress(spec.commandLine().getErr()))) {
      demonstration.tell();
    } finally {
      PROVER_LOG.setLevel(before);
      delete(directory);
    }
    return PlimsollCommand.ACCEPTED;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> entries = Files.walk(directory)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    }
  }
}
