package io.plimsoll.nativeprover;

import io.plimsoll.nativeprover.ProverFrames.MalformedFrameException;
import io.plimsoll.nativeprover.ProverFrames.Opening;
import io.plimsoll.nativeprover.ProvingException.Kind;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The process of an {@link IsolatedProver}: a native prover behind the standard streams. It ends
 * when its standard input does, so it does not outlive the process that started it.
 */
final class ProverProcess {
  static final int OK = 0;
  static final int MALFORMED = 3;

  /** Opens what is asked for. */
  @FunctionalInterface
  interface Opener {
    SolvencyProver open(Opening opening) throws ProvingException;
  }

  private final InputStream in;
  private final OutputStream out;
  private final Opener opener;

  private ProverProcess(InputStream in, OutputStream out, Opener opener) {
    this.in = in;
    this.out = out;
    this.opener = opener;
  }

  /** Serves until the standard input ends. No argument. */
  public static void main(String[] arguments) {
    run(NativeProver::open);
  }

  /** {@link #main} with another prover, for tests. */
  static void run(Opener opener) {
    InputStream in = new FileInputStream(FileDescriptor.in);
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    // Whatever prints must not get between the frames.
    System.setOut(System.err);
    int status;
    try {
      new ProverProcess(in, out, opener).serve();
      status = OK;
    } catch (IOException e) {
      status = MALFORMED;
    }
    Runtime.getRuntime().halt(status);
  }

  private void serve() throws IOException {
    Optional<ByteBuffer> first = ProverFrames.read(in, ProverFrames.MAX_REQUEST_BYTES);
    if (first.isEmpty()) {
      return;
    }
    if (first.get().get() != ProverFrames.OPEN) {
      throw new MalformedFrameException("the first frame opens nothing");
    }
    SolvencyProver prover;
    try {
      prover = opener.open(Opening.read(first.get()));
    } catch (ProvingException e) {
      write(ProverFrames.failedFrame(0, e));
      return;
    }
    write(ProverFrames.openedFrame());
    // As many as the other side lets in, so that none waits here.
    ExecutorService threads =
        Executors.newCachedThreadPool(
            work -> {
              Thread thread = new Thread(work, "prover");
              thread.setDaemon(true);
              return thread;
            });
    while (true) {
      Optional<ByteBuffer> frame = ProverFrames.read(in, ProverFrames.MAX_REQUEST_BYTES);
      if (frame.isEmpty()) {
        break;
      }
      ByteBuffer body = frame.get();
      if (body.get() != ProverFrames.PROVE) {
        throw new MalformedFrameException("a frame asks for nothing that there is");
      }
      long call;
      ProvingInput input;
      try {
        call = ProverFrames.readCall(body);
        input = ProverFrames.readInput(body);
      } finally {
        ProverFrames.wipe(body);
      }
      threads.execute(() -> prove(prover, call, input));
    }
    prover.close();
  }

  private void prove(SolvencyProver prover, long call, ProvingInput input) {
    byte[] reply;
    try (input) {
      reply = ProverFrames.provedFrame(call, prover.prove(input));
    } catch (ProvingException e) {
      reply = ProverFrames.failedFrame(call, e);
    } catch (RuntimeException | Error e) {
      // The text may hold secrets.
      reply =
          ProverFrames.failedFrame(
              call, new ProvingException(Kind.INTERNAL, "the prover failed: " + e.getClass()));
    }
    try {
      write(reply);
    } catch (IOException e) {
      // Nobody listens any more.
      Runtime.getRuntime().halt(MALFORMED);
    }
  }

  private synchronized void write(byte[] frame) throws IOException {
    out.write(frame);
    out.flush();
  }
}
