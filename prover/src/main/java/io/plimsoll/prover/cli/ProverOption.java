package io.plimsoll.prover.cli;

import io.plimsoll.nativeprover.DevelopmentKeys;
import io.plimsoll.nativeprover.GnarkProver;
import io.plimsoll.nativeprover.IsolatedProver;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.SolvencyProver;
import io.plimsoll.nativeprover.StockGnarkProver;
import io.plimsoll.verifier.Digest;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which native prover makes the proofs. */
final class ProverOption {
  /** The provers there are. */
  enum Kind {
    TUNED,
    STOCK
  }

  @Option(
      names = "--prover",
      defaultValue = "tuned",
      paramLabel = "NAME",
      converter = KindConverter.class,
      description = "tuned, or stock: gnark's own prover, slower; default ${DEFAULT-VALUE}")
  private Kind kind;

  @Option(
      names = "--isolate",
      description =
          "runs the native prover in a process of its own: a defect there fails the proofs in"
              + " flight and not this process")
  private boolean isolate;

  /** Opens a key directory with the chosen prover. */
  SolvencyProver open(Path keys, Digest circuitId, DevelopmentKeys developmentKeys)
      throws ProvingException {
    return switch (kind) {
      case TUNED ->
          isolate
              ? IsolatedProver.tuned(keys, circuitId, developmentKeys)
              : GnarkProver.open(keys, circuitId, developmentKeys);
      case STOCK ->
          isolate
              ? IsolatedProver.stock(keys, circuitId, developmentKeys)
              : StockGnarkProver.open(keys, circuitId, developmentKeys);
    };
  }

  static final class KindConverter implements ITypeConverter<Kind> {
    @Override
    public Kind convert(String name) {
      for (Kind kind : Kind.values()) {
        if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
          return kind;
        }
      }
      throw new TypeConversionException("'" + name + "' is neither tuned nor stock");
    }
  }
}
