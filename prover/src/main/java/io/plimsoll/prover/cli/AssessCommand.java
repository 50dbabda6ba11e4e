package io.plimsoll.prover.cli;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.plimsoll.circuits.Holdings;
import io.plimsoll.circuits.MarginAssessment;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.circuits.ProtoConversions;
import io.plimsoll.circuits.RoundCoefficients;
import io.plimsoll.proto.v1.Portfolio;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Threshold;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code assess}. */
@Command(
    name = "assess",
    description = "Evaluates the margin rule exactly on a portfolio. Nothing is proven.",
    mixinStandardHelpOptions = true)
final class AssessCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;

  @Option(names = "--round", required = true, paramLabel = "FILE", description = "risk round")
  private Path round;

  @Option(names = "--portfolio", required = true, paramLabel = "FILE", description = "holdings")
  private Path portfolio;

  @Option(names = "--threshold", defaultValue = "1/1", paramLabel = "N/D", description = "ratio")
  private String threshold;

  @Option(names = "--json", description = "print JSON, amounts as exact decimal strings")
  private boolean json;

  @Override
  public Integer call() throws InvalidFormatException, IOException {
    MarginModel built = model.build();
    Threshold ratio = Threshold.parse(threshold);
    RiskRound message = MessageFiles.read("round", round, RiskRound.getDefaultInstance());
    RoundCoefficients coefficients = ProtoConversions.coefficients(built, message);
    PortfolioReader reader =
        new PortfolioReader(built, ProtoConversions.listing(built, message.getListing()));
    MarginAssessment assessment;
    try (Holdings holdings =
        ProtoConversions.holdings(
            reader, MessageFiles.read("portfolio", portfolio, Portfolio.getDefaultInstance()))) {
      assessment = built.assess(coefficients, holdings, ratio.numerator(), ratio.denominator());
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      JsonObject object = new JsonObject();
      object.addProperty("model", built.name());
      JsonObject shape = new JsonObject();
      built.shape().toMap().forEach(shape::addProperty);
      object.add("shape", shape);
      object.addProperty("threshold", ratio.toString());
      object.addProperty("solvent", assessment.solvent());
      JsonObject outputs = new JsonObject();
      assessment.outputs().forEach((name, value) -> outputs.addProperty(name, plain(value)));
      object.add("outputs", outputs);
      out.println(
          new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(object));
    } else {
      assessment.outputs().forEach((name, value) -> out.printf("%-20s %30s%n", name, plain(value)));
      out.printf("%-20s %30s%n", "threshold", ratio);
      out.printf("%-20s %30s%n", "solvent", assessment.solvent() ? "yes" : "no");
    }
    return assessment.solvent() ? PlimsollCommand.ACCEPTED : PlimsollCommand.REJECTED;
  }

  /** An exact decimal without an exponent and without trailing zeros. */
  static String plain(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    return stripped.signum() == 0 ? "0" : stripped.toPlainString();
  }
}
