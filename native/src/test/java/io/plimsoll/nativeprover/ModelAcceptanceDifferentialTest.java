package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.plimsoll.circuits.RandomModels;
import io.plimsoll.proto.v1.Dimension;
import io.plimsoll.proto.v1.HoldingVector;
import io.plimsoll.proto.v1.MarginModel;
import io.plimsoll.proto.v1.Node;
import io.plimsoll.proto.v1.RoundTensor;
import io.plimsoll.proto.v1.ShapeParameter;
import io.plimsoll.proto.v1.Term;
import io.plimsoll.proto.v1.ThresholdPart;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A model that one implementation refuses the other refuses too (docs/intervals.md): otherwise an
 * owner and a venue could mean different things by one digest.
 */
class ModelAcceptanceDifferentialTest {
  private static final int MODELS = 2_000;

  private final Random random = new Random(11);
  private int accepted;

  @Test
  void damagedModelsAreAcceptedByBothOrByNeither() throws InvalidProtocolBufferException {
    RandomModels models = new RandomModels(12);
    for (int i = 0; i < MODELS; i++) {
      MarginModel.Builder model =
          MarginModel.parseFrom(models.next().model().toByteArray()).toBuilder();
      for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
        edit(model);
      }
      compare(model.build().toByteArray());
    }
    assertTrue(accepted > MODELS / 5 && accepted < MODELS * 4 / 5, "accepted: " + accepted);
  }

  @Test
  void damagedBytesAreAcceptedByBothOrByNeither() {
    RandomModels models = new RandomModels(13);
    for (int i = 0; i < MODELS; i++) {
      byte[] bytes = models.next().model().toByteArray();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      compare(bytes);
    }
    assertTrue(accepted > 0, "accepted: " + accepted);
  }

  private void compare(byte[] bytes) {
    String java = "accepted";
    try {
      io.plimsoll.circuits.MarginModel.read(bytes);
      accepted++;
    } catch (InvalidFormatException e) {
      java = e.getMessage();
    }
    String go = "accepted";
    try (CompiledModel compiled = CompiledModel.compile(bytes)) {
      assertTrue(compiled.statistics().constraints() > 0);
    } catch (ProvingException e) {
      assertEquals(ProvingException.Kind.INVALID_ARGUMENT, e.kind(), e.getMessage());
      go = e.getMessage();
    }
    assertEquals(java.equals("accepted"), go.equals("accepted"), "Java: " + java + "\nGo: " + go);
  }

  private void edit(MarginModel.Builder m) {
    switch (random.nextInt(9)) {
      case 0 -> m.setName(name(m.getName()));
      case 1 -> m.setMaxAttesters(pick(0, 1, 2, 63, 64, 65, -1));
      case 2 ->
          m.addShape(
              ShapeParameter.newBuilder().setName(name("size")).setValue(pick(0, 7, -1, 1 << 30)));
      case 3 -> {
        int i = random.nextInt(m.getHoldingsCount());
        m.setHoldings(i, edited(m.getHoldings(i).toBuilder()));
      }
      case 4 -> {
        if (m.getRoundCount() > 0) {
          int i = random.nextInt(m.getRoundCount());
          m.setRound(i, edited(m.getRound(i).toBuilder()));
        }
      }
      case 5 -> {
        int i = random.nextInt(m.getAssertionsCount());
        m.getAssertionsBuilder(i)
            .setName(name(m.getAssertions(i).getName()))
            .setNode(pick(m.getAssertions(i).getNode(), random.nextInt(m.getNodesCount() + 2), -1));
      }
      case 6 ->
          m.addOutputsBuilder()
              .setName(name("o"))
              .setNode(pick(0, m.getNodesCount() - 1, m.getNodesCount()))
              .setScale(pick(0, 36, 37, -1));
      default -> {
        int i = random.nextInt(m.getNodesCount());
        m.setNodes(i, node(i, m.getNodesCount()));
      }
    }
  }

  private HoldingVector.Builder edited(HoldingVector.Builder v) {
    return switch (random.nextInt(6)) {
      case 0 -> v.setName(name(v.getName()));
      case 1 -> v.setAxis(name(v.getAxis()));
      case 2 -> v.setLength(pick(0, 1, 2, 3, 65_535, 65_537, -1));
      case 3 -> v.setScale(pick(0, 36, 37, -1));
      case 4 -> random.nextBoolean() ? v.setMin(bound()) : v.setMax(bound());
      default -> v.setMagnitudeOf(random.nextBoolean() ? "held0" : name("held1"));
    };
  }

  private RoundTensor.Builder edited(RoundTensor.Builder t) {
    return switch (random.nextInt(5)) {
      case 0 -> t.setName(name(t.getName()));
      case 1 -> t.setScale(pick(0, 36, 37, -1));
      case 2 -> random.nextBoolean() ? t.setMin(bound()) : t.setMax(bound());
      case 3 -> {
        for (int i = random.nextInt(8); i >= 0; i--) {
          t.addDimensions(Dimension.newBuilder().setAxis("d").setLength(1));
        }
        yield t;
      }
      default ->
          t.addDimensions(
              Dimension.newBuilder()
                  .setAxis(name("d"))
                  .setLength(pick(0, 1, 2, 1 << 19, 1 << 20, 1 << 21, -1)));
    };
  }

  private Node node(int index, int nodes) {
    Node.Builder node = Node.newBuilder();
    int a = random.nextInt(8) == 0 ? random.nextInt(nodes) : random.nextInt(Math.max(1, index));
    int b = random.nextInt(8) == 0 ? a : random.nextInt(Math.max(1, index));
    switch (random.nextInt(11)) {
      case 0 -> node.setConstant(integer());
      case 1 -> node.setHolding(pick(0, 1, 2, -1));
      case 2 -> node.setCoefficient(pick(0, 1, 5));
      case 3 -> node.setThreshold(ThresholdPart.forNumber(random.nextInt(3)));
      case 4 -> node.getProductBuilder().setLeft(a).setRight(b);
      case 5 -> node.getMaximumBuilder().setLeft(a).setRight(b);
      case 6 -> node.setSign(a);
      case 7 -> node.setMagnitude(a);
      case 8 -> node.setNonZero(a);
      case 9 ->
          node.getSumBuilder()
              .setConstant(integer())
              .addTerms(Term.newBuilder().setNode(a).setCoefficient(integer()))
              .addTerms(Term.newBuilder().setNode(b).setCoefficient(integer()));
      default -> {
        // No kind.
      }
    }
    return node.build();
  }

  private ByteString integer() {
    byte[] bytes = new byte[pick(1, 1, 1, 2, 4, 31, 32, 33, 0)];
    random.nextBytes(bytes);
    if (bytes.length == 32) {
      bytes[0] = (byte) pick(3, 4, -4, -5, -3, 2);
    }
    return ByteString.copyFrom(bytes);
  }

  private String name(String now) {
    return switch (random.nextInt(9)) {
      case 0 -> "";
      case 1 -> "x".repeat(256);
      case 2 -> "x".repeat(257);
      case 3 -> "\u00e9";
      case 4 -> "e\u0301";
      case 5 -> "a\nb";
      case 6 -> " ~";
      case 7 -> "\u007f";
      default -> now;
    };
  }

  private long bound() {
    long[] bounds = {
      Long.MIN_VALUE, Long.MAX_VALUE, 0, 1, -1, Long.MIN_VALUE / 2, Long.MAX_VALUE / 3, 1L << 40
    };
    return bounds[random.nextInt(bounds.length)];
  }

  private int pick(int... values) {
    return values[random.nextInt(values.length)];
  }
}
