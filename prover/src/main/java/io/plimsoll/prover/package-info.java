/** The prover service of a trader: its engine, its gRPC server and its client. */
package io.plimsoll.prover;
