package io.plimsoll.prover.cli;

import io.plimsoll.nativeprover.KeyCache;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code demo}. */
@Command(
    name = "demo",
    description =
        "The whole story: a private options book is proven solvent, verified and gated; attacks are"
            + " refused; the market falls, and the liquidation is claimed.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--key-cache",
      paramLabel = "DIR",
      description = "where development keys are kept; by default the key cache")
  private java.nio.file.Path keyCache;

  @Option(
      names = "--store",
      paramLabel = "URL",
      description =
          "jdbc:h2:file:PATH of a new store for the venue, to be kept; else one that goes with the"
              + " demonstration")
  private String store;

  @Override
  public Integer call() throws Exception {
    try (Demonstration demonstration =
        Demonstration.prepare(
            keyCache == null ? KeyCache.standard() : KeyCache.at(keyCache),
            store == null ? "jdbc:h2:mem:demo" : store,
            new StoryPrinter(spec.commandLine().getOut()),
            SetupCommand.progress(spec.commandLine().getErr()))) {
      demonstration.tell();
    }
    return PlimsollCommand.ACCEPTED;
  }
}
