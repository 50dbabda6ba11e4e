package io.plimsoll.prover.cli;

import io.plimsoll.circuits.ChoiceTensor;
import io.plimsoll.circuits.Constraint;
import io.plimsoll.circuits.HoldingVector;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModelFamily;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Output;
import io.plimsoll.circuits.RoundTensor;
import io.plimsoll.circuits.Shape;
import io.plimsoll.nativeprover.CircuitStatistics;
import io.plimsoll.nativeprover.CompiledModel;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model list} and {@code model show}. */
@Command(
    name = "model",
    description = "Margin models: what they take, state and cost.",
    mixinStandardHelpOptions = true,
    subcommands = {ModelCommand.ListModels.class, ModelCommand.Show.class})
final class ModelCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "'list' or 'show' is missing");
  }

  @Command(
      name = "list",
      description = "Lists the model families and their shape parameters.",
      mixinStandardHelpOptions = true)
  static final class ListModels implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      for (MarginModelFamily family : MarginModels.all()) {
        out.println(family.name() + ": " + family.description());
        for (MarginModelFamily.Parameter parameter : family.parameters()) {
          out.printf(
              "  %-16s %-44s default %d, %d to %d%n",
              parameter.name(),
              parameter.description(),
              parameter.defaultValue(),
              parameter.min(),
              parameter.max());
        }
      }
      return PlimsollCommand.ACCEPTED;
    }
  }

  @Command(
      name = "show",
      description = "Shows a model's inputs with scales and bounds, its outputs and its cost.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "model family")
    private String name;

    @Option(names = "--shape", defaultValue = "", paramLabel = "K=V,...", description = "shape")
    private String shape;

    @Override
    public Integer call() throws InvalidFormatException, ProvingException {
      MarginModel model = MarginModels.byName(name).build(Shape.parse(shape));
      PrintWriter out = spec.commandLine().getOut();
      out.println("model          " + model.name());
      out.println("shape          " + model.shape());
      out.println("digest         " + model.digest());
      out.println("attesters      up to " + model.maxAttesters() + " for one account");
      out.println();
      out.println("holdings (private; one attester's interval)");
      for (HoldingVector vector : model.holdings()) {
        out.printf(
            "  %-20s %-24s %2d decimals  %s to %s%s%n",
            vector.name(),
            vector.axis().isEmpty() ? "one" : vector.axis() + "[" + vector.length() + "]",
            vector.scale(),
            decimal(vector.min(), vector.scale()),
            decimal(vector.max(), vector.scale()),
            vector.isMagnitude() ? "  = |" + vector.magnitudeOf() + "|, derived" : "");
      }
      out.println("round (public)");
      for (RoundTensor tensor : model.round()) {
        out.printf(
            "  %-20s %-24s %2d decimals  %s to %s%n",
            tensor.name(),
            tensor.dimensions().isEmpty()
                ? "one"
                : tensor.dimensions().stream()
                    .map(d -> d.axis() + "[" + d.length() + "]")
                    .collect(Collectors.joining(" x ")),
            tensor.scale(),
            decimal(tensor.min(), tensor.scale()),
            decimal(tensor.max(), tensor.scale()));
      }
      if (!model.choices().isEmpty()) {
        out.println("choices (private; the owner picks, the constraints hold)");
      }
      for (ChoiceTensor choice : model.choices()) {
        out.printf(
            "  %-20s %-24s %2d decimals  0 to %s%n",
            choice.name(),
            choice.size() == 1 ? "one" : choice.size() + " values",
            choice.scale(),
            decimal(choice.max(), choice.scale()));
        out.println("    every feasible choice is a valid bound: " + choice.because());
      }
      if (!model.constraints().isEmpty()) {
        out.println("constraints on the choices");
      }
      for (Constraint constraint : model.constraints()) {
        out.println(
            "  "
                + constraint.name()
                + (constraint.relation() == Constraint.Relation.ZERO ? " = 0" : " >= 0"));
      }
      out.println("outputs");
      for (Output output : model.outputs()) {
        out.printf("  %-20s %2d decimals%n", output.name(), output.scale());
      }
      out.println("asserted to be at least zero");
      model.assertions().forEach(assertion -> out.println("  " + assertion.name()));
      out.println();
      try (CompiledModel compiled = CompiledModel.compile(model.toByteArray())) {
        CircuitStatistics statistics = compiled.statistics();
        out.println("constraints    " + statistics.constraints());
        out.println("FFT size       " + statistics.fftSize());
        out.println("wires          " + statistics.wires());
        out.println("public inputs  " + statistics.publicInputs());
        out.println("kernel         dimension " + statistics.kernelDimension());
        decompositions(out, model, statistics);
      }
      return PlimsollCommand.ACCEPTED;
    }

    private record Width(String purpose, int bits) {}

    /** Where the constraints go: bits first, by what they serve, then all other rows. */
    private static void decompositions(
        PrintWriter out, MarginModel model, CircuitStatistics statistics) {
      List<String> purposes = model.purposes();
      Map<Width, int[]> groups = new LinkedHashMap<>();
      int rest = statistics.constraints();
      for (CircuitStatistics.Decomposition one : statistics.decompositions()) {
        Width width = new Width(purposes.get(one.node()), one.bits());
        int[] countAndRows = groups.computeIfAbsent(width, ignored -> new int[2]);
        countAndRows[0]++;
        countAndRows[1] += one.rows();
        rest -= one.rows();
      }
      out.println("where the constraints go");
      groups.forEach(
          (width, countAndRows) ->
              out.printf(
                  "  %-24s %4d x %3d bits  %7d rows%n",
                  width.purpose(), countAndRows[0], width.bits(), countAndRows[1]));
      out.printf("  %-40s %7d rows%n", "products, wires, unused inputs", rest);
    }

    private static String decimal(long value, int scale) {
      return BigDecimal.valueOf(value, scale).stripTrailingZeros().toPlainString();
    }
  }
}
