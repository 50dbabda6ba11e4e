package io.plimsoll.verifier.bn254;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.plimsoll.verifier.bn254.Pairing.Pair;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The vectors of EIP-196 and EIP-197. */
class PrecompileVectorsTest {
  private static final Pattern CASE = Pattern.compile("\\{[^{}]*\\}");

  private record Vector(String name, String input, String expected) {}

  private static final Path CASES =
      Path.of(System.getProperty("plimsoll.root", ".."), "..", "shared", "cases", "bn254");

  private static List<Vector> vectors(String file) throws Exception {
    Path path = CASES.resolve(file);
    assumeTrue(Files.exists(path), "no shared cases: " + path + " is missing");
    List<Vector> vectors = new ArrayList<>();
    Matcher matcher = CASE.matcher(Files.readString(path));
    while (matcher.find()) {
      String text = matcher.group();
      vectors.add(new Vector(field(text, "name"), field(text, "input"), field(text, "expected")));
    }
    assertTrue(vectors.size() > 10);
    // None is lost to the pattern.
    assertEquals(Files.readString(path).split("\"input\"", -1).length - 1, vectors.size());
    return vectors;
  }

  private static String field(String text, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]*)\"").matcher(text);
    assertTrue(matcher.find(), name);
    return matcher.group(1);
  }

  /** A point as the precompiles read it: zeros are infinity. */
  private static G1 g1(byte[] in, int offset) throws Exception {
    return isZero(in, offset, 64) ? G1.INFINITY : G1.decodeUncompressed(in, offset);
  }

  private static boolean isZero(byte[] in, int offset, int length) {
    return Arrays.equals(Arrays.copyOfRange(in, offset, offset + length), new byte[length]);
  }

  private static byte[] bytes(G1 point) {
    return point.isInfinity() ? new byte[64] : point.encodeUncompressed();
  }

  /** A file that no test reads would be a promise that nobody keeps. */
  @Test
  void everyFileOfVectorsIsRead() throws Exception {
    assumeTrue(Files.exists(CASES), "no shared cases: " + CASES + " is missing");
    try (Stream<Path> files = Files.list(CASES)) {
      assertEquals(
          Set.of("bn256Add.json", "bn256ScalarMul.json", "bn256Pairing.json"),
          files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()));
    }
  }

  @Test
  void additions() throws Exception {
    for (Vector vector : vectors("bn256Add.json")) {
      byte[] in = Arrays.copyOf(bytes(vector.input), 128);
      byte[] sum = bytes(g1(in, 0).plus(g1(in, 64)));
      assertEquals(vector.expected, hex(sum), vector.name);
    }
  }

  @Test
  void multiplications() throws Exception {
    for (Vector vector : vectors("bn256ScalarMul.json")) {
      byte[] in = Arrays.copyOf(bytes(vector.input), 96);
      G1Sum sum = new G1Sum();
      G1Msm.addMultiple(sum, g1(in, 0), Arrays.copyOfRange(in, 64, 96));
      assertEquals(vector.expected, hex(bytes(sum.toPoint())), vector.name);
    }
  }

  @Test
  void pairings() throws Exception {
    for (Vector vector : vectors("bn256Pairing.json")) {
      byte[] in = bytes(vector.input);
      List<Pair> pairs = new ArrayList<>();
      for (int offset = 0; offset < in.length; offset += 192) {
        if (!isZero(in, offset + 64, 128)) {
          pairs.add(new Pair(g1(in, offset), G2.decodeUncompressed(in, offset + 64)));
        }
      }
      boolean one = Pairing.product(pairs, List.of()).orElseThrow().equals(Gt.one());
      assertEquals(new BigInteger(vector.expected, 16).signum() != 0, one, vector.name);
    }
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
