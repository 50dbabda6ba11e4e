/**
 * The gate in production: a durable store for {@link io.plimsoll.gate.LiquidationGate} and the
 * audit of its journal.
 */
package io.plimsoll.venue;
