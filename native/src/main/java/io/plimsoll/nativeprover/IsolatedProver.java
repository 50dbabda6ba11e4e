package io.plimsoll.nativeprover;

import static java.util.Objects.requireNonNull;

import io.plimsoll.nativeprover.ProverFrames.Opening;
import io.plimsoll.nativeprover.ProvingException.Kind;
import io.plimsoll.verifier.Digest;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * A native prover in a process of its own. What ends that process - a panic in a goroutine, a fault
 * in mapped memory, running out of memory - fails the proofs in flight there and nothing else; the
 * process is started again, at once the first time and later and later while it keeps failing.
 * Thread-safe.
 *
 * <p>The process is this JVM's own {@code java} with the same class path. Inputs go to it through
 * its standard input and nowhere else: there is nothing secret in its arguments and its
 * environment, which has only what a JVM needs, and its standard error output, where a panic would
 * print, is thrown away. The pipe's buffers belong to the system and are not wiped.
 */
public final class IsolatedProver implements SolvencyProver {
  private static final Duration FIRST_WAIT = Duration.ofMillis(100);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** After this long without a failure, the next wait is the first again. */
  private static final Duration HEALTHY = Duration.ofMinutes(1);

  /** A proof takes a fraction of a second; a process that needs this long for one hangs. */
  private static final Duration LONGEST_PROOF = Duration.ofMinutes(2);

  /** A key opens in a second; making a bundle anew takes some of them. */
  private static final Duration LONGEST_OPEN = Duration.ofMinutes(5);

  private static final String FAULT = "a fault of the supervisor, ";

  private static final Duration LONGEST_EXIT = Duration.ofSeconds(10);

  /** Variables that the process may see: a password might be in any other. */
  private static final Set<String> ENVIRONMENT =
      Set.of("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH");

  /** Properties that say where native libraries are. */
  private static final List<String> PROPERTIES =
      List.of("java.io.tmpdir", "jna.tmpdir", "jna.library.path", "jna.boot.library.path");

  private final Opening opening;
  private final Patience patience;
  private final UnaryOperator<InputStream> output;
  private final List<String> command;
  private final int capacity = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
  private final Semaphore places = new Semaphore(capacity, true);
  private final Object lock = new Object();
  private final Thread supervisor;
  private Child child; // null while there is none
  private String down = "";
  private boolean supervised = true;
  private int starts;
  private volatile boolean closed;

  /**
   * How long a process may take before it is ended.
   *
   * @param open for its start, up to an open key
   * @param proof for a proof
   */
  record Patience(Duration open, Duration proof) {
    static final Patience STANDARD = new Patience(LONGEST_OPEN, LONGEST_PROOF);
  }

  private IsolatedProver(
      Opening opening, String mainClass, Patience patience, UnaryOperator<InputStream> output)
      throws ProvingException {
    this.opening = opening;
    this.patience = patience;
    this.output = output;
    this.command = command(mainClass);
    child = start();
    supervisor = new Thread(this::supervise, "plimsoll-prover-supervisor");
    supervisor.setDaemon(true);
    supervisor.start();
  }

  /**
   * Starts a process with {@link GnarkProver}. As {@link GnarkProver#open}, and some tenths of a
   * second for the process.
   *
   * @throws ProvingException of kind KEY_REJECTED or IO, or INTERNAL if the process does not start
   */
  public static IsolatedProver tuned(
      Path directory, Digest circuitId, DevelopmentKeys developmentKeys) throws ProvingException {
    return open(NativeProver.Kind.TUNED, directory, circuitId, developmentKeys);
  }

  /** The same with {@link StockGnarkProver}. */
  public static IsolatedProver stock(
      Path directory, Digest circuitId, DevelopmentKeys developmentKeys) throws ProvingException {
    return open(NativeProver.Kind.STOCK, directory, circuitId, developmentKeys);
  }

  private static IsolatedProver open(
      NativeProver.Kind kind, Path directory, Digest circuitId, DevelopmentKeys developmentKeys)
      throws ProvingException {
    requireNonNull(circuitId, "circuitId");
    requireNonNull(developmentKeys, "developmentKeys");
    return new IsolatedProver(
        new Opening(kind, directory, circuitId, developmentKeys),
        ProverProcess.class.getName(),
        Patience.STANDARD,
        UnaryOperator.identity());
  }

  /** With another main class, for tests. */
  static IsolatedProver of(Opening opening, String mainClass) throws ProvingException {
    return of(opening, mainClass, Patience.STANDARD, UnaryOperator.identity());
  }

  /**
   * With another main class and less patience, for tests.
   *
   * @param output through what the process's output is read
   */
  static IsolatedProver of(
      Opening opening, String mainClass, Patience patience, UnaryOperator<InputStream> output)
      throws ProvingException {
    return new IsolatedProver(opening, mainClass, patience, output);
  }

  @Override
  public Digest circuitId() {
    return opening.circuitId();
  }

  /**
   * {@inheritDoc} Of kind INTERNAL as well when the process ended during the proof, or is not
   * running: the message says so.
   */
  @Override
  public byte[] prove(ProvingInput input) throws ProvingException {
    input.requireOpen();
    places.acquireUninterruptibly();
    try {
      Child current;
      synchronized (lock) {
        if (closed) {
          throw new IllegalStateException("closed");
        }
        if (child == null) {
          throw new ProvingException(
              Kind.INTERNAL,
              "the prover's process is not running: "
                  + down
                  + (supervised ? "; it starts again" : ""));
        }
        current = child;
      }
      return current.prove(input, patience.proof());
    } finally {
      places.release();
    }
  }

  /** How often the process has been started. */
  int starts() {
    synchronized (lock) {
      return starts;
    }
  }

  /** The process, while there is one. */
  Optional<ProcessHandle> process() {
    synchronized (lock) {
      return Optional.ofNullable(child).map(c -> c.process.toHandle());
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
    }
    // Until no proof is in flight.
    places.acquireUninterruptibly(capacity);
    synchronized (lock) {
      if (child != null) {
        child.end();
      }
    }
    supervisor.interrupt();
    places.release(capacity);
  }

  /**
   * Reads what the process says until it ends, and starts it again, until this is closed. Whatever
   * goes wrong here, an {@code Error} included, ends the process, fails the calls that wait for it,
   * and is followed by another start.
   */
  private void supervise() {
    try {
      Duration wait = Duration.ZERO;
      do {
        if (System.nanoTime() - listenToTheEnd() > HEALTHY.toNanos()) {
          wait = Duration.ZERO;
        }
        try {
          Thread.sleep(wait.toMillis());
        } catch (InterruptedException e) {
          return; // only close() interrupts
        }
        wait = wait.isZero() ? FIRST_WAIT : wait.multipliedBy(2);
        wait = wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
      } while (startAgain());
    } finally {
      // Nobody is left who would fail a call that waits.
      synchronized (lock) {
        supervised = false;
        if (!closed) {
          child = null;
          down = "its supervisor has failed";
        }
      }
    }
  }

  /** Returns when it began to listen; the process has ended by then, and no call waits for it. */
  private long listenToTheEnd() {
    long began = System.nanoTime();
    Child current;
    synchronized (lock) {
      current = child;
    }
    if (current == null) {
      return began;
    }
    String why;
    try {
      why = current.listen();
    } catch (RuntimeException | Error e) {
      current.process.destroyForcibly();
      why = FAULT + e.getClass().getName();
    }
    synchronized (lock) {
      child = null;
      down = why;
    }
    current.fail(why);
    return began;
  }

  /** Returns whether to go on. */
  private boolean startAgain() {
    synchronized (lock) {
      if (closed) {
        return false;
      }
    }
    try {
      Child fresh = start();
      synchronized (lock) {
        if (!closed) {
          child = fresh;
          return true;
        }
      }
      fresh.end();
      return false;
    } catch (ProvingException e) {
      wentWrong(e.getMessage());
    } catch (RuntimeException | Error e) {
      // Its text might have what nobody should read.
      wentWrong(FAULT + e.getClass().getName());
    }
    return true;
  }

  private void wentWrong(String why) {
    synchronized (lock) {
      down = why;
    }
  }

  private Child start() throws ProvingException {
    synchronized (lock) {
      starts++;
    }
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().retainAll(ENVIRONMENT);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new ProvingException(Kind.INTERNAL, "the prover's process does not start: " + e, e);
    }
    Child fresh = new Child(process, output.apply(process.getInputStream()));
    try {
      fresh.open(opening, patience.open());
      return fresh;
    } catch (ProvingException | RuntimeException | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static List<String> command(String mainClass) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            // What a JVM says about its own end would hold parts of its memory.
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + File.separator + "dev" + File.separator + "null",
            // Standard output is for frames.
            "-XX:+DisplayVMOutputToStderr",
            "--enable-native-access=ALL-UNNAMED"));
    for (String property : PROPERTIES) {
      String value = System.getProperty(property);
      if (value != null) {
        command.add("-D" + property + "=" + value);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
    return List.copyOf(command);
  }

  /** One process and the calls that are in flight there. */
  private static final class Child {
    private final Process process;
    private final InputStream output;
    private final Map<Long, CompletableFuture<byte[]>> calls = new ConcurrentHashMap<>();
    private final AtomicLong lastCall = new AtomicLong();
    private final Object writing = new Object();

    /** Why the process ended, once it has. */
    private volatile String ended;

    Child(Process process, InputStream output) {
      this.process = process;
      this.output = output;
    }

    /**
     * Has the process open its key.
     *
     * @param longest a process that has not by then is ended
     */
    void open(Opening opening, Duration longest) throws ProvingException {
      CompletableFuture<Boolean> inTime = new CompletableFuture<>();
      CompletableFuture<Boolean> unused =
          inTime
              .orTimeout(longest.toNanos(), TimeUnit.NANOSECONDS)
              .whenComplete(
                  (answered, late) -> {
                    if (late != null) {
                      // Which ends writing and reading below.
                      process.destroyForcibly();
                    }
                  });
      ProvingException failure = null;
      try {
        answer(opening);
      } catch (ProvingException e) {
        failure = e;
      }
      if (!inTime.complete(true)) {
        throw new ProvingException(
            Kind.INTERNAL,
            "the prover's process has not opened its key for "
                + longest.toSeconds()
                + " s and was ended",
            failure);
      }
      if (failure != null) {
        throw failure;
      }
    }

    private void answer(Opening opening) throws ProvingException {
      Optional<ByteBuffer> reply;
      try {
        write(opening.frame());
        reply = ProverFrames.read(output, ProverFrames.MAX_REPLY_BYTES);
        if (reply.isPresent()) {
          byte tag = reply.get().get();
          if (tag == ProverFrames.OPENED) {
            return;
          }
          if (tag == ProverFrames.FAILED) {
            ProverFrames.readCall(reply.get());
            throw ProverFrames.readFailure(reply.get());
          }
        }
      } catch (IOException e) {
        throw new ProvingException(
            Kind.INTERNAL, "the prover's process does not start: " + e.getMessage(), e);
      }
      throw new ProvingException(
          Kind.INTERNAL, "the prover's process does not start: " + exit(process));
    }

    byte[] prove(ProvingInput input, Duration longest) throws ProvingException {
      long call = lastCall.incrementAndGet();
      CompletableFuture<byte[]> reply = new CompletableFuture<>();
      // From before the frame is written: a process that does not read would let that wait for
      // ever.
      CompletableFuture<byte[]> unused =
          reply
              .orTimeout(longest.toNanos(), TimeUnit.NANOSECONDS)
              .whenComplete(
                  (proof, failure) -> {
                    if (failure instanceof TimeoutException) {
                      process.destroyForcibly();
                    }
                  });
      byte[] frame = ProverFrames.proveFrame(call, input);
      try {
        calls.put(call, reply);
        // The process may have ended before the call was listed.
        String already = ended;
        if (already != null) {
          throw broken(already);
        }
        try {
          write(frame);
        } catch (IOException e) {
          // It is ending; the listener finds out why and fails the call.
        }
      } finally {
        Arrays.fill(frame, (byte) 0);
      }
      try {
        return await(reply, longest);
      } finally {
        calls.remove(call);
      }
    }

    private static byte[] await(CompletableFuture<byte[]> reply, Duration longest)
        throws ProvingException {
      boolean interrupted = false;
      try {
        while (true) {
          try {
            return reply.get();
          } catch (InterruptedException e) {
            interrupted = true;
          } catch (ExecutionException e) {
            if (e.getCause() instanceof ProvingException cause) {
              throw new ProvingException(cause.kind(), cause.getMessage(), cause);
            }
            throw new ProvingException(
                Kind.INTERNAL,
                "the prover's process has not answered for "
                    + longest.toSeconds()
                    + " s and was ended",
                e);
          }
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }

    /** Completes calls until the process ends, and says why it did. */
    String listen() {
      String problem = "";
      try {
        while (true) {
          Optional<ByteBuffer> frame = ProverFrames.read(output, ProverFrames.MAX_REPLY_BYTES);
          if (frame.isEmpty()) {
            break;
          }
          byte tag = frame.get().get();
          CompletableFuture<byte[]> call = calls.get(ProverFrames.readCall(frame.get()));
          if (call == null) {
            continue;
          }
          if (tag == ProverFrames.PROVED) {
            call.complete(ProverFrames.readProof(frame.get()));
          } else if (tag == ProverFrames.FAILED) {
            call.completeExceptionally(ProverFrames.readFailure(frame.get()));
          } else {
            throw new ProverFrames.MalformedFrameException("a frame answers nothing that there is");
          }
        }
      } catch (IOException e) {
        problem = e.getMessage() + ", ";
      }
      // Also when it only closed its output.
      process.destroy();
      return problem + exit(process);
    }

    void fail(String why) {
      ended = why;
      calls.values().forEach(call -> call.completeExceptionally(broken(why)));
    }

    private static ProvingException broken(String why) {
      return new ProvingException(
          Kind.INTERNAL, "the prover's process ended before the proof was made: " + why);
    }

    private void write(byte[] frame) throws IOException {
      synchronized (writing) {
        OutputStream out = process.getOutputStream();
        out.write(frame);
        out.flush();
      }
    }

    /** Closes its input, upon which it ends by itself. */
    void end() {
      try {
        process.getOutputStream().close();
      } catch (IOException e) {
        process.destroyForcibly();
      }
      exit(process);
    }

    private static String exit(Process process) {
      boolean interrupted = false;
      try {
        while (true) {
          try {
            if (process.waitFor(LONGEST_EXIT.toMillis(), TimeUnit.MILLISECONDS)) {
              int status = process.exitValue();
              return status > 128 ? "signal " + (status - 128) : "exit status " + status;
            }
            process.destroyForcibly();
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}
