package io.plimsoll.prover.cli;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.nativeprover.DevelopmentSetup;
import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.SetupStage;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code setup}. */
@Command(
    name = "setup",
    description =
        "Makes development keys for a model: whoever ran the setup could forge proofs, so verifiers"
            + " refuse them unless told to allow the circuit by its id.",
    mixinStandardHelpOptions = true)
final class SetupCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "where to make the key directory; by default the key cache, once for each model")
  private Path out;

  @Override
  public Integer call() throws InvalidFormatException, ProvingException {
    MarginModel built = model.build();
    Consumer<SetupStage> progress = progress(spec.commandLine().getErr());
    Digest circuitId;
    Path directory;
    if (out == null) {
      KeyCache cache = KeyCache.standard();
      circuitId = cache.developmentKeys(built.toByteArray(), progress);
      directory = cache.directory(circuitId);
    } else {
      circuitId = DevelopmentSetup.run(built.toByteArray(), out, progress);
      directory = out.resolve(circuitId.toString());
    }
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.println("circuit id  " + circuitId);
    stdout.println("keys        " + directory);
    stdout.println("setup       development");
    return PlimsollCommand.ACCEPTED;
  }

  /** Prints each stage as it begins. */
  static Consumer<SetupStage> progress(PrintWriter err) {
    return stage -> {
      err.println("setup: " + stage.name().toLowerCase(Locale.ROOT));
      err.flush();
    };
  }
}
