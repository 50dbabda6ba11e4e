package io.plimsoll.circuits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.plimsoll.proto.v1.LinearSum;
import io.plimsoll.proto.v1.Product;
import io.plimsoll.proto.v1.ShapeParameter;
import io.plimsoll.proto.v1.Term;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MarginModelFormatTest {
  private static MarginModel model() {
    MarginModelBuilder m = new MarginModelBuilder("test", Shape.empty().with("slots", 2), 3);
    ExprArray held = m.holdings("held").axis("slot", 2).scale(2).between("-10", "20").array();
    ExprArray gross = m.magnitudeOf("gross", "held");
    ExprArray price = m.round("price").axis("slot", 2).scale(3).between("0", "100").array();
    Expr value = held.dot(price);
    m.assertNonNegative(
        "solvent", m.denominator().times(value).minus(m.numerator().times(gross.sum())));
    m.output("value", value);
    return m.build();
  }

  private static void assertRefused(String message, byte[] bytes) {
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> MarginModel.read(bytes));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private static void assertChangeRefused(
      String message, Consumer<io.plimsoll.proto.v1.MarginModel.Builder> change) throws Exception {
    io.plimsoll.proto.v1.MarginModel.Builder builder =
        io.plimsoll.proto.v1.MarginModel.parseFrom(model().toByteArray()).toBuilder();
    change.accept(builder);
    assertRefused(message, builder.build().toByteArray());
  }

  private static int indexOfKind(
      io.plimsoll.proto.v1.MarginModel.Builder builder, io.plimsoll.proto.v1.Node.KindCase kind) {
    for (int i = 0; i < builder.getNodesCount(); i++) {
      if (builder.getNodes(i).getKindCase() == kind) {
        return i;
      }
    }
    throw new AssertionError(kind);
  }

  @Test
  void modelsSurviveTheRoundTripByteByByte() throws Exception {
    RandomModels models = new RandomModels(7);
    for (int i = 0; i < 500; i++) {
      RandomModels.Case one = models.next();
      MarginModel read = MarginModel.read(one.model().toByteArray());
      assertEquals(one.model(), read);
      assertEquals(one.model().nodes(), read.nodes());
      assertEquals(one.model().holdings(), read.holdings());
      assertEquals(one.model().round(), read.round());
      assertEquals(one.model().outputs(), read.outputs());
      assertEquals(one.model().layout(), read.layout());
      assertArrayEquals(one.model().toByteArray(), read.toByteArray());
      assertEquals(one.evaluation().values(), RandomModels.evaluate(read, one.inputs()).values());
    }
  }

  @Test
  void digestIsOverTheTagAndTheBytes() {
    byte[] bytes = model().toByteArray();
    byte[] tag = "plimsoll/model/v1".getBytes(StandardCharsets.UTF_8);
    byte[] message =
        ByteBuffer.allocate(8 + tag.length + bytes.length)
            .putInt(tag.length)
            .put(tag)
            .putInt(bytes.length)
            .put(bytes)
            .array();
    assertEquals(Digest.of(message), model().digest());
  }

  @Test
  void layoutHasTheDeclaredIntervalsInPublicVectorOrder() {
    MarginModel model = model();
    assertEquals(3, model.layout().maxAttesters());
    assertEquals(4, model.layout().holdingCount());
    assertEquals(-1000, model.layout().holdingMin(1));
    assertEquals(2000, model.layout().holdingMax(1));
    assertEquals(0, model.layout().holdingMin(2));
    assertEquals(2000, model.layout().holdingMax(3));
    assertEquals(2, model.layout().coefficientCount());
    assertEquals(100_000, model.layout().coefficientMax(0));
    assertEquals(2, model.holdingOffset("gross"));
    assertEquals(0, model.coefficientOffset("price"));
    assertThrows(IllegalArgumentException.class, () -> model.holdingOffset("price"));
  }

  @Test
  void truncationAtEveryByteIsRefusedOrAnotherModel() {
    byte[] bytes = model().toByteArray();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      try {
        assertNotEquals(model(), MarginModel.read(cut));
      } catch (InvalidFormatException expected) {
        assertTrue(expected.getMessage().startsWith("margin model: "), expected.getMessage());
      }
    }
  }

  @Test
  void randomBytesAndFlippedBitsNeverCrash() {
    byte[] bytes = model().toByteArray();
    Random random = new Random(11);
    for (int i = 0; i < 5000; i++) {
      byte[] changed = bytes.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        assertArrayEquals(changed, MarginModel.read(changed).toByteArray());
      } catch (InvalidFormatException expected) {
        assertTrue(expected.getMessage().startsWith("margin model: "), expected.getMessage());
      }
      random.nextBytes(changed);
      assertThrows(InvalidFormatException.class, () -> MarginModel.read(changed));
    }
  }

  @Test
  void unknownFieldsAreRefused() {
    byte[] bytes = model().toByteArray();
    byte[] more = Arrays.copyOf(bytes, bytes.length + 2);
    more[bytes.length] = 15 << 3; // field 15, varint
    more[bytes.length + 1] = 1;
    assertRefused("unknown fields", more);
  }

  @Test
  void fieldsOutOfOrderRepeatedOrWithLongVarintsAreRefused() {
    byte[] bytes = model().toByteArray();
    ByteArrayOutputStream twice = new ByteArrayOutputStream();
    twice.writeBytes(bytes);
    twice.writeBytes(new byte[] {3 << 3, 3}); // max_attesters again
    assertRefused("canonical form", twice.toByteArray());
    int at = 2 + bytes[1]; // after the name: shape
    int attesters = at + 2 + bytes[at + 1];
    assertEquals(3 << 3, bytes[attesters]);
    byte[] longer = new byte[bytes.length + 1];
    System.arraycopy(bytes, 0, longer, 0, attesters + 1);
    longer[attesters + 1] = (byte) (3 | 0x80);
    System.arraycopy(bytes, attesters + 2, longer, attesters + 3, bytes.length - attesters - 2);
    assertRefused("canonical form", longer);
  }

  @Test
  void tooManyBytesAreRefusedUnread() {
    assertRefused("more than 16777216", new byte[MarginModel.MAX_BYTES + 1]);
  }

  @Test
  void brokenStructureIsRefusedByName() throws Exception {
    assertChangeRefused("number of attesters is 0", b -> b.setMaxAttesters(0));
    assertChangeRefused("number of attesters is 65", b -> b.setMaxAttesters(65));
    assertChangeRefused("number of attesters is 4294967295", b -> b.setMaxAttesters(-1));
    assertChangeRefused("the name is empty", io.plimsoll.proto.v1.MarginModel.Builder::clearName);
    assertChangeRefused("no assertion", io.plimsoll.proto.v1.MarginModel.Builder::clearAssertions);
    assertChangeRefused("no holding vector", b -> b.clearHoldings().clearNodes().clearOutputs());
    assertChangeRefused("does not contain 0", b -> b.getHoldingsBuilder(0).setMin(1));
    assertChangeRefused("exceeds max", b -> b.getRoundBuilder(0).setMin(Long.MAX_VALUE));
    assertChangeRefused("exceeds 64 bits", b -> b.getHoldingsBuilder(0).setMax(Long.MAX_VALUE));
    assertChangeRefused("exceeds 64 bits", b -> b.getHoldingsBuilder(0).setMin(Long.MIN_VALUE));
    assertChangeRefused("holdings in all", b -> b.getHoldingsBuilder(0).setLength(1 << 20));
    assertChangeRefused("length is below 1", b -> b.getHoldingsBuilder(0).setLength(-1));
    assertChangeRefused(
        "length is below 1", b -> b.getRoundBuilder(0).getDimensionsBuilder(0).setLength(0));
    assertChangeRefused("not printable ASCII", b -> b.setName("caf\u00e9"));
    assertChangeRefused("not printable ASCII", b -> b.getHoldingsBuilder(0).setAxis("a\u007f"));
    assertChangeRefused("more than 256", b -> b.setName("x".repeat(257)));
    assertChangeRefused(
        "the name is empty", b -> b.getRoundBuilder(0).getDimensionsBuilder(0).clearAxis());
    assertChangeRefused("no axis and length 2", b -> b.getHoldingsBuilder(0).clearAxis());
    assertChangeRefused("scale is 37", b -> b.getRoundBuilder(0).setScale(37));
    assertChangeRefused("already taken", b -> b.getRoundBuilder(0).setName("held"));
    assertChangeRefused(
        "no earlier holding vector", b -> b.getHoldingsBuilder(1).setMagnitudeOf("x"));
    assertChangeRefused("a magnitude's min is 0", b -> b.getHoldingsBuilder(1).setMin(-1));
    assertChangeRefused("differ from those", b -> b.getHoldingsBuilder(1).setScale(3));
    assertChangeRefused(
        "more than 8",
        b -> {
          for (int i = 0; i < 8; i++) {
            b.getRoundBuilder(0).addDimensionsBuilder().setAxis("a").setLength(1);
          }
        });
    assertChangeRefused(
        "coefficients in all",
        b -> {
          for (int i = 0; i < 7; i++) {
            b.getRoundBuilder(0).addDimensionsBuilder().setAxis("a").setLength(Integer.MAX_VALUE);
          }
        });
    assertChangeRefused(
        "shape: 'slots' occurs twice",
        b -> b.addShape(ShapeParameter.newBuilder().setName("slots").setValue(1)));
    assertChangeRefused(
        "assertion 'solvent' occurs twice", b -> b.addAssertions(b.getAssertions(0)));
    assertChangeRefused("output 'value' occurs twice", b -> b.addOutputs(b.getOutputs(0)));
    assertChangeRefused("assertion 'solvent': node", b -> b.getAssertionsBuilder(0).setNode(999));
    assertChangeRefused("output 'value': node", b -> b.getOutputsBuilder(0).setNode(-1));
  }

  @Test
  void brokenNodesAreRefusedByName() throws Exception {
    assertChangeRefused(
        "no kind", b -> b.setNodes(0, io.plimsoll.proto.v1.Node.getDefaultInstance()));
    assertChangeRefused(
        "threshold part is 3",
        b -> b.setNodes(0, io.plimsoll.proto.v1.Node.newBuilder().setThresholdValue(3)));
    assertChangeRefused(
        "threshold part is 0",
        b -> b.setNodes(0, io.plimsoll.proto.v1.Node.newBuilder().setThresholdValue(0)));
    assertChangeRefused(
        "refers to node 0, which is not an earlier one",
        b -> b.setNodes(0, io.plimsoll.proto.v1.Node.newBuilder().setSign(0)));
    assertChangeRefused(
        "refers to node 4294967295",
        b ->
            b.setNodes(
                1,
                io.plimsoll.proto.v1.Node.newBuilder()
                    .setProduct(Product.newBuilder().setLeft(0).setRight(-1))));
    assertChangeRefused(
        "holding 4 of 4", b -> b.setNodes(0, io.plimsoll.proto.v1.Node.newBuilder().setHolding(4)));
    assertChangeRefused(
        "coefficient 2 of 2",
        b -> b.setNodes(0, io.plimsoll.proto.v1.Node.newBuilder().setCoefficient(2)));
    assertChangeRefused(
        "reaches",
        b ->
            b.setNodes(
                0,
                io.plimsoll.proto.v1.Node.newBuilder()
                    .setConstant(
                        ByteString.copyFrom(BigInteger.ONE.shiftLeft(249).toByteArray()))));
    assertChangeRefused(
        "strictly inside",
        b ->
            b.setNodes(
                0,
                io.plimsoll.proto.v1.Node.newBuilder()
                    .setConstant(
                        ByteString.copyFrom(BigInteger.ONE.shiftLeft(250).toByteArray()))));
    assertChangeRefused(
        "an integer has 33 bytes",
        b ->
            b.setNodes(
                0,
                io.plimsoll.proto.v1.Node.newBuilder()
                    .setConstant(ByteString.copyFrom(new byte[33]))));
    assertChangeRefused(
        "an integer has 0 bytes",
        b -> b.setNodes(0, io.plimsoll.proto.v1.Node.newBuilder().setConstant(ByteString.EMPTY)));
    assertChangeRefused(
        "canonical form",
        b ->
            b.setNodes(
                0,
                io.plimsoll.proto.v1.Node.newBuilder()
                    .setConstant(ByteString.copyFrom(new byte[] {0, 5}))));
    assertChangeRefused("divisor 0 is below 1", b -> b.setNodes(1, roundDown(new byte[] {0})));
    assertChangeRefused("divisor -3 is below 1", b -> b.setNodes(1, roundDown(new byte[] {-3})));
    assertChangeRefused("canonical form", b -> b.setNodes(1, roundDown(new byte[] {0, 5})));
    assertChangeRefused("an integer has 0 bytes", b -> b.setNodes(1, roundDown(new byte[0])));
    assertChangeRefused(
        "strictly inside",
        b -> b.setNodes(1, roundDown(BigInteger.ONE.shiftLeft(250).toByteArray())));
  }

  private static io.plimsoll.proto.v1.Node.Builder roundDown(byte[] divisor) {
    return io.plimsoll.proto.v1.Node.newBuilder()
        .setRoundDown(
            io.plimsoll.proto.v1.RoundDown.newBuilder()
                .setNode(0)
                .setDivisor(ByteString.copyFrom(divisor)));
  }

  @Test
  void brokenSumsAreRefusedByName() throws Exception {
    assertChangeRefused(
        "a term's coefficient is 0",
        b -> {
          LinearSum.Builder sum = sum(b);
          sum.setTerms(
              0, sum.getTerms(0).toBuilder().setCoefficient(ByteString.copyFrom(new byte[1])));
        });
    assertChangeRefused(
        "twice",
        b -> {
          LinearSum.Builder sum = sum(b);
          Term first = sum.getTerms(0);
          sum.addTerms(first);
        });
    assertChangeRefused("an integer has 0 bytes", b -> sum(b).clearConstant());
  }

  private static LinearSum.Builder sum(io.plimsoll.proto.v1.MarginModel.Builder builder) {
    return builder
        .getNodesBuilder(indexOfKind(builder, io.plimsoll.proto.v1.Node.KindCase.SUM))
        .getSumBuilder();
  }
}
