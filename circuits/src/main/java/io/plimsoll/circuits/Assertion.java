package io.plimsoll.circuits;

/**
 * A node that has to be at least zero.
 *
 * @param name unique among the model's assertions
 * @param node index of the node
 */
public record Assertion(String name, int node) {}
