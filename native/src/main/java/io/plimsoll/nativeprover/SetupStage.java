package io.plimsoll.nativeprover;

/** How far key generation has come, in order. */
public enum SetupStage {
  /** The model is compiled to constraints. */
  COMPILE(0),
  /** The constraints are checked: no commitments, neither context nor blinding in the kernel. */
  CHECK(1),
  /** The keys are made: nearly all of the time. */
  SETUP(2),
  /** The key directory is written. */
  WRITE(3),
  /** What the tuned prover computes from the keys once, its bundle, is made. */
  BUNDLE(4);

  private final int code;

  SetupStage(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static SetupStage of(int code) {
    for (SetupStage stage : values()) {
      if (stage.code == code) {
        return stage;
      }
    }
    throw new IllegalStateException("the native library reported the unknown stage " + code);
  }
}
