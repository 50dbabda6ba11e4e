package io.plimsoll.nativeprover;

import io.plimsoll.verifier.Digest;
import java.util.List;

/**
 * What a margin model costs as a circuit. Immutable.
 *
 * @param constraints rows of the constraint system
 * @param wires its columns
 * @param publicInputs without the constant one
 * @param fftSize the least power of two not below {@code constraints}: most of a proof's price
 * @param decompositions where the constraints go
 * @param kernelDimension directions along which a proof could be re-targeted to another true
 *     statement
 * @param kernelInputs the public inputs that those directions touch (0 is the context); never the
 *     context nor the blinding
 * @param verifyingKeyBytes size of the verifying key's points, uncompressed
 * @param provingKeyBytes size of the proving key's points, uncompressed
 * @param modelDigest digest of the model
 * @param layoutDigest SHA-256 of the layout
 * @param constraintSystemDigest SHA-256 of the constraint system; depends on the compiler's version
 */
public record CircuitStatistics(
    int constraints,
    int wires,
    int publicInputs,
    int fftSize,
    List<Decomposition> decompositions,
    int kernelDimension,
    List<Integer> kernelInputs,
    long verifyingKeyBytes,
    long provingKeyBytes,
    Digest modelDigest,
    Digest layoutDigest,
    Digest constraintSystemDigest) {
  /** Copies the lists. */
  public CircuitStatistics {
    decompositions = List.copyOf(decompositions);
    kernelInputs = List.copyOf(kernelInputs);
  }

  /**
   * One bit decomposition.
   *
   * @param node index of the node that needed it first
   * @param bits how many bits
   * @param rows how many constraints, those of the bits included
   */
  public record Decomposition(int node, int bits, int rows) {}
}
