package io.plimsoll.gate.rpc;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.plimsoll.gate.rpc.GateClient.Submitted;
import io.plimsoll.proto.v1.SubmitProofRequest;
import io.plimsoll.proto.v1.SubmitProofResponse;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * Proofs on one stream: answers come in the order of the proofs, and no more than a window of them
 * is under way. When the stream breaks, what has no answer ends with a {@link GateException}; it
 * may be submitted again on another stream. Thread-safe.
 */
public final class ProofStream implements AutoCloseable {
  /** Makes the message of a submission. */
  interface Requests {
    SubmitProofRequest of(String account, long roundSequence, byte[] proof);
  }

  /** Reads an answer. */
  interface Answers {
    Submitted of(SubmitProofResponse answer) throws InvalidFormatException;
  }

  /** Begins the call. */
  interface Begin {
    StreamObserver<SubmitProofRequest> on(StreamObserver<SubmitProofResponse> answers);
  }

  private final Semaphore window;
  private final Requests requests;
  private final Answers answers;
  private final Deque<CompletableFuture<Submitted>> waiting = new ArrayDeque<>();
  private final StreamObserver<SubmitProofRequest> out;
  private ClientCallStreamObserver<SubmitProofRequest> call;
  private GateException over;

  ProofStream(int window, Begin begin, Requests requests, Answers answers) {
    if (window < 1) {
      throw new IllegalArgumentException("window is at least 1, not " + window);
    }
    this.window = new Semaphore(window);
    this.requests = requests;
    this.answers = answers;
    this.out = begin.on(new Receiver());
  }

  /**
   * Submits a proof; blocks while the window is full.
   *
   * @return completes with the venue's answer, or with a {@link GateException}
   * @throws InterruptedException if interrupted while the window is full
   */
  public CompletableFuture<Submitted> submit(String account, long roundSequence, byte[] proof)
      throws InterruptedException {
    SubmitProofRequest request = requests.of(account, roundSequence, proof);
    CompletableFuture<Submitted> answer = new CompletableFuture<>();
    window.acquire();
    synchronized (this) {
      if (over != null) {
        window.release();
        answer.completeExceptionally(over);
        return answer;
      }
      waiting.addLast(answer);
      out.onNext(request);
    }
    return answer;
  }

  /** Says that no more proofs come; those that were submitted are still answered. */
  public synchronized void finish() {
    if (over == null) {
      out.onCompleted();
    }
  }

  /** Ends the stream; what has no answer yet ends with an exception. */
  @Override
  public void close() {
    fail(new GateException(GateException.Kind.CANCELLED, "the stream was closed", null));
    if (call != null) {
      call.cancel("closed", null);
    }
  }

  private void fail(GateException why) {
    Deque<CompletableFuture<Submitted>> unanswered;
    synchronized (this) {
      if (over == null) {
        over = why;
      }
      unanswered = new ArrayDeque<>(waiting);
      waiting.clear();
    }
    for (CompletableFuture<Submitted> answer : unanswered) {
      window.release();
      answer.completeExceptionally(why);
    }
  }

  private final class Receiver
      implements ClientResponseObserver<SubmitProofRequest, SubmitProofResponse> {
    @Override
    public void beforeStart(ClientCallStreamObserver<SubmitProofRequest> begun) {
      call = begun;
    }

    @Override
    public void onNext(SubmitProofResponse message) {
      Submitted submitted;
      try {
        submitted = answers.of(message);
      } catch (InvalidFormatException e) {
        fail(
            new GateException(
                GateException.Kind.INTERNAL,
                "the venue sent what cannot be: " + e.getMessage(),
                e));
        call.cancel("an answer that cannot be", null);
        return;
      }
      CompletableFuture<Submitted> answer;
      synchronized (ProofStream.this) {
        answer = waiting.pollFirst();
      }
      if (answer != null) {
        window.release();
        answer.complete(submitted);
      }
    }

    @Override
    public void onError(Throwable error) {
      fail(GateException.of(error));
    }

    @Override
    public void onCompleted() {
      fail(new GateException(GateException.Kind.UNAVAILABLE, "the venue ended the stream", null));
    }
  }
}
