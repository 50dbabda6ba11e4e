package io.plimsoll.verifier.bn254;

/** The Miller function of a prepared point from its single lines, which the verifier merges. */
final class LineByLine {
  private LineByLine() {}

  static Fp12 millerFunction(G2Lines lines, G1 at) {
    Tower tower = new Tower();
    Fp inverse = new Fp();
    Fp quotient = new Fp();
    Fp.invert(inverse, at.y);
    Fp.mul(inverse, inverse, Tower.HALF);
    Fp.mul(quotient, at.x, inverse);
    Fp12 f = new Fp12();
    f.setOne();
    int line = 0;
    for (int i = MillerPoint.LOOP.length - 2; i >= 0; i--) {
      tower.square(f, f);
      multiply(tower, f, lines, line++, quotient, inverse);
      if (MillerPoint.LOOP[i] != 0) {
        multiply(tower, f, lines, line++, quotient, inverse);
      }
    }
    multiply(tower, f, lines, line++, quotient, inverse);
    multiply(tower, f, lines, line, quotient, inverse);
    return f;
  }

  private static void multiply(
      Tower tower, Fp12 f, G2Lines lines, int line, Fp quotient, Fp inverse) {
    Fp2 h0 = new Fp2();
    Fp2 h1 = new Fp2();
    tower.mulByFp(h0, lines.slopes[line], quotient);
    tower.mulByFp(h1, lines.constants[line], inverse);
    tower.mulByLine(f, h0, h1);
    f.c0.tidy();
    f.c1.tidy();
  }
}
