package io.plimsoll.attestation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.plimsoll.verifier.CanonicalReader;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * A directory of named entries, encrypted at rest with their names (ChaCha20-Poly1305 under a
 * {@link StorageSecret}), each replaced atomically and durably, and locked against other processes
 * until it is closed. After a crash an entry is the old one or the new one. Whoever can write to
 * the disk can delete entries or put older ones back, and do nothing else unnoticed.
 *
 * <p>Every write has a key of its own, from HKDF with a fresh random salt, so that no nonce ever
 * repeats.
 *
 * <p>Thread-safe.
 */
public final class SealedDirectory implements AutoCloseable {
  /** Longest entry. */
  public static final int MAX_ENTRY_BYTES = 64 << 20;

  private static final String HEADER = "store";
  private static final String SUFFIX = ".sealed";
  private static final String HEADER_TAG = "plimsoll/sealed-store/v1";
  private static final String NAME_TAG = "plimsoll/sealed-name/v1";
  private static final String ENTRY_TAG = "plimsoll/sealed-entry/v1";
  private static final int MAX_HEADER_BYTES = 1024;
  private static final int SALT_BYTES = 32;
  private static final int KEY_BYTES = 32;
  private static final int TAG_BYTES = 16;
  private static final int KIND_PASSWORD = 1;
  private static final int KIND_KEY_FILE = 2;
  private static final byte[] NONCE = new byte[12];

  private final Path directory;
  private final LockedDirectory lock;
  private final PrivateKeyBytes key;
  private final SecureRandom random;
  private boolean closed;

  private SealedDirectory(
      Path directory, LockedDirectory lock, PrivateKeyBytes key, SecureRandom random) {
    this.directory = directory;
    this.lock = lock;
    this.key = key;
    this.random = random;
  }

  /** Whether a store was made in this directory. */
  public static boolean exists(Path directory) {
    return Files.exists(directory.resolve(HEADER));
  }

  /**
   * Opens a store, and makes it if there is none.
   *
   * @throws InvalidFormatException if the secret is wrong or a file of the store was altered
   * @throws IOException if the directory cannot be used or is in use
   */
  public static SealedDirectory open(Path directory, StorageSecret secret)
      throws IOException, InvalidFormatException {
    return open(directory, secret, KeyFiles.STANDARD_COST);
  }

  /**
   * @param cost of a password's key in a new store
   */
  static SealedDirectory open(Path directory, StorageSecret secret, KeyFiles.Cost cost)
      throws IOException, InvalidFormatException {
    LockedDirectory lock = LockedDirectory.open("sealed store", directory, 0);
    SecureRandom random = new SecureRandom();
    try {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.filter(SealedDirectory::isLeftover).toList()) {
          // Left behind by a crash, never used.
          Files.delete(file);
        }
      }
      PrivateKeyBytes key =
          exists(directory)
              ? readHeader(directory.resolve(HEADER), secret)
              : createHeader(directory.resolve(HEADER), secret, cost, random);
      return new SealedDirectory(directory, lock, key, random);
    } catch (IOException | InvalidFormatException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * A file of the store's own that was not complete: others in the directory are not its to delete.
   */
  private static boolean isLeftover(Path file) {
    String name = file.getFileName().toString();
    return name.equals(HEADER + ".new") || name.endsWith(SUFFIX + ".new");
  }

  private static PrivateKeyBytes createHeader(
      Path file, StorageSecret secret, KeyFiles.Cost cost, SecureRandom random) throws IOException {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    PrivateKeyBytes key = secret.derive(cost, salt);
    int kind = secret.isPassword() ? KIND_PASSWORD : KIND_KEY_FILE;
    CanonicalWriter header =
        new CanonicalWriter(HEADER_TAG)
            .u8(kind)
            .u32(cost.memoryKib())
            .u32(cost.iterations())
            .u32(cost.parallelism())
            .bytes(salt);
    byte[] check = cipher(true, key, HEADER_TAG, header.toByteArray(), salt, new byte[0]);
    // By rename: a header is there as a whole or not at all.
    DurableFiles.replace(file, header.bytes(check).toByteArray());
    return key;
  }

  private static PrivateKeyBytes readHeader(Path file, StorageSecret secret)
      throws IOException, InvalidFormatException {
    String what = "sealed store " + file;
    byte[] bytes = bounded(file, MAX_HEADER_BYTES, what);
    CanonicalReader reader = new CanonicalReader(what, bytes, HEADER_TAG);
    int kind = reader.u8("kind");
    KeyFiles.Cost cost =
        new KeyFiles.Cost(
            reader.u32("memory_kib", Integer.MAX_VALUE),
            reader.u32("iterations", Integer.MAX_VALUE),
            reader.u32("parallelism", Integer.MAX_VALUE));
    byte[] salt = reader.exactly("salt", SALT_BYTES);
    byte[] check = reader.exactly("check", TAG_BYTES);
    reader.end();
    cost.check(what + ": ");
    if (kind != KIND_PASSWORD && kind != KIND_KEY_FILE) {
      throw new InvalidFormatException(what + ": kind is " + kind + ", not 1 or 2");
    }
    if ((kind == KIND_PASSWORD) != secret.isPassword()) {
      throw new InvalidFormatException(
          what
              + ": is encrypted under a "
              + (kind == KIND_PASSWORD ? "password, not a key file" : "key file, not a password"));
    }
    byte[] associated =
        new CanonicalWriter(HEADER_TAG)
            .u8(kind)
            .u32(cost.memoryKib())
            .u32(cost.iterations())
            .u32(cost.parallelism())
            .bytes(salt)
            .toByteArray();
    PrivateKeyBytes key = secret.derive(cost, salt);
    if (cipher(false, key, HEADER_TAG, associated, salt, check) == null) {
      key.destroy();
      throw new InvalidFormatException(
          what
              + ": the "
              + (kind == KIND_PASSWORD ? "password" : "key")
              + " is wrong, or the file was altered");
    }
    return key;
  }

  /**
   * Reads an entry.
   *
   * @return nothing if there is none of that name
   * @throws InvalidFormatException if it was altered: never taken for a missing one
   */
  public synchronized Optional<byte[]> read(String name)
      throws IOException, InvalidFormatException {
    requireOpen();
    Path file = file(name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    return Optional.of(open(file).content);
  }

  /**
   * The names of all entries, sorted. Reads every one of them.
   *
   * @throws InvalidFormatException if one was altered
   */
  public synchronized List<String> names() throws IOException, InvalidFormatException {
    requireOpen();
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(each -> each.toString().endsWith(SUFFIX)).toList();
    }
    List<String> names = new ArrayList<>();
    for (Path file : files) {
      Entry entry = open(file);
      Arrays.fill(entry.content, (byte) 0);
      names.add(entry.name);
    }
    names.sort(null);
    return names;
  }

  /**
   * Replaces an entry, or creates it; it is on the disk when this returns.
   *
   * @throws IllegalArgumentException if it is longer than {@value #MAX_ENTRY_BYTES} bytes
   */
  public synchronized void write(String name, byte[] content) throws IOException {
    requireOpen();
    if (content.length > MAX_ENTRY_BYTES) {
      throw new IllegalArgumentException(
          "an entry of " + content.length + " bytes, more than " + MAX_ENTRY_BYTES);
    }
    Path file = file(name);
    byte[] nameBytes = name.getBytes(UTF_8);
    byte[] plain = new byte[4 + nameBytes.length + content.length];
    ByteBuffer.wrap(plain).putInt(nameBytes.length).put(nameBytes).put(content);
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    byte[] sealed;
    try {
      sealed = cipher(true, key, ENTRY_TAG, associated(file), salt, plain);
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
    byte[] whole = Arrays.copyOf(salt, salt.length + sealed.length);
    System.arraycopy(sealed, 0, whole, salt.length, sealed.length);
    DurableFiles.replace(file, whole);
  }

  /** Deletes an entry if there is one. */
  public synchronized void delete(String name) throws IOException {
    requireOpen();
    DurableFiles.delete(file(name));
  }

  private static final class Entry {
    private final String name;
    private final byte[] content;

    Entry(String name, byte[] content) {
      this.name = name;
      this.content = content;
    }
  }

  private Entry open(Path file) throws IOException, InvalidFormatException {
    String what = "sealed store " + directory + ": entry " + file.getFileName();
    byte[] whole = bounded(file, MAX_ENTRY_BYTES + 4096, what);
    if (whole.length < SALT_BYTES + TAG_BYTES + 4) {
      throw new InvalidFormatException(what + " has " + whole.length + " bytes: it was cut off");
    }
    byte[] salt = Arrays.copyOf(whole, SALT_BYTES);
    byte[] sealed = Arrays.copyOfRange(whole, SALT_BYTES, whole.length);
    byte[] plain = cipher(false, key, ENTRY_TAG, associated(file), salt, sealed);
    if (plain == null) {
      throw new InvalidFormatException(what + " was altered or is of another store");
    }
    try {
      int nameLength = ByteBuffer.wrap(plain).getInt();
      String name = new String(plain, 4, nameLength, UTF_8);
      return new Entry(name, Arrays.copyOfRange(plain, 4 + nameLength, plain.length));
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
  }

  private static byte[] bounded(Path file, int max, String what)
      throws IOException, InvalidFormatException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(max + 1);
    } catch (NoSuchFileException e) {
      throw new InvalidFormatException(what + " does not exist");
    }
    if (bytes.length > max) {
      throw new InvalidFormatException(what + " has more than " + max + " bytes");
    }
    return bytes;
  }

  /** Names files by a keyed digest: an account's name is the owner's own business. */
  private Path file(String name) {
    byte[] info = new CanonicalWriter(NAME_TAG).bytes(name.getBytes(UTF_8)).toByteArray();
    byte[] digest = key.use(bytes -> Hkdf.sha512(bytes, new byte[0], info, KEY_BYTES));
    return directory.resolve(HexFormat.of().formatHex(digest) + SUFFIX);
  }

  private static byte[] associated(Path file) {
    return new CanonicalWriter(ENTRY_TAG).text(file.getFileName().toString()).toByteArray();
  }

  /** Null if it does not decrypt. */
  private static byte[] cipher(
      boolean forEncryption,
      PrivateKeyBytes key,
      String purpose,
      byte[] associated,
      byte[] salt,
      byte[] input) {
    byte[] once = key.use(bytes -> Hkdf.sha512(bytes, salt, purpose.getBytes(UTF_8), KEY_BYTES));
    try {
      ChaCha20Poly1305 aead = new ChaCha20Poly1305();
      aead.init(
          forEncryption,
          new AEADParameters(new KeyParameter(once), 8 * TAG_BYTES, NONCE, associated));
      byte[] output = new byte[aead.getOutputSize(input.length)];
      int length = aead.processBytes(input, 0, input.length, output, 0);
      aead.doFinal(output, length);
      return output;
    } catch (InvalidCipherTextException e) {
      return null;
    } finally {
      Arrays.fill(once, (byte) 0);
    }
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("sealed store " + directory + ": is closed");
    }
  }

  /** Wipes the key and lets go of the directory. Does nothing the second time. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    key.destroy();
    lock.close();
  }

  /** Names the directory. */
  @Override
  public String toString() {
    return "SealedDirectory[" + directory + "]";
  }
}
