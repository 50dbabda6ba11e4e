package io.plimsoll.prover.cli;

import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.InvalidFormatException;
import picocli.CommandLine.Option;

/** Which margin model a command is about. */
final class ModelOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "NAME",
      description = "model family; 'plimsoll model list' shows them")
  private String name;

  @Option(
      names = "--shape",
      defaultValue = "",
      paramLabel = "K=V,...",
      description = "shape, for example instruments=64,scenarios=16; the rest is default")
  private String shape;

  MarginModel build() throws InvalidFormatException {
    return MarginModels.byName(name).build(Shape.parse(shape));
  }
}
