package io.plimsoll.nativeprover;

/** The status codes of the library. A test compares them with the library's own table. */
enum Status {
  OK(0),
  INVALID_ARGUMENT(1),
  NOT_SOLVENT(2),
  UNKNOWN_HANDLE(3),
  KEY_REJECTED(4),
  INTERNAL(5),
  IO(6),
  CEREMONY_REJECTED(7);

  private final int code;

  Status(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static Status of(int code) {
    for (Status status : values()) {
      if (status.code == code) {
        return status;
      }
    }
    throw new IllegalStateException("the native library returned the unknown status " + code);
  }
}
