package io.plimsoll.nativeprover;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.Objects.requireNonNull;

import io.plimsoll.nativeprover.ProvingException.Kind;
import io.plimsoll.verifier.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Where key directories live, outside of any repository, and which of them holds a model's
 * development keys. Several threads and processes may share one.
 *
 * <p>A file {@code index/<model digest>-<constraint system digest>} holds the circuit id. The
 * constraint system stands in the name because another version of the compiler may make another one
 * of the same model, for which the old keys are useless.
 */
public final class KeyCache {
  /** Environment variable that names Plimsoll's directory. */
  public static final String HOME_VARIABLE = "PLIMSOLL_HOME";

  private static final String VERIFYING_KEY = "verifying.key";
  private static final Map<Path, Object> LOCKS = new ConcurrentHashMap<>();

  private final Path root;

  private KeyCache(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  /** {@code $PLIMSOLL_HOME/keys}, or {@code ~/.cache/plimsoll/keys} if the variable is not set. */
  public static KeyCache standard() {
    String home = System.getenv(HOME_VARIABLE);
    return at(
        home == null || home.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache", "plimsoll", "keys")
            : Path.of(home, "keys"));
  }

  /** A cache in a directory of its own; created when needed. */
  public static KeyCache at(Path root) {
    return new KeyCache(root);
  }

  /** Where the keys of a circuit are, if they are there. */
  public Path directory(Digest circuitId) {
    return root.resolve(circuitId.toString());
  }

  /** The file that verifiers and attesters read, if it is there. */
  public Path verifyingKey(Digest circuitId) {
    return directory(circuitId).resolve(VERIFYING_KEY);
  }

  /**
   * The development keys of a model, if they have been made.
   *
   * @param model bytes of the {@code MarginModel} message
   * @throws ProvingException of kind INVALID_ARGUMENT (the model breaks a rule) or IO
   */
  public Optional<Digest> find(byte[] model) throws ProvingException {
    return read(index(model));
  }

  /**
   * Finds the development keys of a model, or makes them. If another thread or process is making
   * them, waits for it.
   *
   * @param model bytes of the {@code MarginModel} message
   * @param progress told the start of every stage, if keys are made
   * @return the circuit id
   * @throws ProvingException of kind INVALID_ARGUMENT (the model breaks a rule) or IO
   */
  public Digest developmentKeys(byte[] model, Consumer<SetupStage> progress)
      throws ProvingException {
    requireNonNull(progress, "progress");
    Path index = index(model);
    Optional<Digest> present = read(index);
    if (present.isPresent()) {
      return present.get();
    }
    // A file lock belongs to the process, so threads need one of their own.
    synchronized (LOCKS.computeIfAbsent(index, path -> new Object())) {
      try {
        Files.createDirectories(index.getParent());
        Path lockFile = index.resolveSibling(index.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(lockFile, CREATE, WRITE);
            FileLock lock = channel.lock()) {
          requireNonNull(lock);
          present = read(index);
          if (present.isPresent()) {
            return present.get();
          }
          removeLeftovers();
          Digest circuitId = DevelopmentSetup.run(model, root, progress);
          Path fresh = index.resolveSibling(index.getFileName() + ".new");
          Files.writeString(fresh, circuitId + "\n", US_ASCII);
          Files.move(fresh, index, ATOMIC_MOVE);
          return circuitId;
        }
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }

  /** Setups that were killed leave a directory behind. No setup takes a day. */
  private void removeLeftovers() throws IOException {
    Instant limit = Instant.now().minus(1, ChronoUnit.DAYS);
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(root, ".setup-*")) {
      for (Path leftover : leftovers) {
        // Behind a link, somebody else's files would be deleted.
        if (!Files.isDirectory(leftover, NOFOLLOW_LINKS)
            || Files.getLastModifiedTime(leftover).toInstant().isAfter(limit)) {
          continue;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(leftover)) {
          for (Path file : files) {
            Files.deleteIfExists(file);
          }
        }
        Files.deleteIfExists(leftover);
      }
    }
  }

  private Path index(byte[] model) throws ProvingException {
    try (CompiledModel compiled = CompiledModel.compile(model)) {
      CircuitStatistics statistics = compiled.statistics();
      return root.resolve("index")
          .resolve(statistics.modelDigest() + "-" + statistics.constraintSystemDigest());
    }
  }

  /** The circuit id in an index file, if there is one and its directory exists. */
  private Optional<Digest> read(Path index) throws ProvingException {
    String line;
    try {
      line = Files.readString(index, US_ASCII).strip();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed(e);
    }
    Digest circuitId;
    try {
      circuitId = Digest.fromHex(line);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    return Files.isDirectory(directory(circuitId)) ? Optional.of(circuitId) : Optional.empty();
  }

  private static ProvingException failed(IOException e) {
    return new ProvingException(Kind.IO, "key cache: " + e, e);
  }
}
