package io.plimsoll.circuits;

/**
 * A named result, for people; it costs no constraint and is never revealed by a proof.
 *
 * @param name unique among the model's outputs
 * @param node index of the node
 * @param scale decimals that the node's integer carries
 */
public record Output(String name, int node, int scale) {}
