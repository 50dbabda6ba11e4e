package io.plimsoll.verifier;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A bounded run over everything that takes bytes from outside: the same mutations every time, from
 * good inputs. {@link JazzerFuzzTest} looks further, for as long as one lets it.
 */
class FuzzTest {
  private static final int ROUNDS = 2500;

  /** Reading a key takes milliseconds. */
  private static final int KEY_ROUNDS = 400;

  private static final int[] NUMBERS = {
    0, 1, 2, 31, 32, 33, 127, 128, 255, 256, 65535, 65536, 1 << 20, 1 << 24, Integer.MAX_VALUE, -1
  };

  static Stream<String> targets() {
    return FuzzTargets.all().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void outcomesAreAVerdictOrTheDeclaredException(String name) throws Exception {
    FuzzTargets.Entry entry = FuzzTargets.all().get(name);
    entry.target().accept(entry.seed());
    Random random = new Random(name.hashCode());
    int rounds = name.equals("verifyingKey") ? KEY_ROUNDS : ROUNDS;
    for (int i = 0; i < rounds; i++) {
      byte[] in = entry.seed().clone();
      for (int more = random.nextInt(3); more >= 0; more--) {
        in = mutate(in, entry.seed(), random);
      }
      try {
        entry.target().accept(in);
      } catch (InvalidFormatException expected) {
        // One of the two outcomes.
      } catch (Throwable e) {
        throw new AssertionError(java.util.HexFormat.of().formatHex(in), e);
      }
    }
  }

  @Test
  void anyLengthOfAnyByteIsHandled() {
    FuzzTargets.all()
        .forEach(
            (name, entry) -> {
              for (int value : new int[] {0, 0x40, 0x80, 0xc0, 0xff}) {
                for (int length = 0; length < 200; length++) {
                  byte[] in = new byte[length];
                  Arrays.fill(in, (byte) value);
                  try {
                    entry.target().accept(in);
                  } catch (InvalidFormatException expected) {
                    // One of the two outcomes.
                  }
                }
              }
            });
  }

  private static byte[] mutate(byte[] in, byte[] seed, Random random) {
    if (in.length == 0) {
      return seed.clone();
    }
    int at = random.nextInt(in.length);
    switch (random.nextInt(8)) {
      case 0 -> in[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> in[at] = (byte) random.nextInt();
      case 2 -> {
        if (at + 4 <= in.length) {
          ByteBuffer.wrap(in).putInt(at, NUMBERS[random.nextInt(NUMBERS.length)]);
        }
      }
      case 3 -> {
        return Arrays.copyOf(in, at);
      }
      case 4 -> {
        return Arrays.copyOf(in, in.length + 1 + random.nextInt(40));
      }
      case 5 -> {
        byte[] noise = new byte[1 + random.nextInt(40)];
        random.nextBytes(noise);
        return splice(in, at, noise, at);
      }
      case 6 -> {
        int from = random.nextInt(seed.length);
        return splice(
            in, at, Arrays.copyOfRange(seed, from, from + random.nextInt(seed.length - from)), at);
      }
      default -> {
        return splice(in, at, new byte[0], at + random.nextInt(in.length - at));
      }
    }
    return in;
  }

  /** Puts {@code middle} between what is before {@code to} and what is from {@code from} on. */
  private static byte[] splice(byte[] in, int to, byte[] middle, int from) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(in, 0, to);
    out.writeBytes(middle);
    out.write(in, from, in.length - from);
    return out.toByteArray();
  }
}
