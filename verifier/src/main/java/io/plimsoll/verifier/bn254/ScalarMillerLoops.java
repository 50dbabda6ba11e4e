package io.plimsoll.verifier.bn254;

import java.util.ArrayList;
import java.util.List;

/** {@link MillerLoops} in portable Java. Immutable and thread-safe. */
final class ScalarMillerLoops implements MillerLoops {
  static final ScalarMillerLoops INSTANCE = new ScalarMillerLoops();

  private ScalarMillerLoops() {}

  @Override
  public boolean multiply(long[] pairs, int count, long[] product, boolean[] outside) {
    List<Pairing.Pair> points = new ArrayList<>();
    boolean inside = true;
    for (int j = 0; j < count; j++) {
      int offset = PAIR_LONGS * j;
      Fp px = new Fp();
      Fp py = new Fp();
      Fp2 qx = new Fp2();
      Fp2 qy = new Fp2();
      px.read(pairs, offset);
      py.read(pairs, offset + LIMBS);
      qx.re.read(pairs, offset + 2 * LIMBS);
      qx.im.read(pairs, offset + 3 * LIMBS);
      qy.re.read(pairs, offset + 4 * LIMBS);
      qy.im.read(pairs, offset + 5 * LIMBS);
      G2 q = new G2(qx, qy);
      outside[j] = !q.isInSubgroup();
      inside &= !outside[j];
      points.add(new Pairing.Pair(G1.ofAffine(px, py), q));
    }
    if (!inside) {
      return false;
    }
    Fp12 f = Pairing.millerFunction(new Tower(), points, List.of());
    for (int k = 0; k < 6; k++) {
      f.coordinate(k).tidy();
      f.coordinate(k).re.write(product, 2 * LIMBS * k);
      f.coordinate(k).im.write(product, 2 * LIMBS * k + LIMBS);
    }
    return true;
  }

  @Override
  public int minimum() {
    return 1;
  }
}
