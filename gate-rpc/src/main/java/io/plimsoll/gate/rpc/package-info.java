/**
 * The gate over the network: {@link io.plimsoll.gate.rpc.GateServer} serves a {@link
 * io.plimsoll.gate.LiquidationGate} on any store as {@code plimsoll.v1.Gate}, {@link
 * io.plimsoll.gate.rpc.GateClient} calls it. {@link io.plimsoll.gate.rpc.VenueRoles} says who may
 * do what. Messages end in one class, and nothing behind it sees protobuf.
 */
package io.plimsoll.gate.rpc;
