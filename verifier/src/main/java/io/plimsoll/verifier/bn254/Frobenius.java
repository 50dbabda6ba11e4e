package io.plimsoll.verifier.bn254;

/** Constants xi^(j*(p^k - 1)/6): what the k-th power of Frobenius multiplies w^j by. */
final class Frobenius {
  private static final Fp2[] FIRST = {
    null,
    Fp2.ofHex(
        "1284b71c2865a7dfe8b99fdd76e68b605c521e08292f2176d60b35dadcc9e470",
        "246996f3b4fae7e6a6327cfe12150b8e747992778eeec7e5ca5cf05f80f362ac"),
    Fp2.ofHex(
        "2fb347984f7911f74c0bec3cf559b143b78cc310c2c3330c99e39557176f553d",
        "16c9e55061ebae204ba4cc8bd75a079432ae2a1d0b7c9dce1665d51c640fcba2"),
    Fp2.ofHex(
        "063cf305489af5dcdc5ec698b6e2f9b9dbaae0eda9c95998dc54014671a0135a",
        "07c03cbcac41049a0704b5a7ec796f2b21807dc98fa25bd282d37f632623b0e3"),
    Fp2.ofHex(
        "05b54f5e64eea80180f3c0b75a181e84d33365f7be94ec72848a1f55921ea762",
        "2c145edbe7fd8aee9f3a80b03b0b1c923685d2ea1bdec763c13b4711cd2b8126"),
    Fp2.ofHex(
        "0183c1e74f798649e93a3661a4353ff4425c459b55aa1bd32ea2c810eab7692f",
        "12acf2ca76fd0675a27fb246c7729f7db080cb99678e2ac024c6b8ee6e0c2c4b"),
  };

  private static final Fp2[] SECOND = squares();

  private static final Fp2[] THIRD = cubes();

  private Frobenius() {}

  /** The constants for k = 1, 2, 3, by j; the first entry is not used. Not to be changed. */
  static Fp2[] factors(int k) {
    return switch (k) {
      case 1 -> FIRST;
      case 2 -> SECOND;
      case 3 -> THIRD;
      default -> throw new IllegalArgumentException("power " + k);
    };
  }

  // x^(p^2 - 1) = x^((p-1)(p+1)): the second constants are the norms of the first, and the third
  // are
  // the products of first and second.

  private static Fp2[] squares() {
    Tower tower = new Tower();
    Fp2[] result = new Fp2[6];
    for (int j = 1; j < 6; j++) {
      result[j] = new Fp2();
      Fp2.conjugate(result[j], FIRST[j]);
      tower.mul(result[j], result[j], FIRST[j]);
      result[j].tidy();
    }
    return result;
  }

  private static Fp2[] cubes() {
    Tower tower = new Tower();
    Fp2[] result = new Fp2[6];
    for (int j = 1; j < 6; j++) {
      result[j] = new Fp2();
      tower.mul(result[j], FIRST[j], SECOND[j]);
    }
    return result;
  }
}
