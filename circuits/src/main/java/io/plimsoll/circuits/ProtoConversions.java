package io.plimsoll.circuits;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import io.plimsoll.proto.v1.Coefficients;
import io.plimsoll.proto.v1.Dimension;
import io.plimsoll.proto.v1.Holding;
import io.plimsoll.proto.v1.LinearSum;
import io.plimsoll.proto.v1.ListingAxis;
import io.plimsoll.proto.v1.NamedAmount;
import io.plimsoll.proto.v1.Portfolio;
import io.plimsoll.proto.v1.Relation;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.proto.v1.RoundDown;
import io.plimsoll.proto.v1.ShapeParameter;
import io.plimsoll.proto.v1.Term;
import io.plimsoll.proto.v1.ThresholdPart;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Between the messages of {@code plimsoll.v1} and this package's types. Nothing else here sees
 * protobuf. All methods are pure.
 */
public final class ProtoConversions {
  private static final int MAX_INTEGER_BYTES = 32;

  private ProtoConversions() {}

  static MarginModel readModel(byte[] bytes) throws InvalidFormatException {
    if (bytes.length > MarginModel.MAX_BYTES) {
      throw new InvalidFormatException(
          "margin model: " + bytes.length + " bytes, more than " + MarginModel.MAX_BYTES);
    }
    io.plimsoll.proto.v1.MarginModel proto;
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      proto = io.plimsoll.proto.v1.MarginModel.parseFrom(in);
    } catch (IOException e) {
      throw new InvalidFormatException("margin model: not a protobuf message: " + e.getMessage());
    }
    MarginModel model;
    try {
      model = fromProto(proto);
    } catch (InvalidModelException e) {
      throw new InvalidFormatException("margin model: " + e.getMessage());
    }
    // Unknown fields, fields out of order, defaults written out, long varints: all end here.
    if (!Arrays.equals(bytes, model.toByteArray())) {
      throw new InvalidFormatException(
          "margin model: unknown fields, or not the canonical form of its message");
    }
    return model;
  }

  private static MarginModel fromProto(io.plimsoll.proto.v1.MarginModel proto)
      throws InvalidFormatException {
    ModelInputs inputs = new ModelInputs(proto.getMaxAttesters());
    for (io.plimsoll.proto.v1.HoldingVector vector : proto.getHoldingsList()) {
      inputs.add(
          new HoldingVector(
              vector.getName(),
              vector.getAxis(),
              vector.getLength(),
              vector.getScale(),
              vector.getMin(),
              vector.getMax(),
              vector.getMagnitudeOf()));
    }
    for (io.plimsoll.proto.v1.RoundTensor tensor : proto.getRoundList()) {
      inputs.add(
          new RoundTensor(
              tensor.getName(),
              dimensions(tensor.getDimensionsList()),
              tensor.getScale(),
              tensor.getMin(),
              tensor.getMax()));
    }
    List<Node> nodes = new ArrayList<>(proto.getNodesCount());
    for (io.plimsoll.proto.v1.Node node : proto.getNodesList()) {
      nodes.add(fromProto(nodes.size(), node));
    }
    List<Assertion> assertions = new ArrayList<>();
    for (io.plimsoll.proto.v1.Assertion assertion : proto.getAssertionsList()) {
      assertions.add(new Assertion(assertion.getName(), assertion.getNode()));
    }
    List<Output> outputs = new ArrayList<>();
    for (io.plimsoll.proto.v1.Output output : proto.getOutputsList()) {
      outputs.add(new Output(output.getName(), output.getNode(), output.getScale()));
    }
    for (io.plimsoll.proto.v1.ChoiceTensor choice : proto.getChoicesList()) {
      inputs.add(
          new ChoiceTensor(
              choice.getName(),
              dimensions(choice.getDimensionsList()),
              choice.getScale(),
              choice.getMax(),
              choice.getBecause()));
    }
    List<Constraint> constraints = new ArrayList<>();
    for (io.plimsoll.proto.v1.Constraint constraint : proto.getConstraintsList()) {
      constraints.add(
          new Constraint(
              constraint.getName(),
              constraint.getNode(),
              switch (constraint.getRelation()) {
                case RELATION_NON_NEGATIVE -> Constraint.Relation.NON_NEGATIVE;
                case RELATION_ZERO -> Constraint.Relation.ZERO;
                case RELATION_UNSPECIFIED, UNRECOGNIZED ->
                    throw new InvalidFormatException(
                        "margin model: constraint '"
                            + Decimals.printable(constraint.getName())
                            + "': relation is "
                            + constraint.getRelationValue()
                            + ", not 1 or 2");
              }));
    }
    return new MarginModel(
        proto.getName(),
        shape(proto.getShapeList()),
        inputs,
        nodes,
        assertions,
        outputs,
        constraints);
  }

  private static List<RoundTensor.Dimension> dimensions(List<Dimension> proto) {
    return proto.stream()
        .map(dimension -> new RoundTensor.Dimension(dimension.getAxis(), dimension.getLength()))
        .toList();
  }

  private static List<Dimension> toProto(List<RoundTensor.Dimension> dimensions) {
    return dimensions.stream()
        .map(
            dimension ->
                Dimension.newBuilder()
                    .setAxis(dimension.axis())
                    .setLength(dimension.length())
                    .build())
        .toList();
  }

  /**
   * The shape of a list of parameters.
   *
   * @throws InvalidFormatException if a value is above 2^31 - 1 or a name occurs twice
   */
  public static Shape shape(List<ShapeParameter> parameters) throws InvalidFormatException {
    Map<String, Integer> values = new LinkedHashMap<>();
    for (ShapeParameter parameter : parameters) {
      if (parameter.getValue() < 0) {
        throw new InvalidFormatException(
            "shape: "
                + parameter.getName()
                + " is "
                + Integer.toUnsignedString(parameter.getValue())
                + ", more than 2147483647");
      }
      if (values.put(parameter.getName(), parameter.getValue()) != null) {
        throw new InvalidFormatException("shape: '" + parameter.getName() + "' occurs twice");
      }
    }
    return Shape.of(values);
  }

  private static Node fromProto(int index, io.plimsoll.proto.v1.Node node)
      throws InvalidFormatException {
    return switch (node.getKindCase()) {
      case CONSTANT -> new Node.Constant(integer(index, node.getConstant()));
      case HOLDING -> new Node.Holding(node.getHolding());
      case COEFFICIENT -> new Node.Coefficient(node.getCoefficient());
      case THRESHOLD ->
          new Node.Threshold(
              switch (node.getThreshold()) {
                case THRESHOLD_PART_NUMERATOR -> Node.Threshold.Part.NUMERATOR;
                case THRESHOLD_PART_DENOMINATOR -> Node.Threshold.Part.DENOMINATOR;
                case THRESHOLD_PART_UNSPECIFIED, UNRECOGNIZED ->
                    throw new InvalidFormatException(
                        "margin model: node "
                            + index
                            + ": threshold part is "
                            + node.getThresholdValue()
                            + ", not 1 or 2");
              });
      case SUM -> {
        List<Node.Term> terms = new ArrayList<>(node.getSum().getTermsCount());
        for (Term term : node.getSum().getTermsList()) {
          terms.add(new Node.Term(term.getNode(), integer(index, term.getCoefficient())));
        }
        yield new Node.Sum(terms, integer(index, node.getSum().getConstant()));
      }
      case PRODUCT -> new Node.Product(node.getProduct().getLeft(), node.getProduct().getRight());
      case SIGN -> new Node.Sign(node.getSign());
      case MAGNITUDE -> new Node.Magnitude(node.getMagnitude());
      case NON_ZERO -> new Node.NonZero(node.getNonZero());
      case MAXIMUM -> new Node.Maximum(node.getMaximum().getLeft(), node.getMaximum().getRight());
      case ROUND_DOWN ->
          new Node.RoundDown(
              node.getRoundDown().getNode(), integer(index, node.getRoundDown().getDivisor()));
      case CHOICE -> new Node.Choice(node.getChoice());
      case KIND_NOT_SET ->
          throw new InvalidFormatException(
              "margin model: node " + index + " has no kind that is known here");
    };
  }

  private static BigInteger integer(int node, ByteString bytes) throws InvalidFormatException {
    if (bytes.isEmpty() || bytes.size() > MAX_INTEGER_BYTES) {
      throw new InvalidFormatException(
          "margin model: node "
              + node
              + ": an integer has "
              + bytes.size()
              + " bytes, not 1 to "
              + MAX_INTEGER_BYTES);
    }
    return new BigInteger(bytes.toByteArray());
  }

  private static ByteString bytes(BigInteger value) {
    return ByteString.copyFrom(value.toByteArray());
  }

  /** The one form of a model; without maps or unknown fields, protobuf's writer has one output. */
  static byte[] toBytes(MarginModel model) {
    return toProto(model).toByteArray();
  }

  private static io.plimsoll.proto.v1.MarginModel toProto(MarginModel model) {
    io.plimsoll.proto.v1.MarginModel.Builder proto =
        io.plimsoll.proto.v1.MarginModel.newBuilder()
            .setName(model.name())
            .setMaxAttesters(model.maxAttesters())
            .addAllShape(toProto(model.shape()));
    for (HoldingVector vector : model.holdings()) {
      proto.addHoldings(
          io.plimsoll.proto.v1.HoldingVector.newBuilder()
              .setName(vector.name())
              .setAxis(vector.axis())
              .setLength(vector.length())
              .setScale(vector.scale())
              .setMin(vector.min())
              .setMax(vector.max())
              .setMagnitudeOf(vector.magnitudeOf()));
    }
    for (RoundTensor tensor : model.round()) {
      io.plimsoll.proto.v1.RoundTensor.Builder builder =
          io.plimsoll.proto.v1.RoundTensor.newBuilder()
              .setName(tensor.name())
              .setScale(tensor.scale())
              .setMin(tensor.min())
              .setMax(tensor.max());
      proto.addRound(builder.addAllDimensions(toProto(tensor.dimensions())));
    }
    for (Node node : model.nodes()) {
      proto.addNodes(toProto(node));
    }
    for (Assertion assertion : model.assertions()) {
      proto.addAssertions(
          io.plimsoll.proto.v1.Assertion.newBuilder()
              .setName(assertion.name())
              .setNode(assertion.node()));
    }
    for (Output output : model.outputs()) {
      proto.addOutputs(
          io.plimsoll.proto.v1.Output.newBuilder()
              .setName(output.name())
              .setNode(output.node())
              .setScale(output.scale()));
    }
    for (ChoiceTensor choice : model.choices()) {
      proto.addChoices(
          io.plimsoll.proto.v1.ChoiceTensor.newBuilder()
              .setName(choice.name())
              .addAllDimensions(toProto(choice.dimensions()))
              .setScale(choice.scale())
              .setMax(choice.max())
              .setBecause(choice.because()));
    }
    for (Constraint constraint : model.constraints()) {
      proto.addConstraints(
          io.plimsoll.proto.v1.Constraint.newBuilder()
              .setName(constraint.name())
              .setNode(constraint.node())
              .setRelation(
                  switch (constraint.relation()) {
                    case NON_NEGATIVE -> Relation.RELATION_NON_NEGATIVE;
                    case ZERO -> Relation.RELATION_ZERO;
                  }));
    }
    return proto.build();
  }

  /** The parameters of a shape, in its order. */
  public static List<ShapeParameter> toProto(Shape shape) {
    List<ShapeParameter> parameters = new ArrayList<>();
    shape
        .toMap()
        .forEach(
            (name, value) ->
                parameters.add(ShapeParameter.newBuilder().setName(name).setValue(value).build()));
    return parameters;
  }

  private static io.plimsoll.proto.v1.Node toProto(Node node) {
    io.plimsoll.proto.v1.Node.Builder proto = io.plimsoll.proto.v1.Node.newBuilder();
    if (node instanceof Node.Constant constant) {
      proto.setConstant(bytes(constant.value()));
    } else if (node instanceof Node.Holding holding) {
      proto.setHolding(holding.index());
    } else if (node instanceof Node.Coefficient coefficient) {
      proto.setCoefficient(coefficient.index());
    } else if (node instanceof Node.Threshold threshold) {
      proto.setThreshold(
          threshold.part() == Node.Threshold.Part.NUMERATOR
              ? ThresholdPart.THRESHOLD_PART_NUMERATOR
              : ThresholdPart.THRESHOLD_PART_DENOMINATOR);
    } else if (node instanceof Node.Sum sum) {
      LinearSum.Builder builder = LinearSum.newBuilder().setConstant(bytes(sum.constant()));
      for (Node.Term term : sum.terms()) {
        builder.addTerms(
            Term.newBuilder().setNode(term.node()).setCoefficient(bytes(term.coefficient())));
      }
      proto.setSum(builder);
    } else if (node instanceof Node.Product product) {
      proto.setProduct(
          io.plimsoll.proto.v1.Product.newBuilder()
              .setLeft(product.left())
              .setRight(product.right()));
    } else if (node instanceof Node.Sign sign) {
      proto.setSign(sign.of());
    } else if (node instanceof Node.Magnitude magnitude) {
      proto.setMagnitude(magnitude.of());
    } else if (node instanceof Node.NonZero nonZero) {
      proto.setNonZero(nonZero.of());
    } else if (node instanceof Node.Maximum maximum) {
      proto.setMaximum(
          io.plimsoll.proto.v1.Maximum.newBuilder()
              .setLeft(maximum.left())
              .setRight(maximum.right()));
    } else if (node instanceof Node.Choice choice) {
      proto.setChoice(choice.index());
    } else if (node instanceof Node.RoundDown quotient) {
      proto.setRoundDown(
          RoundDown.newBuilder().setNode(quotient.of()).setDivisor(bytes(quotient.divisor())));
    } else {
      throw new AssertionError(node);
    }
    return proto.build();
  }

  /**
   * The listing of a message, for a model.
   *
   * @throws InvalidFormatException if an axis occurs twice, and as {@link Listing#of}
   */
  public static Listing listing(MarginModel model, io.plimsoll.proto.v1.Listing proto)
      throws InvalidFormatException {
    Map<String, List<String>> axes = new LinkedHashMap<>();
    for (ListingAxis axis : proto.getAxesList()) {
      if (axes.put(axis.getName(), List.copyOf(axis.getLabelsList())) != null) {
        throw new InvalidFormatException(
            "listing: axis '" + Decimals.printable(axis.getName()) + "' occurs twice");
      }
    }
    return Listing.of(model, axes);
  }

  /** The message of a listing. */
  public static io.plimsoll.proto.v1.Listing toProto(Listing listing) {
    io.plimsoll.proto.v1.Listing.Builder proto = io.plimsoll.proto.v1.Listing.newBuilder();
    for (String axis : listing.axes()) {
      proto.addAxes(ListingAxis.newBuilder().setName(axis).addAllLabels(listing.labels(axis)));
    }
    return proto.build();
  }

  /**
   * The coefficients of a round, for a model.
   *
   * @throws InvalidFormatException if the round names another model or shape, a tensor occurs
   *     twice, and as {@link RoundCoefficients#parse}
   */
  public static RoundCoefficients coefficients(MarginModel model, RiskRound round)
      throws InvalidFormatException {
    if (!round.getModel().equals(model.name())) {
      throw new InvalidFormatException(
          "round: made for model '"
              + Decimals.printable(round.getModel())
              + "', not '"
              + model.name()
              + "'");
    }
    Shape shape = shape(round.getShapeList());
    if (!shape.equals(model.shape())) {
      throw new InvalidFormatException(
          "round: made for shape "
              + Decimals.printable(shape.toString())
              + ", not "
              + model.shape());
    }
    Map<String, List<String>> tensors = new LinkedHashMap<>();
    for (Coefficients coefficients : round.getCoefficientsList()) {
      if (tensors.put(coefficients.getTensor(), coefficients.getValuesList()) != null) {
        throw new InvalidFormatException(
            "round: tensor '" + Decimals.printable(coefficients.getTensor()) + "' occurs twice");
      }
    }
    return RoundCoefficients.parse(model, tensors);
  }

  /** The coefficients' part of a {@code RiskRound}, as the shortest exact decimals. */
  public static List<Coefficients> toProto(RoundCoefficients round) {
    List<Coefficients> coefficients = new ArrayList<>();
    round
        .toDecimals()
        .forEach(
            (tensor, values) ->
                coefficients.add(
                    Coefficients.newBuilder().setTensor(tensor).addAllValues(values).build()));
    return coefficients;
  }

  /**
   * Reads a portfolio.
   *
   * @throws InvalidFormatException as {@link PortfolioReader#read}
   */
  public static Holdings holdings(PortfolioReader reader, Portfolio portfolio)
      throws InvalidFormatException {
    List<PortfolioReader.Line> lines = new ArrayList<>();
    for (Holding holding : portfolio.getHoldingsList()) {
      lines.add(
          new PortfolioReader.Line(holding.getVector(), holding.getLabel(), holding.getQuantity()));
    }
    return reader.read(lines);
  }

  /** The portfolio message of holdings; see {@link PortfolioReader#write}. */
  public static Portfolio toProto(PortfolioReader reader, Holdings holdings) {
    Portfolio.Builder portfolio = Portfolio.newBuilder();
    for (PortfolioReader.Line line : reader.write(holdings)) {
      portfolio.addHoldings(
          Holding.newBuilder()
              .setVector(line.vector())
              .setLabel(line.label())
              .setQuantity(line.quantity()));
    }
    return portfolio.build();
  }

  /** The named outputs of an assessment, as exact decimals. */
  public static List<NamedAmount> toProto(MarginAssessment assessment) {
    List<NamedAmount> amounts = new ArrayList<>();
    assessment
        .outputs()
        .forEach(
            (name, amount) ->
                amounts.add(
                    NamedAmount.newBuilder()
                        .setName(name)
                        .setAmount(Decimals.format(amount))
                        .build()));
    return amounts;
  }
}
