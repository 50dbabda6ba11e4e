package io.plimsoll.prover.cli;

import io.plimsoll.nativeprover.KeyCache;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.suites.SuiteRunner;
import io.plimsoll.suites.Suites;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code suite}. */
@Command(
    name = "suite",
    description =
        "Computes a venue's published cases with its margin model and prints each figure beside the"
            + " published one. Exit code 0 only if all agree, else 3.",
    mixinStandardHelpOptions = true)
final class SuiteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "NAME", description = "name of a suite")
  private String name;

  @Parameters(index = "1", paramLabel = "PATH", description = "a case file, or a folder of them")
  private Path path;

  @Option(
      names = "--prove",
      paramLabel = "K",
      defaultValue = "0",
      description =
          "also prove K of the accounts, each at the largest threshold that it meets, and show that"
              + " the next one is impossible")
  private int proofs;

  @Option(names = "--json", description = "print one JSON object for each case, then a summary")
  private boolean json;

  @Option(
      names = "--key-cache",
      paramLabel = "DIR",
      description = "where development keys are kept; by default the key cache")
  private Path keyCache;

  @Override
  public Integer call() throws InvalidFormatException, IOException, ProvingException {
    if (proofs < 0) {
      throw new InvalidFormatException("--prove is " + proofs + ", less than 0");
    }
    SuiteRunner runner =
        new SuiteRunner(
            spec.commandLine().getOut(),
            json,
            keyCache == null ? KeyCache.standard() : KeyCache.at(keyCache),
            SetupCommand.progress(spec.commandLine().getErr()));
    return runner.run(Suites.byName(name), path, proofs)
        ? PlimsollCommand.ACCEPTED
        : PlimsollCommand.REJECTED;
  }
}
