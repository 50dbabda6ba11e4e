package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.nativeprover.ProverFrames.MalformedFrameException;
import io.plimsoll.nativeprover.ProverFrames.Opening;
import io.plimsoll.nativeprover.ProvingException.Kind;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ProverFramesTest {
  private static ByteBuffer body(byte[] frame) throws IOException {
    return ProverFrames.read(new ByteArrayInputStream(frame), ProverFrames.MAX_REQUEST_BYTES)
        .orElseThrow();
  }

  private static ProvingInput input() {
    return TestModel.atThreshold().choices(new long[] {3, 1}).build();
  }

  @Test
  void whatIsWrittenIsRead() throws Exception {
    Opening opening =
        new Opening(
            NativeProver.Kind.TUNED,
            Path.of("/somewhere"),
            TestKeys.CIRCUIT_ID,
            DevelopmentKeys.ALLOWED);
    ByteBuffer read = body(opening.frame());
    assertEquals(ProverFrames.OPEN, read.get());
    assertEquals(opening, Opening.read(read));

    try (ProvingInput input = input()) {
      read = body(ProverFrames.proveFrame(7, input));
      assertEquals(ProverFrames.PROVE, read.get());
      assertEquals(7, ProverFrames.readCall(read));
      try (ProvingInput same = ProverFrames.readInput(read)) {
        assertArrayEquals(input.context, same.context);
        assertEquals(input.numerator, same.numerator);
        assertEquals(input.denominator, same.denominator);
        assertArrayEquals(input.coefficients, same.coefficients);
        assertArrayEquals(input.holdings, same.holdings);
        assertArrayEquals(input.choices, same.choices);
        assertArrayEquals(input.blinding, same.blinding);
      }
    }

    byte[] proof = new byte[SolvencyProver.PROOF_BYTES];
    Arrays.fill(proof, (byte) 5);
    read = body(ProverFrames.provedFrame(8, proof));
    assertEquals(ProverFrames.PROVED, read.get());
    assertEquals(8, ProverFrames.readCall(read));
    assertArrayEquals(proof, ProverFrames.readProof(read));

    read =
        body(
            ProverFrames.failedFrame(9, new ProvingException(Kind.NOT_SOLVENT, "x".repeat(9_000))));
    assertEquals(ProverFrames.FAILED, read.get());
    assertEquals(9, ProverFrames.readCall(read));
    ProvingException failure = ProverFrames.readFailure(read);
    assertEquals(Kind.NOT_SOLVENT, failure.kind());
    assertEquals(4096, failure.getMessage().length());
  }

  @Test
  void aLengthThatIsNoneIsRefusedBeforeAnythingIsAllocated() {
    for (int length : new int[] {0, -1, Integer.MIN_VALUE, 101, Integer.MAX_VALUE}) {
      byte[] head = ByteBuffer.allocate(4).putInt(length).array();
      MalformedFrameException e =
          assertThrows(
              MalformedFrameException.class,
              () -> ProverFrames.read(new ByteArrayInputStream(head), 100));
      assertTrue(e.getMessage().contains(Integer.toString(length)), e.getMessage());
    }
  }

  @Test
  void theEndBetweenFramesIsTheEndAndWithinOneItIsNot() throws Exception {
    byte[] frame = ProverFrames.openedFrame();
    assertEquals(Optional.empty(), ProverFrames.read(new ByteArrayInputStream(new byte[0]), 100));
    for (int length = 1; length < frame.length; length++) {
      byte[] part = Arrays.copyOf(frame, length);
      assertThrows(
          EOFException.class, () -> ProverFrames.read(new ByteArrayInputStream(part), 100));
    }
  }

  @Test
  void anyBytesAreAnInputOrMalformed() throws Exception {
    SplittableRandom random = new SplittableRandom(3);
    byte[] whole;
    try (ProvingInput input = input()) {
      whole = ProverFrames.proveFrame(1, input);
    }
    boolean refused = false;
    for (int i = 0; i < 3_000; i++) {
      byte[] changed = whole.clone();
      for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
        changed[random.nextInt(4, 260)] = (byte) random.nextInt();
      }
      ByteBuffer body = body(changed);
      body.get();
      try {
        ProverFrames.readCall(body);
        ProverFrames.readInput(body).close();
      } catch (MalformedFrameException e) {
        refused = true;
        assertFalse(e.getMessage().contains("500"), "a value of the frame");
      }
    }
    assertTrue(refused);
  }

  @Test
  void otherFramesWithAnyBytesAreMalformedToo() {
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 3_000; i++) {
      byte[] bytes = new byte[random.nextInt(0, 64)];
      random.nextBytes(bytes);
      try {
        Opening.read(ByteBuffer.wrap(bytes));
      } catch (MalformedFrameException e) {
        assertTrue(e.getMessage().contains("length"));
      }
      try {
        ProverFrames.readFailure(ByteBuffer.wrap(bytes));
      } catch (MalformedFrameException e) {
        assertTrue(e.getMessage().contains("length"));
      }
      assertThrows(
          MalformedFrameException.class, () -> ProverFrames.readProof(ByteBuffer.wrap(bytes)));
    }
  }
}
