/**
 * Turns a market snapshot into the coefficients of a risk round.
 *
 * <p>All numbers are exact decimals. Floating point exists inside {@link io.plimsoll.risk.Black76}
 * and {@link io.plimsoll.risk.DeriveFormulas} alone; what comes out of them is taken as an exact
 * decimal and rounded where a round is written, in a named direction and against the owner.
 */
package io.plimsoll.risk;
