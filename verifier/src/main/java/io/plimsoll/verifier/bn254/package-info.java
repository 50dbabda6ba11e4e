/**
 * The pairing-friendly curve BN254 (alt_bn128): fields, groups, multi-scalar multiplication and the
 * optimal ate pairing, on the JDK alone. Not exported, and not constant-time: it verifies what is
 * public, and the one secret that it meets (the opening of a commitment) is the caller's own.
 *
 * <p>Curve: y^2 = x^3 + 3 over the integers modulo p. Tower: {@code Fp2 = Fp[i]/(i^2+1)}, {@code
 * Fp6 = Fp2[v]/(v^3-xi)} with {@code xi = 9+i}, {@code Fp12 = Fp6[w]/(w^2-v)}. Twist: y^2 = x^3 +
 * 3/xi over Fp2. p and r are the usual polynomials of x = 4965661367192848881.
 *
 * <h2>Limbs and bounds</h2>
 *
 * An element is five limbs of 54 bits, in Montgomery form with R = 2^270 (R/p is about 86673, more
 * than 16 bits of room). Limbs are signed, and additions are five plain additions without carries.
 * Two things have to stay small, the limbs and the value, and every method says what it needs and
 * what it gives in these words:
 *
 * <ul>
 *   <li><b>carried</b>: limbs 0 to 3 in [0, 2^54); limb 4 has the sign;
 *   <li><b>k-loose</b>: limbs 0 to 3 at most k*2^54 in absolute value; a sum or difference of
 *       k1-loose and k2-loose is (k1+k2)-loose, and carried is 1-loose;
 *   <li><b>Vp</b>: the value is between -V*p and V*p. Limb 4 is then at most (V+1)*2^38, far below
 *       a full limb;
 *   <li><b>reduced</b>: carried, and the value in (-p, 2p): what every multiplication gives.
 *   <li><b>tidy</b>: carried, and the value in (-p/16, p + p/16): what {@link Fp#tidy} gives.
 * </ul>
 *
 * A product is ten columns ({@link Wide}). Sums of products are added column by column; {@code
 * docs/security.md} has the arithmetic of how many, and assertions check it at run time when they
 * are enabled.
 */
package io.plimsoll.verifier.bn254;
