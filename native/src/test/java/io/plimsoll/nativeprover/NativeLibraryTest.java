package io.plimsoll.nativeprover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The exports themselves, called as no class of this module calls them: whatever comes, the JVM
 * survives and the status says what was wrong.
 */
class NativeLibraryTest {
  private static final int CAPACITY = 512;
  private static long handle;
  private static long compiled;

  private final byte[] text = new byte[CAPACITY];
  private final byte[] context = new byte[16];
  private final long[] coefficients = {100, 30, 50, 20};
  private final Memory holdings = new Memory(3 * Long.BYTES);
  private final Memory blinding = new Memory(32);
  private final byte[] proof = new byte[128];

  NativeLibraryTest() {
    holdings.write(0, new long[] {10, -20, 500}, 0, 3);
    blinding.clear();
  }

  @BeforeAll
  static void open() {
    byte[] directory = TestKeys.directory().toString().getBytes(StandardCharsets.UTF_8);
    byte[] id = TestKeys.CIRCUIT_ID.toByteArray();
    LongByReference out = new LongByReference();
    assertEquals(
        0,
        NativeLibrary.plimsoll_open(
            NativeProver.Kind.STOCK.code(),
            directory,
            directory.length,
            id,
            id.length,
            1,
            out,
            new byte[CAPACITY],
            CAPACITY));
    handle = out.getValue();
    byte[] model = TestModel.bytes();
    assertEquals(
        0, NativeLibrary.plimsoll_compile(model, model.length, out, new byte[CAPACITY], CAPACITY));
    compiled = out.getValue();
  }

  @AfterAll
  static void close() {
    NativeLibrary.plimsoll_close(handle, new byte[CAPACITY], CAPACITY);
    NativeLibrary.plimsoll_release(compiled, new byte[CAPACITY], CAPACITY);
  }

  private int prove(
      long handle,
      byte[] context,
      long contextLength,
      long[] coefficients,
      long coefficientsLength,
      Pointer holdings,
      long holdingsLength,
      Pointer blinding,
      long blindingLength,
      byte[] proof,
      long proofLength) {
    return NativeLibrary.plimsoll_prove(
        handle,
        context,
        contextLength,
        3,
        3,
        coefficients,
        coefficientsLength,
        holdings,
        holdingsLength,
        null,
        0,
        blinding,
        blindingLength,
        proof,
        proofLength,
        text,
        text.length);
  }

  private void refused(String input, int status) {
    assertEquals(Status.INVALID_ARGUMENT.code(), status, NativeLibrary.message(text));
    assertTrue(NativeLibrary.message(text).contains(input), NativeLibrary.message(text));
  }

  @Test
  void codesLengthsAndLimitsAreTheLibrarysOwn() {
    Map<String, Long> expected = new HashMap<>();
    for (Status status : Status.values()) {
      expected.put("status." + status.name(), (long) status.code());
    }
    for (SetupStage stage : SetupStage.values()) {
      expected.put("stage." + stage.name(), (long) stage.code());
    }
    for (NativeProver.Kind kind : NativeProver.Kind.values()) {
      expected.put("prover." + kind.name(), (long) kind.code());
    }
    expected.put("version", (long) NativeLibrary.VERSION);
    expected.put("bytes.CONTEXT", (long) NativeLibrary.CONTEXT_BYTES);
    expected.put("bytes.BLINDING", (long) NativeLibrary.BLINDING_BYTES);
    expected.put("bytes.ELEMENT", (long) NativeLibrary.ELEMENT_BYTES);
    expected.put("bytes.POINT", (long) NativeLibrary.POINT_BYTES);
    expected.put("bytes.PROOF", (long) SolvencyProver.PROOF_BYTES);
    expected.put("bytes.DIGEST", (long) io.plimsoll.verifier.Digest.BYTES);
    Map<String, Long> actual = new HashMap<>(NativeLibrary.table());
    actual.keySet().removeIf(name -> name.startsWith("limit."));
    assertEquals(expected, actual);
  }

  @Test
  void theseArgumentsAreGood() {
    assertEquals(
        0,
        prove(handle, context, 16, coefficients, 4, holdings, 3, blinding, 32, proof, 128),
        NativeLibrary.message(text));
  }

  @Test
  void nullPointersAreRefusedByName() {
    refused(
        "context", prove(handle, null, 16, coefficients, 4, holdings, 3, blinding, 32, proof, 128));
    refused(
        "coefficients", prove(handle, context, 16, null, 4, holdings, 3, blinding, 32, proof, 128));
    refused(
        "holdings", prove(handle, context, 16, coefficients, 4, null, 3, blinding, 32, proof, 128));
    refused(
        "blinding", prove(handle, context, 16, coefficients, 4, holdings, 3, null, 32, proof, 128));
    refused(
        "proof", prove(handle, context, 16, coefficients, 4, holdings, 3, blinding, 32, null, 128));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 31, 1L << 32, (1L << 24) + 1})
  void impossibleLengthsAreRefusedByName(long length) {
    refused(
        "context",
        prove(handle, context, length, coefficients, 4, holdings, 3, blinding, 32, proof, 128));
    refused(
        "coefficients",
        prove(handle, context, 16, coefficients, length, holdings, 3, blinding, 32, proof, 128));
    refused(
        "holdings",
        prove(handle, context, 16, coefficients, 4, holdings, length, blinding, 32, proof, 128));
    refused(
        "blinding",
        prove(handle, context, 16, coefficients, 4, holdings, 3, blinding, length, proof, 128));
    refused(
        "proof",
        prove(handle, context, 16, coefficients, 4, holdings, 3, blinding, 32, proof, length));
  }

  @Test
  void shortBuffersAreRefusedByName() {
    refused(
        "context",
        prove(handle, context, 15, coefficients, 4, holdings, 3, blinding, 32, proof, 128));
    refused(
        "coefficients",
        prove(handle, context, 16, coefficients, 3, holdings, 3, blinding, 32, proof, 128));
    refused(
        "holdings",
        prove(handle, context, 16, coefficients, 4, holdings, 2, blinding, 32, proof, 128));
    refused(
        "blinding",
        prove(handle, context, 16, coefficients, 4, holdings, 3, blinding, 31, proof, 128));
    refused(
        "proof",
        prove(handle, context, 16, coefficients, 4, holdings, 3, blinding, 32, proof, 127));
  }

  @Test
  void unalignedPointersAreRefused() {
    try (Memory memory = new Memory(4 * Long.BYTES)) {
      refused(
          "holdings",
          prove(
              handle, context, 16, coefficients, 4, memory.share(1), 3, blinding, 32, proof, 128));
    }
  }

  @Test
  void forgedHandlesAreUnknown() {
    for (long forged :
        new long[] {0, -1, handle + 1_000, Long.MIN_VALUE, Long.MAX_VALUE, compiled}) {
      int unknown = Status.UNKNOWN_HANDLE.code();
      assertEquals(
          unknown,
          prove(forged, context, 16, coefficients, 4, holdings, 3, blinding, 32, proof, 128));
      assertEquals(
          unknown,
          NativeLibrary.plimsoll_verify(
              forged, proof, 128, proof, 128, new IntByReference(), text, CAPACITY));
      assertEquals(
          unknown,
          NativeLibrary.plimsoll_public_sum(
              forged, 0, proof, 128, new byte[32], 32, text, CAPACITY));
      assertEquals(unknown, NativeLibrary.plimsoll_close(forged, text, CAPACITY));
    }
    for (long forged : new long[] {0, -1, handle, compiled + 1_000}) {
      int unknown = Status.UNKNOWN_HANDLE.code();
      assertEquals(
          unknown,
          NativeLibrary.plimsoll_statistics(
              forged, null, 0, new LongByReference(), text, CAPACITY));
      assertEquals(
          unknown,
          NativeLibrary.plimsoll_evaluate(
              forged,
              1,
              1,
              coefficients,
              4,
              holdings,
              3,
              null,
              0,
              new byte[32],
              32,
              text,
              CAPACITY));
      assertEquals(
          unknown,
          NativeLibrary.plimsoll_satisfies(
              forged,
              context,
              16,
              1,
              1,
              coefficients,
              4,
              holdings,
              3,
              null,
              0,
              blinding,
              32,
              text,
              CAPACITY));
      assertEquals(unknown, NativeLibrary.plimsoll_release(forged, text, CAPACITY));
    }
    theseArgumentsAreGood();
  }

  @Test
  void outputsMustNotBeNull() {
    byte[] model = TestModel.bytes();
    refused("handle", NativeLibrary.plimsoll_compile(model, model.length, null, text, CAPACITY));
    refused("handle", NativeLibrary.plimsoll_open(0, model, 4, model, 32, 1, null, text, CAPACITY));
    refused("written", NativeLibrary.plimsoll_statistics(compiled, null, 0, null, text, CAPACITY));
    refused(
        "accepted",
        NativeLibrary.plimsoll_verify(handle, proof, 128, proof, 128, null, text, CAPACITY));
    refused(
        "circuit id",
        NativeLibrary.plimsoll_setup(
            model, model.length, model, 4, null, null, 32, text, CAPACITY));
  }

  @Test
  void malformedModelsAndPathsAreRefusedByName() {
    byte[] model = TestModel.bytes();
    LongByReference out = new LongByReference();
    refused("model", NativeLibrary.plimsoll_compile(null, 10, out, text, CAPACITY));
    refused("model", NativeLibrary.plimsoll_compile(model, 0, out, text, CAPACITY));
    refused("model", NativeLibrary.plimsoll_compile(model, -1, out, text, CAPACITY));
    refused("model", NativeLibrary.plimsoll_compile(model, Long.MAX_VALUE, out, text, CAPACITY));
    refused("model", NativeLibrary.plimsoll_compile(model, model.length - 1, out, text, CAPACITY));
    refused("model", NativeLibrary.plimsoll_compile(new byte[100], 100, out, text, CAPACITY));
    byte[] id = new byte[32];
    refused("directory", NativeLibrary.plimsoll_open(0, null, 4, id, 32, 1, out, text, CAPACITY));
    refused("directory", NativeLibrary.plimsoll_open(0, id, 0, id, 32, 1, out, text, CAPACITY));
    refused("directory", NativeLibrary.plimsoll_open(0, id, 5000, id, 32, 1, out, text, CAPACITY));
    refused("directory", NativeLibrary.plimsoll_open(0, id, 32, id, 32, 1, out, text, CAPACITY));
    byte[] noUtf8 = {(byte) 0xff, (byte) 0xfe};
    refused("directory", NativeLibrary.plimsoll_open(0, noUtf8, 2, id, 32, 1, out, text, CAPACITY));
    byte[] path = "nowhere".getBytes(StandardCharsets.UTF_8);
    refused("circuit id", NativeLibrary.plimsoll_open(0, path, 7, id, 31, 1, out, text, CAPACITY));
    assertEquals(
        Status.IO.code(), NativeLibrary.plimsoll_open(0, path, 7, id, 32, 1, out, text, CAPACITY));
  }

  @Test
  void aProverThatThereIsNotIsRefused() {
    byte[] path = TestKeys.directory().toString().getBytes(StandardCharsets.UTF_8);
    byte[] id = TestKeys.CIRCUIT_ID.toByteArray();
    LongByReference out = new LongByReference();
    for (int kind : new int[] {-1, 2, Integer.MAX_VALUE}) {
      refused(
          "prover",
          NativeLibrary.plimsoll_open(
              kind, path, path.length, id, id.length, 1, out, text, CAPACITY));
    }
  }

  @Test
  void whatNeedsTheVerifyingKeyIsRefusedForTheTunedProver() throws ProvingException {
    try (GnarkProver tuned =
        GnarkProver.open(TestKeys.directory(), TestKeys.CIRCUIT_ID, DevelopmentKeys.ALLOWED)) {
      refused(
          "handle",
          NativeLibrary.plimsoll_public_sum(
              tuned.handle(), 0, new byte[32], 32, new byte[32], 32, text, CAPACITY));
    }
  }

  @Test
  void aPanicInAnExportIsAnErrorAndTheLibraryGoesOn() {
    assertEquals(Status.INTERNAL.code(), NativeLibrary.plimsoll_panic(0, text, CAPACITY));
    theseArgumentsAreGood();
  }

  @Test
  void publicSumsRefuseMalformedArgumentsByName() {
    byte[] one = new byte[32];
    byte[] point = new byte[32];
    refused("first", sum(-1, one, 32, point, 32));
    refused("first", sum(Long.MIN_VALUE, one, 32, point, 32));
    refused("first", sum(Long.MAX_VALUE, one, 32, point, 32));
    refused("first", sum(12, one, 32, point, 32));
    refused("scalars", sum(0, null, 32, point, 32));
    refused("scalars", sum(0, one, -1, point, 32));
    refused("scalars", sum(0, one, Long.MAX_VALUE, point, 32));
    refused("scalars", sum(0, one, 31, point, 32));
    refused("scalars", sum(11, new byte[64], 64, point, 32));
    refused("point", sum(0, one, 32, null, 32));
    refused("point", sum(0, one, 32, point, 31));
    byte[] tooLarge = new byte[32];
    Arrays.fill(tooLarge, (byte) 0xff);
    refused("scalars: element 0", sum(0, tooLarge, 32, point, 32));
    assertEquals(0, sum(11, one, 32, point, 32), NativeLibrary.message(text));
  }

  private int sum(long first, byte[] scalars, long scalarsLength, byte[] point, long pointLength) {
    return NativeLibrary.plimsoll_public_sum(
        handle, first, scalars, scalarsLength, point, pointLength, text, CAPACITY);
  }

  @Test
  void textsAreCutToTheirBufferAndEndWithZero() {
    byte[] small = new byte[8];
    small[7] = 1;
    assertEquals(1, NativeLibrary.plimsoll_limit_memory(1, 100, small, small.length));
    assertEquals("memory ", NativeLibrary.message(small));
    assertEquals(0, small[7]);
    byte[] one = {1};
    assertEquals(1, NativeLibrary.plimsoll_limit_memory(1, 100, one, 1));
    assertArrayEquals(new byte[1], one);
  }

  @Test
  void aMissingTextBufferIsNoProblem() {
    assertEquals(1, NativeLibrary.plimsoll_limit_memory(1, 100, null, 100));
    assertEquals(1, NativeLibrary.plimsoll_limit_memory(1, 100, new byte[4], 0));
    assertEquals(1, NativeLibrary.plimsoll_limit_memory(1, 100, new byte[4], -1));
    assertEquals(1, NativeLibrary.plimsoll_limit_memory(1, 100, null, Integer.MAX_VALUE));
  }

  @Test
  void memoryLimitsHaveBounds() {
    assertThrows(IllegalArgumentException.class, () -> NativeMemory.limit(-1, 100));
    assertThrows(IllegalArgumentException.class, () -> NativeMemory.limit(1 << 20, 100));
    assertThrows(IllegalArgumentException.class, () -> NativeMemory.limit(0, 9));
    assertThrows(IllegalArgumentException.class, () -> NativeMemory.limit(0, 1001));
    NativeMemory.limit(2L << 30, 50);
    NativeMemory.limit(0, 100);
    theseArgumentsAreGood();
  }

  /** Both runtimes live on the same signals; Go's handlers must hand back what is the JVM's. */
  @Test
  void theJvmKeepsItsOwnSignalsAfterNativeCalls() {
    theseArgumentsAreGood();
    for (int i = 0; i < 20_000; i++) {
      String none = i % 2 == 0 ? null : "some";
      if (none == null) {
        assertThrows(NullPointerException.class, () -> lengthOf(null));
      } else {
        assertEquals(4, lengthOf(none));
      }
    }
    assertThrows(StackOverflowError.class, () -> deeper(0));
    theseArgumentsAreGood();
  }

  @SuppressWarnings("NullAway")
  private static int lengthOf(String text) {
    return text.length();
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int deeper(int depth) {
    return deeper(depth + 1) + 1;
  }
}
