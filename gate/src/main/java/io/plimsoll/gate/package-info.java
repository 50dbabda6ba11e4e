/**
 * What a venue may conclude from proofs, and when: accounts are solvent, in grace, liquidatable,
 * liquidating or suspended. {@link io.plimsoll.gate.LiquidationGate} is the way in; {@link
 * io.plimsoll.gate.GateStore} is where its records are kept. All times are milliseconds since the
 * epoch on the store's clock.
 */
package io.plimsoll.gate;
