package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.bn254.Pairing.Pair;
import io.plimsoll.verifier.bn254.Pairing.PreparedPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Every layer, from the prime field to the pairing, against what gnark-crypto computes: {@code
 * docs/vectors/bn254-gnark.txt}, which Go writes and compares with gnark in every run of its tests.
 */
class GnarkVectorsTest {
  private static final Path FILE =
      Path.of(System.getProperty("plimsoll.root", ".."), "docs", "vectors", "bn254-gnark.txt");

  private final Tower tower = new Tower();

  /** Computes the last word of a line from those before it. */
  @FunctionalInterface
  private interface Operation {
    String apply(List<String> operands) throws InvalidPointException;
  }

  @FunctionalInterface
  private interface OnFp {
    void apply(Fp z, Fp x, Fp y);
  }

  @FunctionalInterface
  private interface OnFp2 {
    void apply(Fp2 z, Fp2 x);
  }

  @FunctionalInterface
  private interface OnFp12 {
    void apply(Fp12 z, Fp12 x);
  }

  private final Map<String, Operation> operations = new TreeMap<>();

  GnarkVectorsTest() {
    field("fp.add", Fp::add);
    field("fp.sub", Fp::sub);
    field("fp.mul", Fp::mul);
    field("fp.neg", (z, x, y) -> Fp.neg(z, x));
    field("fp.square", (z, x, y) -> Fp.square(z, x));
    field("fp.invert", (z, x, y) -> Fp.invert(z, x));
    operations.put("fp.larger", in -> String.valueOf(fp(in.get(0)).isLarger()));
    operations.put("fp2.larger", in -> String.valueOf(fp2(in.get(0)).isLarger()));
    operations.put("fp2.mul", in -> product(in));
    quadratic("fp2.square", tower::square);
    quadratic("fp2.invert", tower::invert);
    quadratic("fp2.conjugate", Fp2::conjugate);
    quadratic("fp2.byxi", (z, x) -> Fp2.addXi(z, new Fp2(), x));
    operations.put("fp6.mul", in -> sextic(in));
    operations.put(
        "fp12.mul",
        in -> {
          Fp12 z = new Fp12();
          tower.mul(z, fp12(in.get(0)), fp12(in.get(1)));
          return text(z);
        });
    dodecic("fp12.square", tower::square);
    dodecic("fp12.invert", tower::invert);
    dodecic("fp12.conjugate", Fp12::conjugate);
    dodecic("fp12.frobenius1", (z, x) -> tower.frobenius(z, x, 1));
    dodecic("fp12.frobenius2", (z, x) -> tower.frobenius(z, x, 2));
    dodecic("fp12.frobenius3", (z, x) -> tower.frobenius(z, x, 3));
    dodecic("fp12.cyclotomicsquare", tower::cyclotomicSquare);
    operations.put(
        "fp12.line",
        in -> {
          Fp12 f = fp12(in.get(0));
          tower.mulByLine(f, half(in.get(1)), half(in.get(2)), half(in.get(3)));
          return text(f);
        });
    operations.put(
        "fp12.monicline",
        in -> {
          Fp12 f = fp12(in.get(0));
          tower.mulByLine(f, half(in.get(1)), half(in.get(2)));
          return text(f);
        });
    operations.put("g1.add", in -> text(g1(in.get(0)).plus(g1(in.get(1)))));
    operations.put("g1.neg", in -> text(g1(in.get(0)).negate()));
    operations.put("g1.mul", in -> text(multiple(g1(in.get(0)), bytes(in.get(1)))));
    operations.put("g1.sum", this::sum);
    operations.put("g1.sum64", this::sum64);
    operations.put("g1.compressed", in -> hex(g1(in.get(0)).encodeCompressed()));
    operations.put("g1.uncompressed", in -> hex(g1(in.get(0)).encodeUncompressed()));
    operations.put("g1.decode", in -> text(G1.decodeCompressed(bytes(in.get(0)), 0)));
    operations.put("g1.decoderaw", in -> text(G1.decodeUncompressed(bytes(in.get(0)), 0)));
    operations.put("g2.neg", in -> text(g2(in.get(0)).negate()));
    operations.put("g2.subgroup", in -> String.valueOf(g2(in.get(0)).isInSubgroup()));
    operations.put("g2.compressed", in -> hex(g2(in.get(0)).encodeCompressed()));
    operations.put("g2.uncompressed", in -> hex(g2(in.get(0)).encodeUncompressed()));
    operations.put("g2.decode", in -> text(G2.decodeCompressed(bytes(in.get(0)), 0)));
    operations.put("g2.decoderaw", in -> text(G2.decodeUncompressed(bytes(in.get(0)), 0)));
    operations.put(
        "finalexponentiation",
        in -> {
          Fp12 f = fp12(in.get(0));
          Pairing.finalExponentiation(tower, f);
          return text(f);
        });
    operations.put("pairing", in -> text(Pairing.of(g1(in.get(0)), g2(in.get(1))).value));
    operations.put("product", this::pairings);
  }

  private void field(String name, OnFp operation) {
    operations.put(
        name,
        in -> {
          Fp z = new Fp();
          operation.apply(z, fp(in.get(0)), fp(in.get(in.size() - 1)));
          return text(z);
        });
  }

  private void quadratic(String name, OnFp2 operation) {
    operations.put(
        name,
        in -> {
          Fp2 z = new Fp2();
          operation.apply(z, fp2(in.get(0)));
          return text(z);
        });
  }

  private Fp2 half(String text) {
    Fp2 z = fp2(text);
    tower.mulByFp(z, z, Tower.HALF);
    return z;
  }

  private void dodecic(String name, OnFp12 operation) {
    operations.put(
        name,
        in -> {
          Fp12 z = new Fp12();
          operation.apply(z, fp12(in.get(0)));
          return text(z);
        });
  }

  private String product(List<String> in) {
    Fp2 z = new Fp2();
    tower.mul(z, fp2(in.get(0)), fp2(in.get(1)));
    return text(z);
  }

  private String sextic(List<String> in) {
    Fp12 x = fp12(in.get(0) + "0".repeat(6 * 64));
    Fp12 y = fp12(in.get(1) + "0".repeat(6 * 64));
    Fp12 z = new Fp12();
    tower.mul(z.c0, x.c0, y.c0);
    return text(z).substring(0, 6 * 64);
  }

  private static G1 multiple(G1 point, byte[] scalar) {
    G1Sum sum = new G1Sum();
    G1Msm.addMultiple(sum, point, scalar);
    G1 product = sum.toPoint();
    sum.clear();
    new G1Table(point, scalar.length, 4).addMultiple(sum, scalar);
    assertEquals(product, sum.toPoint());
    return product;
  }

  private String sum(List<String> in) {
    G1Combination combination = new G1Combination();
    List<G1> points = new ArrayList<>();
    List<byte[]> scalars = new ArrayList<>();
    for (int i = 0; i < in.size(); i += 2) {
      points.add(g1(in.get(i)));
      scalars.add(bytes(in.get(i + 1)));
      combination.add(points.get(i / 2), scalars.get(i / 2));
    }
    G1Sum together = new G1Sum();
    G1Msm.addMultiples(together, points, scalars);
    assertEquals(together.toPoint(), combination.toPoint());
    return text(together.toPoint());
  }

  private String sum64(List<String> in) {
    G1[] points = new G1[in.size() / 2];
    long[] scalars = new long[points.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = g1(in.get(2 * i));
      scalars[i] = Long.parseLong(in.get(2 * i + 1));
    }
    G1Points laidOut = G1Points.of(points, 0, points.length);
    G1 first = null;
    // The later sums may take a table.
    for (int round = 0; round < 3; round++) {
      G1Sum sum = new G1Sum();
      laidOut.addProducts(sum, scalars);
      assertTrue(first == null || first.equals(sum.toPoint()));
      first = sum.toPoint();
    }
    return text(first);
  }

  /** Once with all pairs as they are, once with up to three of them prepared. */
  private String pairings(List<String> in) {
    List<Pair> pairs = new ArrayList<>();
    List<Pair> few = new ArrayList<>();
    List<PreparedPair> prepared = new ArrayList<>();
    for (int i = 0; i < in.size(); i += 2) {
      Pair pair = new Pair(g1(in.get(i)), g2(in.get(i + 1)));
      pairs.add(pair);
      if (i < 6) {
        prepared.add(new PreparedPair(pair.g1(), G2Lines.of(pair.g2())));
      } else {
        few.add(pair);
      }
    }
    Gt value = Pairing.product(pairs, List.of()).orElseThrow();
    assertEquals(value, Pairing.product(few, prepared).orElseThrow());
    return text(value.value);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static Fp fp(String hex) {
    Fp z = new Fp();
    assertTrue(z.decode(bytes(hex), 0, 0));
    return z;
  }

  private static Fp2 fp2(String hex) {
    return Fp2.ofHex(hex.substring(0, 64), hex.substring(64, 128));
  }

  private static Fp12 fp12(String hex) {
    Fp12 z = new Fp12();
    for (int i = 0; i < 6; i++) {
      z.coordinate(place(i)).set(fp2(hex.substring(128 * i, 128 * (i + 1))));
    }
    return z;
  }

  /** The power of w that stands at a place of 1, v, v^2, w, vw, v^2 w. */
  private static int place(int i) {
    return i < 3 ? 2 * i : 2 * (i - 3) + 1;
  }

  private static G1 g1(String word) {
    try {
      return word.equals("infinity") ? G1.INFINITY : G1.decodeUncompressed(bytes(word), 0);
    } catch (InvalidPointException e) {
      throw new AssertionError(word, e);
    }
  }

  private static G2 g2(String word) {
    return new G2(fp2(word.substring(0, 128)), fp2(word.substring(128)));
  }

  private static String text(Fp x) {
    byte[] out = new byte[Fp.BYTES];
    x.encode(out, 0);
    return hex(out);
  }

  private static String text(Fp2 x) {
    return text(x.re) + text(x.im);
  }

  private static String text(Fp12 x) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      out.append(text(x.coordinate(place(i))));
    }
    return out.toString();
  }

  private static String text(G1 point) {
    return point.isInfinity() ? "infinity" : hex(point.encodeUncompressed());
  }

  private static String text(G2 point) {
    return text(point.x) + text(point.y);
  }

  private static List<List<String>> lines() throws IOException {
    return Files.readAllLines(FILE).stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> List.of(line.split(" ")))
        .toList();
  }

  @Test
  void everyOperationGivesWhatGnarkGives() throws Exception {
    Map<String, Integer> counts = new TreeMap<>();
    for (List<String> line : lines()) {
      String name = line.get(0);
      List<String> operands = line.subList(1, line.size() - 1);
      String expected = line.get(line.size() - 1);
      counts.merge(name, 1, Integer::sum);
      switch (name) {
        case "fp.sqrt" -> assertRoot(operands.get(0), expected);
        case "fp2.sqrt" -> assertRoot2(operands.get(0), expected);
        default -> {
          Operation operation = operations.get(name);
          assertTrue(operation != null, "no operation " + name);
          if (expected.equals("refused") || isInfinityRead(name, expected)) {
            assertThrows(
                InvalidPointException.class, () -> operation.apply(operands), line.toString());
          } else {
            assertEquals(expected, operation.apply(operands), name + " " + operands);
          }
        }
      }
    }
    // None is left out, on either side.
    TreeMap<String, Operation> known = new TreeMap<>(operations);
    known.put("fp.sqrt", null);
    known.put("fp2.sqrt", null);
    assertEquals(
        known.keySet().stream().collect(Collectors.joining("\n")),
        counts.keySet().stream().collect(Collectors.joining("\n")));
    assertTrue(counts.values().stream().allMatch(count -> count >= 4), counts.toString());
  }

  /** Gnark reads infinity; here it has no encoding. */
  private static boolean isInfinityRead(String name, String expected) {
    return name.contains(".decode") && expected.equals("infinity");
  }

  private static void assertRoot(String square, String expected) {
    Fp z = new Fp();
    boolean exists = new FpPowers().sqrt(z, fp(square));
    assertEquals(!expected.equals("none"), exists, square);
    if (exists) {
      Fp negative = new Fp();
      Fp.neg(negative, z);
      assertTrue(List.of(text(z), text(negative)).contains(expected), square);
    }
  }

  private void assertRoot2(String square, String expected) {
    Fp2 z = new Fp2();
    boolean exists = tower.sqrt(z, fp2(square));
    assertEquals(!expected.equals("none"), exists, square);
    if (exists) {
      Fp2 negative = new Fp2();
      Fp2.neg(negative, z);
      assertTrue(List.of(text(z), text(negative)).contains(expected), square);
    }
  }
}
