package io.plimsoll.attestation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.JsonFormat;
import io.plimsoll.proto.v1.EncryptedKey;
import io.plimsoll.proto.v1.KeyFile;
import io.plimsoll.proto.v1.KeyKind;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFilesTest {
  private static final KeyFiles.Cost CHEAP = new KeyFiles.Cost(64, 1, 1);

  @TempDir Path directory;

  @Test
  void signingKeySurvivesItsFile() throws Exception {
    SigningIdentity identity = SigningIdentity.generate();
    Path file = directory.resolve("attester.key");
    KeyFiles.write(file, identity, "correct horse".toCharArray());
    SigningIdentity read = KeyFiles.readSigning(file, "correct horse"::toCharArray);
    assertEquals(identity.publicKeyHex(), read.publicKeyHex());
    assertArrayEquals(identity.sign(new byte[] {1}), read.sign(new byte[] {1}));
    String privateHex = identity.privateKey().use(HexFormat.of()::formatHex);
    assertFalse(Files.readString(file).contains(privateHex));
  }

  @Test
  void sealingKeySurvivesItsFile() throws Exception {
    SealingIdentity identity = SealingIdentity.generate();
    Path file = directory.resolve("owner.key");
    KeyFiles.write(file, identity, "pässwörd".toCharArray());
    SealingIdentity read = KeyFiles.readSealing(file, "pässwörd"::toCharArray);
    byte[] sealed = Hpke.seal(identity.publicKey(), new byte[1], new byte[1], new byte[] {7});
    assertArrayEquals(new byte[] {7}, read.open(new byte[1], new byte[1], sealed));
  }

  @Test
  void unencryptedKeySurvivesItsFileWithoutPassword() throws Exception {
    SigningIdentity signing = SigningIdentity.generate();
    Path file = directory.resolve("a");
    KeyFiles.writeUnencrypted(file, signing);
    assertEquals(
        signing.publicKeyHex(),
        KeyFiles.readSigning(file, KeyFilesTest::noPassword).publicKeyHex());
    SealingIdentity sealing = SealingIdentity.generate();
    Path other = directory.resolve("b");
    KeyFiles.writeUnencrypted(other, sealing);
    assertEquals(
        sealing.publicKey(), KeyFiles.readSealing(other, KeyFilesTest::noPassword).publicKey());
  }

  @Test
  void filesAreForTheirOwnerAloneAndNeverReplaced() throws Exception {
    Path file = directory.resolve("a");
    KeyFiles.writeUnencrypted(file, SigningIdentity.generate());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertThrows(
        FileAlreadyExistsException.class,
        () -> KeyFiles.writeUnencrypted(file, SealingIdentity.generate()));
  }

  @Test
  void unencryptedKeyThatOthersMayReadIsRefused() throws Exception {
    Path file = directory.resolve("a");
    KeyFiles.writeUnencrypted(file, SigningIdentity.generate());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertEquals(
        "key file " + file + ": holds an unencrypted key and its mode is rw-r-----, not rw-------",
        refusal(file));
  }

  @Test
  void wrongPasswordIsOneClearLine() throws Exception {
    Path file = store(encrypted(SigningIdentity.generate()));
    InvalidFormatException e =
        assertThrows(
            InvalidFormatException.class, () -> KeyFiles.readSigning(file, "wrong"::toCharArray));
    assertEquals(
        "key file " + file + ": the password is wrong, or the file was altered", e.getMessage());
  }

  @Test
  void emptyPasswordIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> KeyFiles.write(directory.resolve("a"), SigningIdentity.generate(), new char[0]));
  }

  @Test
  void everyAlteredFieldIsRefused() throws Exception {
    KeyFile good = encrypted(SigningIdentity.generate());
    EncryptedKey key = good.getEncrypted();
    KeyFile.Builder[] altered = {
      good.toBuilder().setPublicKey(flip(good.getPublicKey())),
      good.toBuilder().setEncrypted(key.toBuilder().setMemoryKib(key.getMemoryKib() + 1)),
      good.toBuilder().setEncrypted(key.toBuilder().setIterations(2)),
      good.toBuilder().setEncrypted(key.toBuilder().setParallelism(2)),
      good.toBuilder().setEncrypted(key.toBuilder().setSalt(flip(key.getSalt()))),
      good.toBuilder().setEncrypted(key.toBuilder().setNonce(flip(key.getNonce()))),
      good.toBuilder().setEncrypted(key.toBuilder().setCiphertext(flip(key.getCiphertext()))),
    };
    for (KeyFile.Builder each : altered) {
      String refusal = refusal(store(each.build()));
      assertTrue(refusal.endsWith("the password is wrong, or the file was altered"), refusal);
    }
  }

  @Test
  void wrongKindIsRefusedEvenWhenRelabelled() throws Exception {
    KeyFile signing = encrypted(SigningIdentity.generate());
    Path file = store(signing);
    InvalidFormatException e =
        assertThrows(
            InvalidFormatException.class,
            () -> KeyFiles.readSealing(file, "password"::toCharArray));
    assertEquals(
        "key file " + file + ": kind is KEY_KIND_SIGNING, not KEY_KIND_SEALING", e.getMessage());
    Path relabelled = store(signing.toBuilder().setKind(KeyKind.KEY_KIND_SEALING).build());
    assertThrows(
        InvalidFormatException.class,
        () -> KeyFiles.readSealing(relabelled, "password"::toCharArray));
  }

  @Test
  void costIsBoundedBeforeMemoryIsTaken() throws Exception {
    KeyFile good = encrypted(SigningIdentity.generate());
    EncryptedKey.Builder key = good.getEncrypted().toBuilder();
    Path memory = store(good.toBuilder().setEncrypted(key.setMemoryKib(-1)).build());
    assertEquals(
        "key file: encrypted.memory_kib is 4294967295, not within 8 to 1048576", refusal(memory));
    key.setMemoryKib(64);
    Path iterations = store(good.toBuilder().setEncrypted(key.setIterations(1000)).build());
    assertEquals("key file: encrypted.iterations is 1000, not within 1 to 64", refusal(iterations));
    key.setIterations(1);
    Path lanes = store(good.toBuilder().setEncrypted(key.setParallelism(16)).build());
    assertEquals("key file: encrypted.memory_kib is 64, not within 128 to 1048576", refusal(lanes));
  }

  @Test
  void unreadableFilesAreRefusedWithoutQuotingThem() throws Exception {
    Path file = directory.resolve("bad");
    String secret = "d1".repeat(32);
    for (String content :
        new String[] {
          "",
          "{",
          "not json " + secret,
          "{\"kind\": \"KEY_KIND_SIGNING\", \"" + secret + "\": 1}",
          "{\"kind\": \"KEY_KIND_SIGNING\", \"encrypted\": \"" + secret + "\"}",
          "{\"kind\": \"KEY_KIND_SIGNING\", \"unencrypted\": \"" + secret + "0\"}",
          "{\"kind\": \"KEY_KIND_SIGNING\", \"unencrypted\": \"x" + secret.substring(1) + "\"}",
          "{\"kind\": \"KEY_KIND_SIGNING\", \"unencrypted\": \"" + secret + "\"}",
          "{\"kind\": \"KEY_KIND_SIGNING\"}",
          " ".repeat(KeyFiles.MAX_FILE_BYTES + 1),
        }) {
      Files.writeString(file, content);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      String refusal = refusal(file);
      assertFalse(refusal.contains(secret.substring(2)), refusal);
      assertFalse(refusal.contains("\n"), refusal);
    }
    Path missing = directory.resolve("missing");
    assertEquals("key file " + missing + ": does not exist", refusal(missing));
  }

  private static char[] noPassword() {
    throw new AssertionError("asked for a password");
  }

  private static KeyFile encrypted(SigningIdentity identity) {
    return KeyFiles.encrypted(
        KeyKind.KEY_KIND_SIGNING,
        identity.publicKey(),
        identity.privateKey(),
        "password".toCharArray(),
        CHEAP);
  }

  private Path store(KeyFile keyFile) throws IOException {
    Path file = Files.createTempFile(directory, "key", ".json");
    return Files.writeString(file, JsonFormat.printer().print(keyFile));
  }

  private static String refusal(Path file) {
    return assertThrows(
            InvalidFormatException.class, () -> KeyFiles.readSigning(file, "password"::toCharArray))
        .getMessage();
  }

  private static String flip(String hex) {
    return (hex.charAt(0) == '0' ? '1' : '0') + hex.substring(1);
  }
}
