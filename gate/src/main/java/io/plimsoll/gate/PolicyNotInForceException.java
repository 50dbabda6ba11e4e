package io.plimsoll.gate;

import io.plimsoll.verifier.Digest;

/**
 * Another gate on the same store has put another policy in force. A gate with an earlier one
 * concludes and decides nothing any more; whoever runs it starts it with the policy in force.
 */
public final class PolicyNotInForceException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  private final transient Digest own;
  private final transient Digest inForce;

  PolicyNotInForceException(Digest own, Digest inForce) {
    super(
        "this gate's policy "
            + own
            + " is not in force; another gate on the same store has put policy "
            + inForce
            + " in force");
    this.own = own;
    this.inForce = inForce;
  }

  /** {@link Decision.PolicySet#digest} of this gate's policy. */
  public Digest own() {
    return own;
  }

  /** The same of the policy in force. */
  public Digest inForce() {
    return inForce;
  }
}
