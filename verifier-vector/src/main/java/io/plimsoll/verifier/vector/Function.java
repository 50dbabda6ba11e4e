package io.plimsoll.verifier.vector;

import io.plimsoll.verifier.vector.Program.Assembler;
import io.plimsoll.verifier.vector.Program.Assembler.F2;
import java.util.ArrayList;
import java.util.List;

/** Eight elements of Fp12 side by side, by their coordinates of w^0 to w^5, with w^6 = xi. */
final class Function {
  static final int COORDINATES = 6;

  private Function() {}

  /** z = x*y. z is no operand. */
  static void multiply(Assembler asm, F2[] z, F2[] x, F2[] y) {
    F2[] xi = new F2[COORDINATES];
    for (int j = 1; j < COORDINATES; j++) {
      xi[j] = asm.reducedTimesXi(y[j]);
    }
    for (int k = 0; k < COORDINATES; k++) {
      List<F2> operands = new ArrayList<>();
      for (int i = 0; i < COORDINATES; i++) {
        operands.add(x[i]);
        operands.add(i <= k ? y[k - i] : xi[k - i + COORDINATES]);
      }
      asm.productsInto(z[k], operands.toArray(new F2[0]));
    }
  }

  /** z = x*x, every mixed product once. z is not x. */
  static void square(Assembler asm, F2[] z, F2[] x) {
    F2[] twice = new F2[COORDINATES];
    F2[] xi = new F2[COORDINATES];
    F2[] twiceXi = new F2[COORDINATES];
    for (int j = 1; j < COORDINATES; j++) {
      twice[j] = asm.sum(2, x[j]);
      if (j >= COORDINATES / 2) {
        xi[j] = asm.reducedTimesXi(x[j]);
        twiceXi[j] = asm.sum(2, xi[j]);
      }
    }
    for (int k = 0; k < COORDINATES; k++) {
      List<F2> operands = new ArrayList<>();
      for (int i = 0; i < COORDINATES; i++) {
        int j = (k - i + COORDINATES) % COORDINATES;
        if (i > j) {
          continue;
        }
        boolean wraps = i + j >= COORDINATES;
        operands.add(x[i]);
        if (i == j) {
          operands.add(wraps ? xi[j] : x[j]);
        } else {
          operands.add(wraps ? twiceXi[j] : twice[j]);
        }
      }
      asm.productsInto(z[k], operands.toArray(new F2[0]));
    }
  }
}
