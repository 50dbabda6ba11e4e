package io.plimsoll.nativeprover;

import com.google.protobuf.ByteString;
import io.plimsoll.proto.v1.Assertion;
import io.plimsoll.proto.v1.Dimension;
import io.plimsoll.proto.v1.HoldingVector;
import io.plimsoll.proto.v1.LinearSum;
import io.plimsoll.proto.v1.MarginModel;
import io.plimsoll.proto.v1.Node;
import io.plimsoll.proto.v1.Output;
import io.plimsoll.proto.v1.Product;
import io.plimsoll.proto.v1.RoundTensor;
import io.plimsoll.proto.v1.Term;
import io.plimsoll.proto.v1.ThresholdPart;
import java.util.Arrays;

/**
 * A small margin model: two positions and cash; marks and rates. Equity = cash + sum of position x
 * mark, requirement = sum of |position| x rate; asserts D x equity - N x requirement >= 0.
 */
public final class TestModel {
  public static final int ATTESTERS = 4;
  public static final long MAX_POSITION = 1_000;
  public static final long MAX_CASH = 1_000_000;
  public static final long MAX_COEFFICIENT = 1_000;
  public static final int NODES = 20;
  public static final int EQUITY = 11;
  public static final int REQUIREMENT = 16;
  public static final int SURPLUS = 19;

  private TestModel() {}

  public static byte[] bytes() {
    MarginModel.Builder model =
        MarginModel.newBuilder()
            .setName("test")
            .setMaxAttesters(ATTESTERS)
            .addHoldings(holdings("position", 2, MAX_POSITION))
            .addHoldings(holdings("cash", 1, MAX_CASH))
            .addRound(tensor("mark"))
            .addRound(tensor("rate"));
    for (int i = 0; i < 3; i++) {
      model.addNodes(Node.newBuilder().setHolding(i));
    }
    for (int i = 0; i < 4; i++) {
      model.addNodes(Node.newBuilder().setCoefficient(i));
    }
    return model
        .addNodes(Node.newBuilder().setThreshold(ThresholdPart.THRESHOLD_PART_NUMERATOR))
        .addNodes(Node.newBuilder().setThreshold(ThresholdPart.THRESHOLD_PART_DENOMINATOR))
        .addNodes(product(0, 3))
        .addNodes(product(1, 4))
        .addNodes(sum(term(2, 1), term(9, 1), term(10, 1)))
        .addNodes(Node.newBuilder().setMagnitude(0))
        .addNodes(Node.newBuilder().setMagnitude(1))
        .addNodes(product(12, 5))
        .addNodes(product(13, 6))
        .addNodes(sum(term(14, 1), term(15, 1)))
        .addNodes(product(8, EQUITY))
        .addNodes(product(7, REQUIREMENT))
        .addNodes(sum(term(17, 1), term(18, -1)))
        .addAssertions(Assertion.newBuilder().setName("solvent").setNode(SURPLUS))
        .addOutputs(Output.newBuilder().setName("equity").setNode(EQUITY))
        .build()
        .toByteArray();
  }

  /** Equity 500 + 10 x 100 - 20 x 30 = 900 and requirement 10 x 50 + 20 x 20 = 900. */
  public static ProvingInput.Builder atThreshold() {
    byte[] context = new byte[16];
    Arrays.fill(context, (byte) 0xab);
    byte[] blinding = new byte[32];
    blinding[31] = 7;
    return ProvingInput.builder()
        .context(context)
        .threshold(3, 3)
        .coefficients(new long[] {100, 30, 50, 20})
        .holdings(new long[] {10, -20, 500})
        .blinding(blinding);
  }

  private static HoldingVector.Builder holdings(String name, int length, long max) {
    return HoldingVector.newBuilder()
        .setName(name)
        .setAxis(length == 1 ? "" : "instrument")
        .setLength(length)
        .setMin(-max)
        .setMax(max);
  }

  private static RoundTensor.Builder tensor(String name) {
    return RoundTensor.newBuilder()
        .setName(name)
        .addDimensions(Dimension.newBuilder().setAxis("instrument").setLength(2))
        .setMax(MAX_COEFFICIENT);
  }

  private static Node.Builder product(int left, int right) {
    return Node.newBuilder().setProduct(Product.newBuilder().setLeft(left).setRight(right));
  }

  private static Node.Builder sum(Term.Builder... terms) {
    LinearSum.Builder sum = LinearSum.newBuilder().setConstant(integer(0));
    for (Term.Builder term : terms) {
      sum.addTerms(term);
    }
    return Node.newBuilder().setSum(sum);
  }

  private static Term.Builder term(int node, int coefficient) {
    return Term.newBuilder().setNode(node).setCoefficient(integer(coefficient));
  }

  private static ByteString integer(int value) {
    return ByteString.copyFrom(new byte[] {(byte) value});
  }
}
