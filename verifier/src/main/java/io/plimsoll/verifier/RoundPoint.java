package io.plimsoll.verifier;

import io.plimsoll.verifier.bn254.G1;

/**
 * The part of a statement that a risk round fixes, K[0] + sum of K[4+i]*coefficient[i], under the
 * verifying key of one circuit. Immutable and thread-safe.
 */
record RoundPoint(Digest circuitId, G1 point) {}
