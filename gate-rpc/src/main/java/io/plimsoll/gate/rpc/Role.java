package io.plimsoll.gate.rpc;

import io.plimsoll.verifier.InvalidFormatException;
import java.util.Arrays;
import java.util.Locale;

/** What a party may do at a venue. */
public enum Role {
  /** Hands in signed rounds. */
  PUBLISHER,
  /** Attests under its own key, and is released from it. */
  ATTESTER,
  /** Proves for its own accounts, and reads what concerns them. */
  OWNER,
  /** Sees every account's status and claims liquidations. */
  LIQUIDATOR,
  /** Reads everything and changes nothing. */
  AUDITOR,
  /** Opens accounts, suspends, resumes, moves the breaker, revokes keys. */
  OPERATOR;

  /** As roles files write it: the name in lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The role of that label.
   *
   * @throws InvalidFormatException if there is none
   */
  static Role ofLabel(String what, String label) throws InvalidFormatException {
    for (Role role : values()) {
      if (role.label().equals(label)) {
        return role;
      }
    }
    throw new InvalidFormatException(
        what
            + ": role is '"
            + label
            + "', not one of "
            + String.join(", ", Arrays.stream(values()).map(Role::label).toList()));
  }
}
