package io.plimsoll.prover.cli;

import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Entry point of the command line. */
@Command(
    name = "plimsoll",
    mixinStandardHelpOptions = true,
    version = "plimsoll 0.1.0",
    description = "Private margin proofs: prove, verify and gate without showing the portfolio.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:accepted, or done",
      "1:a fault of this program",
      "2:bad input, named on the standard error output",
      "3:not solvent, or rejected"
    },
    subcommands = {
      DemoCommand.class,
      ModelCommand.class,
      SuiteCommand.class,
      SetupCommand.class,
      CeremonyCommand.class,
      IdentityCommand.class,
      RoundCommand.class,
      AssessCommand.class,
      AttestCommand.class,
      AttesterCommand.class,
      AccountCommand.class,
      ProveCommand.class,
      VerifyCommand.class,
      ServeCommand.class,
      VenueCommand.class,
      GateCommand.class,
      AuditCommand.class
    })
public final class PlimsollCommand implements Callable<Integer> {
  static final int ACCEPTED = 0;
  static final int FAULT = 1;
  static final int BAD_INPUT = 2;
  static final int REJECTED = 3;

  /**
   * Held here because the log manager holds loggers weakly: strangers' broken connections are not
   * worth a trace.
   */
  private static final List<Logger> QUIET =
      List.of(
          Logger.getLogger("io.grpc.netty"),
          Logger.getLogger("org.flywaydb"),
          Logger.getLogger("com.zaxxer.hikari"));

  @Spec private CommandLine.Model.CommandSpec spec;

  /** Runs one command and exits with its code. */
  public static void main(String[] arguments) {
    QUIET.forEach(logger -> logger.setLevel(Level.WARNING));
    int code;
    try {
      code = commandLine().execute(arguments);
    } catch (OutOfMemoryError | StackOverflowError e) {
      System.err.println(
          "plimsoll: the input takes more memory than there is; PLIMSOLL_JAVA_OPTS=-Xmx... gives"
              + " more");
      code = FAULT;
    }
    System.exit(code);
  }

  /** The command line with its error handling, for {@link #main} and for tests. */
  static CommandLine commandLine() {
    return new CommandLine(new PlimsollCommand())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(PlimsollCommand::badParameter)
        .setExecutionExceptionHandler(PlimsollCommand::failed);
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  private static int badParameter(ParameterException e, String[] arguments) {
    PrintWriter err = e.getCommandLine().getErr();
    err.println("plimsoll: " + e.getMessage());
    err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
    return BAD_INPUT;
  }

  private static int failed(Exception e, CommandLine commandLine, CommandLine.ParseResult result) {
    PrintWriter err = commandLine.getErr();
    Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
    if (cause instanceof InvalidFormatException) {
      err.println("plimsoll: " + cause.getMessage());
      return BAD_INPUT;
    }
    if (cause instanceof FileSystemException file) {
      err.println("plimsoll: file " + file.getFile() + " " + trouble(file));
      return BAD_INPUT;
    }
    if (cause instanceof ProvingException refusal
        && refusal.kind() != ProvingException.Kind.INTERNAL) {
      err.println("plimsoll: " + refusal.getMessage());
      return BAD_INPUT;
    }
    if (cause instanceof IOException) {
      // For example "Is a directory": the system says which trouble, and rarely with which file.
      err.println("plimsoll: cannot read or write: " + cause.getMessage());
      return BAD_INPUT;
    }
    err.println("plimsoll: internal fault: " + cause);
    if (System.getenv("PLIMSOLL_DEBUG") != null) {
      cause.printStackTrace(err);
    }
    return FAULT;
  }

  private static String trouble(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "does not exist";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "exists already and is not replaced";
    }
    if (e instanceof AccessDeniedException) {
      return "may not be read or written";
    }
    return "cannot be used: " + e.getReason();
  }
}
