package io.plimsoll.verifier;

/** What a proof is asked for; a proof for one purpose says nothing for another. */
public enum Purpose {
  /** Initial margin: may the account take on more risk. */
  INITIAL(1),
  /** Maintenance margin: may the account stay as it is. */
  MAINTENANCE(2),
  /** Close-out margin: is a liquidation still orderly. */
  CLOSE_OUT(3);

  private final int code;

  Purpose(int code) {
    this.code = code;
  }

  /** The byte that stands for it in the context and on the wire. */
  public int code() {
    return code;
  }

  /**
   * The purpose of a byte from outside.
   *
   * @throws InvalidFormatException if there is none
   */
  public static Purpose ofCode(int code) throws InvalidFormatException {
    for (Purpose purpose : values()) {
      if (purpose.code == code) {
        return purpose;
      }
    }
    throw new InvalidFormatException("purpose is " + code + ", not 1 to 3");
  }
}
