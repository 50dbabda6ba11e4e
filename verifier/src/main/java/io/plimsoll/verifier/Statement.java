package io.plimsoll.verifier;

/** What a proof is checked against, or why there is nothing to check it against. */
public sealed interface Statement permits SolvencyStatement, Rejected {}
