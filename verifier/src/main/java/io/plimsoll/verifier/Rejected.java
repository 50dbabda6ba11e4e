package io.plimsoll.verifier;

import java.util.Objects;

/**
 * A proof that does not count, or a statement that cannot be formed. It says nothing about whether
 * the account is solvent. Immutable and thread-safe.
 *
 * @param reason why
 * @param detail for people: the value and what it should have been; no secrets
 */
public record Rejected(RejectionReason reason, String detail) implements Statement, Verdict {
  /** Both are there. */
  public Rejected {
    Objects.requireNonNull(reason);
    Objects.requireNonNull(detail);
  }
}
