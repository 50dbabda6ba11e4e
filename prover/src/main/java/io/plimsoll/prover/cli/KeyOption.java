package io.plimsoll.prover.cli;

import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.HexFormat;

/** Keys and digests on the command line: 64 hexadecimal digits. */
final class KeyOption {
  private KeyOption() {}

  /** The 32 bytes. */
  static byte[] bytes(String option, String hex) throws InvalidFormatException {
    if (hex.length() != 64 || !hex.chars().allMatch(HexFormat::isHexDigit)) {
      throw new InvalidFormatException(
          option + " has " + hex.length() + " characters, not 64 hexadecimal digits");
    }
    return HexFormat.of().parseHex(hex);
  }

  static Digest digest(String option, String hex) throws InvalidFormatException {
    return Digest.fromBytes(bytes(option, hex));
  }

  static Ed25519PublicKey publicKey(String option, String hex) throws InvalidFormatException {
    try {
      return Ed25519PublicKey.fromBytes(bytes(option, hex));
    } catch (InvalidFormatException e) {
      throw new InvalidFormatException(option + ": " + e.getMessage());
    }
  }
}
