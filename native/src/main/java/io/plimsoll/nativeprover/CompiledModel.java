package io.plimsoll.nativeprover;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.jna.ptr.LongByReference;
import io.plimsoll.nativeprover.NativeLibrary.Secret;
import io.plimsoll.verifier.Digest;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A margin model compiled to constraints, without keys. Thread-safe. */
public final class CompiledModel implements AutoCloseable {
  private final long handle;
  private final CircuitStatistics statistics;
  private final AtomicBoolean closed = new AtomicBoolean();

  private CompiledModel(long handle) throws ProvingException {
    this.handle = handle;
    statistics = readStatistics(handle);
  }

  /**
   * Compiles a model.
   *
   * @param model bytes of the {@code MarginModel} message
   * @throws ProvingException of kind INVALID_ARGUMENT if the model breaks a rule; the message names
   *     it
   */
  public static CompiledModel compile(byte[] model) throws ProvingException {
    LongByReference handle = new LongByReference();
    NativeLibrary.check(
        (text, capacity) ->
            NativeLibrary.plimsoll_compile(model, model.length, handle, text, capacity));
    try {
      return new CompiledModel(handle.getValue());
    } catch (ProvingException | RuntimeException e) {
      release(handle.getValue());
      throw e;
    }
  }

  /** What the model costs. Available after close as well. */
  public CircuitStatistics statistics() {
    return statistics;
  }

  /**
   * The value that the circuit gives to every node of the model, also when an assertion does not
   * hold.
   *
   * @param numerator of the threshold
   * @param denominator of the threshold
   * @param coefficients of the round
   * @param holdings summed over the attesters
   * @param choices of the owner; none for most models
   * @param nodes number of nodes in the model
   * @throws ProvingException of kind INVALID_ARGUMENT if an input is out of bounds
   */
  public List<BigInteger> evaluate(
      long numerator,
      long denominator,
      long[] coefficients,
      long[] holdings,
      long[] choices,
      int nodes)
      throws ProvingException {
    byte[] values = new byte[Math.multiplyExact(nodes, NativeLibrary.ELEMENT_BYTES)];
    try (Secret secret = new Secret(holdings);
        Secret chosen = new Secret(choices)) {
      NativeLibrary.check(
          (text, capacity) ->
              NativeLibrary.plimsoll_evaluate(
                  handle,
                  numerator,
                  denominator,
                  coefficients,
                  coefficients.length,
                  secret.pointer(),
                  holdings.length,
                  chosen.pointer(),
                  choices.length,
                  values,
                  values.length,
                  text,
                  capacity));
    }
    List<BigInteger> result = new ArrayList<>(nodes);
    for (int i = 0; i < nodes; i++) {
      result.add(
          new BigInteger(values, i * NativeLibrary.ELEMENT_BYTES, NativeLibrary.ELEMENT_BYTES));
    }
    return result;
  }

  /**
   * Solves the constraints and makes no proof. Fails as {@link SolvencyProver#prove} would.
   *
   * @throws ProvingException of kind INVALID_ARGUMENT or NOT_SOLVENT
   */
  public void requireSatisfied(ProvingInput input) throws ProvingException {
    input.requireOpen();
    try (Secret holdings = new Secret(input.holdings);
        Secret choices = new Secret(input.choices);
        Secret blinding = new Secret(input.blinding)) {
      NativeLibrary.check(
          (text, capacity) ->
              NativeLibrary.plimsoll_satisfies(
                  handle,
                  input.context,
                  input.context.length,
                  input.numerator,
                  input.denominator,
                  input.coefficients,
                  input.coefficients.length,
                  holdings.pointer(),
                  input.holdings.length,
                  choices.pointer(),
                  input.choices.length,
                  blinding.pointer(),
                  input.blinding.length,
                  text,
                  capacity));
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release(handle);
    }
  }

  private static void release(long handle) {
    byte[] text = new byte[1];
    NativeLibrary.plimsoll_release(handle, text, text.length);
  }

  private static CircuitStatistics readStatistics(long handle) throws ProvingException {
    LongByReference length = new LongByReference();
    NativeLibrary.check(
        (text, capacity) ->
            NativeLibrary.plimsoll_statistics(handle, null, 0, length, text, capacity));
    byte[] message = new byte[Math.toIntExact(length.getValue())];
    NativeLibrary.check(
        (text, capacity) ->
            NativeLibrary.plimsoll_statistics(
                handle, message, message.length, length, text, capacity));
    io.plimsoll.proto.v1.CircuitStatistics parsed;
    try {
      parsed = io.plimsoll.proto.v1.CircuitStatistics.parseFrom(message);
    } catch (InvalidProtocolBufferException e) {
      throw new ProvingException(
          ProvingException.Kind.INTERNAL, "the native library's statistics are malformed", e);
    }
    return new CircuitStatistics(
        parsed.getConstraints(),
        parsed.getWires(),
        parsed.getPublicInputs(),
        parsed.getFftSize(),
        parsed.getDecompositionsList().stream()
            .map(d -> new CircuitStatistics.Decomposition(d.getNode(), d.getBits(), d.getRows()))
            .toList(),
        parsed.getKernelDimension(),
        parsed.getKernelInputsList(),
        parsed.getVerifyingKeyBytes(),
        parsed.getProvingKeyBytes(),
        Digest.fromBytes(parsed.getModelDigest().toByteArray()),
        Digest.fromBytes(parsed.getLayoutDigest().toByteArray()),
        Digest.fromBytes(parsed.getConstraintSystemDigest().toByteArray()));
  }
}
