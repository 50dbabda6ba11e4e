package io.plimsoll.circuits;

/**
 * A declared private input: a vector of holdings.
 *
 * @param name unique among the model's inputs
 * @param axis which list of the {@link Listing} labels the elements; empty for a single unlabelled
 *     element such as cash
 * @param length number of elements, at least 1
 * @param scale decimals that the integers carry
 * @param min smallest value of one attester's holding, in units of 10^-scale; at most 0
 * @param max largest value of one attester's holding, in units of 10^-scale; at least 0
 * @param magnitudeOf when not empty: each element is the attested magnitude |x| of the same element
 *     of the vector named here
 */
public record HoldingVector(
    String name, String axis, int length, int scale, long min, long max, String magnitudeOf) {
  /** Whether the elements are attested magnitudes of another vector. */
  public boolean isMagnitude() {
    return !magnitudeOf.isEmpty();
  }
}
