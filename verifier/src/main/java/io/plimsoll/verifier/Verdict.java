package io.plimsoll.verifier;

/** What a verifier says of a proof. */
public sealed interface Verdict permits VerifiedSolvency, Rejected {}
