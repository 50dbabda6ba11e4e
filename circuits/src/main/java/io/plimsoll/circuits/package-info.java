/**
 * Margin models as data: the graph, its builder, exact evaluator, interval analysis, serialised
 * form, and the readers that turn people's decimals into its integers.
 *
 * <p>A {@link io.plimsoll.circuits.MarginModel} is written once with a {@link
 * io.plimsoll.circuits.MarginModelBuilder}, evaluated here, and compiled to constraints from its
 * protobuf bytes elsewhere; both give every node the same value. All arithmetic is on integers that
 * carry a declared number of decimals; nothing is rounded inside a model.
 */
package io.plimsoll.circuits;
