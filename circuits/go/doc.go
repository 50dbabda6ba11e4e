// Package circuits compiles margin models to constraints.
//
// A margin model is a graph over integers, written once in Java and serialised as the protobuf message
// plimsoll.v1.MarginModel. [ParseModel] decodes and checks those bytes, bounds every node by interval
// analysis and refuses what docs/intervals.md refuses. [Compile] lowers the graph to gnark's rank-one
// constraints over BN254's scalar field, for Groth16. The circuit has public inputs only, in the order of
// docs/formats.md: context, N, D, coefficients, holdings, blinding.
//
// [CheckKernel] is the check that key generation must pass: without a witness, a proof can be re-targeted
// exactly along the kernel that it computes, so context and blinding must have no part in it.
//
// Constraints are built on gnark's constraint system itself, not through its frontend: the sign gadget is one
// row only when rows are written by hand, and the linear expression of each node is then at hand for
// comparison with the model's evaluator. gnark's commitment extension is never used.
//
// All exported types are immutable and safe for concurrent use.
package circuits
