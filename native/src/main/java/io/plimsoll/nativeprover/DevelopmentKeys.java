package io.plimsoll.nativeprover;

/** Whether keys that a single party made, and could forge proofs with, are good enough. */
public enum DevelopmentKeys {
  /** Only keys from a ceremony are loaded. */
  REFUSED,
  /** Development keys are loaded as well. For development, tests and demonstrations. */
  ALLOWED
}
