package io.plimsoll.nativeprover;

import io.plimsoll.verifier.Digest;

/**
 * A prover's process in which a goroutine of the library panics when the first byte of the context
 * says so. With an argument, a JVM in which one panics at once.
 */
final class PanickingProcess {
  static final byte PANIC = 0x66;
  static final byte HANG = 0x67;
  static final String SURVIVED = "survived";

  private PanickingProcess() {}

  public static void main(String[] arguments) {
    if (arguments.length > 0) {
      NativeLibrary.plimsoll_panic(1, new byte[64], 64);
      System.out.println(SURVIVED);
      return;
    }
    ProverProcess.run(opening -> new Panicking(NativeProver.open(opening)));
  }

  private static final class Panicking implements SolvencyProver {
    private final SolvencyProver real;

    Panicking(SolvencyProver real) {
      this.real = real;
    }

    @Override
    public Digest circuitId() {
      return real.circuitId();
    }

    @Override
    public byte[] prove(ProvingInput input) throws ProvingException {
      if (input.context[0] == PANIC) {
        NativeLibrary.plimsoll_panic(1, new byte[64], 64);
      }
      if (input.context[0] == HANG) {
        while (true) {
          try {
            Thread.sleep(1_000);
          } catch (InterruptedException e) {
            // Until the process ends.
          }
        }
      }
      return real.prove(input);
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
