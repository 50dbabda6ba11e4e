package io.plimsoll.nativeprover;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.plimsoll.nativeprover.ProvingException.Kind;
import io.plimsoll.verifier.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * What an {@link IsolatedProver} and its {@link ProverProcess} say to each other: frames of a
 * length (four bytes, big-endian) and as many bytes, which begin with a tag. Both sides refuse a
 * frame that is too long before they allocate anything, and one that is not as it should be ends
 * the process.
 */
final class ProverFrames {
  /** Elements of all lists of one input, at most. */
  static final int MAX_ELEMENTS = 1 << 22;

  /** Longest frame to the process. */
  static final int MAX_REQUEST_BYTES = MAX_ELEMENTS * Long.BYTES + (1 << 16);

  /** Longest frame from the process. */
  static final int MAX_REPLY_BYTES = 1 << 14;

  static final byte OPEN = 1;
  static final byte PROVE = 2;
  static final byte OPENED = 3;
  static final byte PROVED = 4;
  static final byte FAILED = 5;

  private static final int MAX_NAME_BYTES = 64;
  private static final int MAX_PATH_BYTES = 4096;
  private static final int MAX_MESSAGE_BYTES = 4096;

  /**
   * A frame with secrets is at least this long, so that the stream to the process writes it through
   * and keeps no copy in its buffer.
   */
  private static final int WRITTEN_THROUGH_BYTES = 1 << 13;

  private ProverFrames() {}

  /** A frame that is not as it should be. */
  static final class MalformedFrameException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedFrameException(String message) {
      super(message);
    }
  }

  /** What the process is to open. */
  record Opening(
      NativeProver.Kind kind, Path directory, Digest circuitId, DevelopmentKeys developmentKeys) {
    byte[] frame() {
      byte[] path = directory.toAbsolutePath().toString().getBytes(UTF_8);
      byte[] prover = kind.name().getBytes(UTF_8);
      byte[] keys = developmentKeys.name().getBytes(UTF_8);
      int length = 1 + Digest.BYTES + 3 * Integer.BYTES + path.length + prover.length + keys.length;
      return ByteBuffer.allocate(Integer.BYTES + length)
          .putInt(length)
          .put(OPEN)
          .put(circuitId.toByteArray())
          .putInt(prover.length)
          .put(prover)
          .putInt(keys.length)
          .put(keys)
          .putInt(path.length)
          .put(path)
          .array();
    }

    static Opening read(ByteBuffer body) throws MalformedFrameException {
      return parsed(
          () -> {
            byte[] id = new byte[Digest.BYTES];
            body.get(id);
            NativeProver.Kind kind = NativeProver.Kind.valueOf(text(body, MAX_NAME_BYTES));
            DevelopmentKeys keys = DevelopmentKeys.valueOf(text(body, MAX_NAME_BYTES));
            Path path = Path.of(text(body, MAX_PATH_BYTES));
            requireEnd(body);
            return new Opening(kind, path, Digest.fromBytes(id), keys);
          });
    }
  }

  /**
   * A frame that asks for a proof. It holds secrets: the caller wipes it.
   *
   * @throws ProvingException of kind INVALID_ARGUMENT if the input is longer than any model's
   */
  static byte[] proveFrame(long call, ProvingInput input) throws ProvingException {
    long elements =
        (long) input.coefficients.length
            + input.holdings.length
            + input.choices.length
            + input.context.length
            + input.blinding.length;
    if (elements > MAX_ELEMENTS) {
      throw new ProvingException(
          Kind.INVALID_ARGUMENT,
          "input: " + elements + " elements, more than " + MAX_ELEMENTS + " of an isolated prover");
    }
    int length =
        1
            + 3 * Long.BYTES
            + 5 * Integer.BYTES
            + input.context.length
            + input.blinding.length
            + Long.BYTES
                * (input.coefficients.length + input.holdings.length + input.choices.length);
    int padded = Math.max(length, WRITTEN_THROUGH_BYTES);
    ByteBuffer out = ByteBuffer.allocate(Integer.BYTES + padded).putInt(padded).put(PROVE);
    out.putLong(call).putLong(input.numerator).putLong(input.denominator);
    out.putInt(input.context.length).put(input.context);
    out.putInt(input.blinding.length).put(input.blinding);
    putLongs(out, input.coefficients);
    putLongs(out, input.holdings);
    putLongs(out, input.choices);
    return out.array();
  }

  private static void putLongs(ByteBuffer out, long[] values) {
    out.putInt(values.length);
    out.asLongBuffer().put(values);
    out.position(out.position() + values.length * Long.BYTES);
  }

  /** The call's number comes first in a frame that asks for a proof, and has been read. */
  static ProvingInput readInput(ByteBuffer body) throws MalformedFrameException {
    return parsed(
        () -> {
          ProvingInput.Builder builder =
              ProvingInput.builder().threshold(body.getLong(), body.getLong());
          byte[] context = bytes(body, MAX_ELEMENTS);
          byte[] blinding = bytes(body, MAX_ELEMENTS);
          long[] coefficients = longs(body);
          long[] holdings = longs(body);
          long[] choices = longs(body);
          ProvingInput input =
              builder
                  .context(context)
                  .coefficients(coefficients)
                  .holdings(holdings)
                  .choices(choices)
                  .blinding(blinding)
                  .build();
          Arrays.fill(holdings, 0);
          Arrays.fill(choices, 0);
          Arrays.fill(blinding, (byte) 0);
          return input;
        });
  }

  static byte[] openedFrame() {
    return ByteBuffer.allocate(Integer.BYTES + 1).putInt(1).put(OPENED).array();
  }

  static byte[] provedFrame(long call, byte[] proof) {
    int length = 1 + Long.BYTES + proof.length;
    return ByteBuffer.allocate(Integer.BYTES + length)
        .putInt(length)
        .put(PROVED)
        .putLong(call)
        .put(proof)
        .array();
  }

  /**
   * @param call 0 if opening failed
   */
  static byte[] failedFrame(long call, ProvingException failure) {
    byte[] kind = failure.kind().name().getBytes(UTF_8);
    byte[] text = String.valueOf(failure.getMessage()).getBytes(UTF_8);
    int cut = Math.min(text.length, MAX_MESSAGE_BYTES);
    int length = 1 + Long.BYTES + 2 * Integer.BYTES + kind.length + cut;
    return ByteBuffer.allocate(Integer.BYTES + length)
        .putInt(length)
        .put(FAILED)
        .putLong(call)
        .putInt(kind.length)
        .put(kind)
        .putInt(cut)
        .put(text, 0, cut)
        .array();
  }

  static ProvingException readFailure(ByteBuffer body) throws MalformedFrameException {
    return parsed(
        () -> {
          Kind kind = Kind.valueOf(text(body, MAX_NAME_BYTES));
          String message = text(body, MAX_MESSAGE_BYTES);
          requireEnd(body);
          return new ProvingException(kind, message);
        });
  }

  static byte[] readProof(ByteBuffer body) throws MalformedFrameException {
    if (body.remaining() != SolvencyProver.PROOF_BYTES) {
      throw new MalformedFrameException("a proof of " + body.remaining() + " bytes");
    }
    byte[] proof = new byte[SolvencyProver.PROOF_BYTES];
    body.get(proof);
    return proof;
  }

  static long readCall(ByteBuffer body) throws MalformedFrameException {
    return parsed(body::getLong);
  }

  /** The next frame, without its length; nothing when the stream ends between two frames. */
  static Optional<ByteBuffer> read(InputStream in, int maxBytes) throws IOException {
    // Not readNBytes: it copies secrets to buffers of its own, and of a file's it fails on pipes.
    byte[] head = new byte[Integer.BYTES];
    int begun = fill(in, head);
    if (begun == 0) {
      return Optional.empty();
    }
    if (begun < head.length) {
      throw new EOFException("a frame is cut off");
    }
    int length = ByteBuffer.wrap(head).getInt();
    if (length < 1 || length > maxBytes) {
      throw new MalformedFrameException(
          "a frame of " + length + " bytes; 1 to " + maxBytes + " are allowed");
    }
    byte[] body = new byte[length];
    if (fill(in, body) < length) {
      Arrays.fill(body, (byte) 0);
      throw new EOFException("a frame is cut off");
    }
    return Optional.of(ByteBuffer.wrap(body));
  }

  /** Reads until the array is full or the stream ends, and returns how much that was. */
  private static int fill(InputStream in, byte[] target) throws IOException {
    int filled = 0;
    while (filled < target.length) {
      int n = in.read(target, filled, target.length - filled);
      if (n < 0) {
        break;
      }
      filled += n;
    }
    return filled;
  }

  static void wipe(ByteBuffer body) {
    body.clear();
    while (body.hasRemaining()) {
      body.put((byte) 0);
    }
  }

  private static byte[] bytes(ByteBuffer body, int max) {
    int length = body.getInt();
    if (length < 0 || length > max || length > body.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] value = new byte[length];
    body.get(value);
    return value;
  }

  private static long[] longs(ByteBuffer body) {
    int length = body.getInt();
    if (length < 0 || length > body.remaining() / Long.BYTES) {
      throw new BufferUnderflowException();
    }
    long[] values = new long[length];
    body.asLongBuffer().get(values);
    body.position(body.position() + length * Long.BYTES);
    return values;
  }

  private static String text(ByteBuffer body, int max) {
    return new String(bytes(body, max), UTF_8);
  }

  private static void requireEnd(ByteBuffer body) {
    if (body.hasRemaining()) {
      throw new BufferUnderflowException();
    }
  }

  private interface Parser<T> {
    T parse();
  }

  private static <T> T parsed(Parser<T> parser) throws MalformedFrameException {
    try {
      return parser.parse();
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      // Without a cause and without the text: either may hold parts of the frame.
      throw new MalformedFrameException("a frame's fields do not fit its length");
    }
  }
}
