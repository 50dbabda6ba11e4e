package io.plimsoll.attestation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.plimsoll.proto.v1.EncryptedKey;
import io.plimsoll.proto.v1.KeyFile;
import io.plimsoll.proto.v1.KeyKind;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Supplier;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * Key files: a proto3 JSON {@code KeyFile} with the public key readable and the private key either
 * encrypted with a password (Argon2id, then ChaCha20-Poly1305 over everything else in the file) or,
 * when the caller says so by name, unencrypted.
 *
 * <p>Files are created readable by their owner alone, never replaced, and written through to the
 * disk. An unencrypted key that others may read is refused. Passwords are the caller's to wipe;
 * JSON text passes through strings, which the virtual machine wipes when it likes.
 */
public final class KeyFiles {
  /** A key file is smaller than this. */
  static final int MAX_FILE_BYTES = 16 * 1024;

  /** Argon2id cost: RFC 9106, second recommended option, with one lane. */
  static final Cost STANDARD_COST = new Cost(64 * 1024, 4, 1);

  private static final int SALT_BYTES = 16;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;

  private KeyFiles() {}

  /** Argon2id parameters. */
  record Cost(int memoryKib, int iterations, int parallelism) {
    /** Limits on what a file may ask of its reader. */
    void check() throws InvalidFormatException {
      check("key file: encrypted.");
    }

    /**
     * @param what begins the error, before a field's name
     */
    void check(String what) throws InvalidFormatException {
      requireRange(what, "memory_kib", memoryKib, 8, 1024 * 1024);
      requireRange(what, "iterations", iterations, 1, 64);
      requireRange(what, "parallelism", parallelism, 1, 16);
      requireRange(what, "memory_kib", memoryKib, 8 * parallelism, 1024 * 1024);
    }

    private static void requireRange(String what, String field, int value, int min, int max)
        throws InvalidFormatException {
      if (value < min || value > max) {
        throw new InvalidFormatException(
            what
                + field
                + " is "
                + Integer.toUnsignedString(value)
                + ", not within "
                + min
                + " to "
                + max);
      }
    }
  }

  /**
   * Writes a signing key under a password.
   *
   * @throws FileAlreadyExistsException if {@code file} exists
   * @throws IllegalArgumentException if the password is empty
   */
  public static void write(Path file, SigningIdentity identity, char[] password)
      throws IOException {
    create(
        file,
        encrypted(
            KeyKind.KEY_KIND_SIGNING,
            identity.publicKey(),
            identity.privateKey(),
            password,
            STANDARD_COST));
  }

  /**
   * Writes a sealing key under a password.
   *
   * @throws FileAlreadyExistsException if {@code file} exists
   * @throws IllegalArgumentException if the password is empty
   */
  public static void write(Path file, SealingIdentity identity, char[] password)
      throws IOException {
    create(
        file,
        encrypted(
            KeyKind.KEY_KIND_SEALING,
            identity.publicKey().toByteArray(),
            identity.privateKey(),
            password,
            STANDARD_COST));
  }

  /**
   * Writes a signing key that anyone who can read the file can use.
   *
   * @throws FileAlreadyExistsException if {@code file} exists
   */
  public static void writeUnencrypted(Path file, SigningIdentity identity) throws IOException {
    create(
        file,
        unencrypted(KeyKind.KEY_KIND_SIGNING, identity.publicKeyHex(), identity.privateKey()));
  }

  /**
   * Writes a sealing key that anyone who can read the file can use.
   *
   * @throws FileAlreadyExistsException if {@code file} exists
   */
  public static void writeUnencrypted(Path file, SealingIdentity identity) throws IOException {
    create(
        file,
        unencrypted(
            KeyKind.KEY_KIND_SEALING, identity.publicKey().toString(), identity.privateKey()));
  }

  /**
   * Reads a signing key.
   *
   * @param password asked once, and only if the key is encrypted
   * @throws InvalidFormatException if the file is no such key, was altered, or the password is
   *     wrong
   */
  public static SigningIdentity readSigning(Path file, Supplier<char[]> password)
      throws IOException, InvalidFormatException {
    KeyFile keyFile = parse(file, KeyKind.KEY_KIND_SIGNING);
    SigningIdentity identity = SigningIdentity.fromPrivateKey(privateKey(file, keyFile, password));
    requirePublicKey(file, keyFile, identity.publicKeyHex());
    return identity;
  }

  /**
   * Reads a sealing key.
   *
   * @param password asked once, and only if the key is encrypted
   * @throws InvalidFormatException if the file is no such key, was altered, or the password is
   *     wrong
   */
  public static SealingIdentity readSealing(Path file, Supplier<char[]> password)
      throws IOException, InvalidFormatException {
    KeyFile keyFile = parse(file, KeyKind.KEY_KIND_SEALING);
    SealingIdentity identity = SealingIdentity.fromPrivateKey(privateKey(file, keyFile, password));
    requirePublicKey(file, keyFile, identity.publicKey().toString());
    return identity;
  }

  static KeyFile encrypted(
      KeyKind kind, byte[] publicKey, PrivateKeyBytes privateKey, char[] password, Cost cost) {
    if (password.length == 0) {
      throw new IllegalArgumentException("the password is empty");
    }
    SecureRandom random = new SecureRandom();
    byte[] salt = new byte[SALT_BYTES];
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(salt);
    random.nextBytes(nonce);
    byte[] associated = associatedData(kind, publicKey, cost, salt);
    byte[] ciphertext =
        privateKey.use(
            bytes -> {
              try {
                return cipher(true, password, cost, salt, nonce, associated, bytes);
              } catch (InvalidCipherTextException e) {
                throw new IllegalStateException("encryption failed", e);
              }
            });
    HexFormat hex = HexFormat.of();
    return KeyFile.newBuilder()
        .setKind(kind)
        .setPublicKey(hex.formatHex(publicKey))
        .setEncrypted(
            EncryptedKey.newBuilder()
                .setMemoryKib(cost.memoryKib())
                .setIterations(cost.iterations())
                .setParallelism(cost.parallelism())
                .setSalt(hex.formatHex(salt))
                .setNonce(hex.formatHex(nonce))
                .setCiphertext(hex.formatHex(ciphertext)))
        .build();
  }

  private static KeyFile unencrypted(KeyKind kind, String publicKey, PrivateKeyBytes privateKey) {
    return privateKey.use(
        bytes ->
            KeyFile.newBuilder()
                .setKind(kind)
                .setPublicKey(publicKey)
                .setUnencrypted(HexFormat.of().formatHex(bytes))
                .build());
  }

  private static KeyFile parse(Path file, KeyKind expected)
      throws IOException, InvalidFormatException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_FILE_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new InvalidFormatException("key file " + file + ": does not exist");
    }
    if (bytes.length > MAX_FILE_BYTES) {
      throw new InvalidFormatException(
          "key file " + file + ": has more than " + MAX_FILE_BYTES + " bytes");
    }
    KeyFile.Builder builder = KeyFile.newBuilder();
    try {
      JsonFormat.parser().merge(new String(bytes, StandardCharsets.UTF_8), builder);
    } catch (InvalidProtocolBufferException e) {
      // The parser quotes what it read, which may be the key: its message stays here.
      throw new InvalidFormatException("key file " + file + ": is not proto3 JSON of a KeyFile");
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
    if (builder.getKind() != expected) {
      throw new InvalidFormatException(
          "key file " + file + ": kind is " + builder.getKind() + ", not " + expected);
    }
    return builder.build();
  }

  private static byte[] privateKey(Path file, KeyFile keyFile, Supplier<char[]> password)
      throws IOException, InvalidFormatException {
    return switch (keyFile.getPrivateKeyCase()) {
      case UNENCRYPTED -> {
        requireOwnerAlone(file);
        yield hex(file, "unencrypted", keyFile.getUnencrypted(), PrivateKeyBytes.BYTES, false);
      }
      case ENCRYPTED -> decrypt(file, keyFile, password);
      case PRIVATEKEY_NOT_SET ->
          throw new InvalidFormatException("key file " + file + ": has no private key");
    };
  }

  private static byte[] decrypt(Path file, KeyFile keyFile, Supplier<char[]> password)
      throws InvalidFormatException {
    EncryptedKey encrypted = keyFile.getEncrypted();
    Cost cost =
        new Cost(encrypted.getMemoryKib(), encrypted.getIterations(), encrypted.getParallelism());
    cost.check();
    byte[] salt = hex(file, "encrypted.salt", encrypted.getSalt(), SALT_BYTES, true);
    byte[] nonce = hex(file, "encrypted.nonce", encrypted.getNonce(), NONCE_BYTES, true);
    byte[] ciphertext =
        hex(
            file,
            "encrypted.ciphertext",
            encrypted.getCiphertext(),
            PrivateKeyBytes.BYTES + TAG_BYTES,
            true);
    byte[] publicKey = hex(file, "public_key", keyFile.getPublicKey(), PrivateKeyBytes.BYTES, true);
    try {
      return cipher(
          false,
          password.get(),
          cost,
          salt,
          nonce,
          associatedData(keyFile.getKind(), publicKey, cost, salt),
          ciphertext);
    } catch (InvalidCipherTextException e) {
      throw new InvalidFormatException(
          "key file " + file + ": the password is wrong, or the file was altered");
    }
  }

  private static byte[] cipher(
      boolean forEncryption,
      char[] password,
      Cost cost,
      byte[] salt,
      byte[] nonce,
      byte[] associatedData,
      byte[] input)
      throws InvalidCipherTextException {
    byte[] key = passwordKey(password, cost, salt);
    try {
      ChaCha20Poly1305 aead = new ChaCha20Poly1305();
      aead.init(
          forEncryption,
          new AEADParameters(new KeyParameter(key), 8 * TAG_BYTES, nonce, associatedData));
      byte[] output = new byte[aead.getOutputSize(input.length)];
      int length = aead.processBytes(input, 0, input.length, output, 0);
      aead.doFinal(output, length);
      return output;
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /** 32 bytes by Argon2id; the caller wipes them. */
  static byte[] passwordKey(char[] password, Cost cost, byte[] salt) {
    byte[] passwordBytes = utf8(password);
    byte[] key = new byte[32];
    try {
      Argon2BytesGenerator argon2 = new Argon2BytesGenerator();
      argon2.init(
          new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
              .withVersion(Argon2Parameters.ARGON2_VERSION_13)
              .withMemoryAsKB(cost.memoryKib())
              .withIterations(cost.iterations())
              .withParallelism(cost.parallelism())
              .withSalt(salt)
              .build());
      argon2.generateBytes(passwordBytes, key);
      return key;
    } finally {
      Arrays.fill(passwordBytes, (byte) 0);
    }
  }

  private static byte[] associatedData(KeyKind kind, byte[] publicKey, Cost cost, byte[] salt) {
    return new CanonicalWriter("plimsoll/key-file/v1")
        .u8(kind.getNumber())
        .bytes(publicKey)
        .u32(cost.memoryKib())
        .u32(cost.iterations())
        .u32(cost.parallelism())
        .bytes(salt)
        .toByteArray();
  }

  private static byte[] utf8(char[] password) {
    // At most three bytes for each char: a pair of surrogates takes four.
    ByteBuffer encoded = ByteBuffer.wrap(new byte[Math.multiplyExact(3, password.length)]);
    CoderResult result =
        StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(password), encoded, true);
    if (!result.isUnderflow()) {
      throw new IllegalArgumentException("the password is not Unicode text");
    }
    byte[] bytes = Arrays.copyOf(encoded.array(), encoded.position());
    Arrays.fill(encoded.array(), (byte) 0);
    return bytes;
  }

  private static byte[] hex(Path file, String field, String value, int bytes, boolean show)
      throws InvalidFormatException {
    try {
      if (value.length() == 2 * bytes) {
        return HexFormat.of().parseHex(value);
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the one error below.
    }
    throw new InvalidFormatException(
        "key file "
            + file
            + ": "
            + field
            + (show && value.length() <= 200 ? " is '" + value + "'," : " is")
            + " not "
            + 2 * bytes
            + " hexadecimal digits");
  }

  private static void requirePublicKey(Path file, KeyFile keyFile, String actual)
      throws InvalidFormatException {
    if (!keyFile.getPublicKey().equals(actual)) {
      throw new InvalidFormatException(
          "key file "
              + file
              + ": public_key does not belong to the private key, whose public key is "
              + actual);
    }
  }

  private static void create(Path file, KeyFile keyFile) throws IOException {
    byte[] json = (JsonFormat.printer().print(keyFile) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      DurableFiles.create(file, json);
    } finally {
      Arrays.fill(json, (byte) 0);
    }
  }

  static void requireOwnerAlone(Path file) throws IOException, InvalidFormatException {
    if (!DurableFiles.isPosix(file)) {
      return;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (!DurableFiles.OWNER_ALONE.containsAll(permissions)) {
      throw new InvalidFormatException(
          "key file "
              + file
              + ": holds an unencrypted key and its mode is "
              + PosixFilePermissions.toString(permissions)
              + ", not rw-------");
    }
  }
}
