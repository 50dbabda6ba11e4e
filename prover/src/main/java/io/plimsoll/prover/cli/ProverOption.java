package io.plimsoll.prover.cli;

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

  Kind kind() {
    return kind;
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
