package io.plimsoll.circuits.models;

import io.plimsoll.circuits.MarginModelFamily;

/** The shape parameter that every family has. */
final class Attesters {
  static final MarginModelFamily.Parameter PARAMETER =
      new MarginModelFamily.Parameter(
          "attesters", "attestations that one statement may add up", 4, 1, 64);

  private Attesters() {}
}
