package io.plimsoll.rpc;

import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A client's connection to a service: target, TLS, deadline and limits. It connects with its first
 * call and reconnects by itself. Thread-safe.
 */
public final class RpcChannel implements AutoCloseable {
  private static final long CLOSE_SECONDS = 5;
  private static final long KEEP_ALIVE_SECONDS = 60;

  private final ManagedChannel channel;
  private final Duration deadline;

  private RpcChannel(Builder builder, ChannelCredentials credentials) {
    this.deadline = builder.deadline;
    this.channel =
        NettyChannelBuilder.forTarget(builder.target, credentials)
            .maxInboundMessageSize(builder.maxMessageBytes)
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .build();
  }

  /**
   * A connection to be set up; say {@link Builder#plaintext} or {@link Builder#tls}.
   *
   * @param target as gRPC names it, for example {@code localhost:7171}
   */
  public static Builder builder(String target) {
    return new Builder(target);
  }

  /** What stubs are made on. */
  public Channel channel() {
    return channel;
  }

  /** A stub whose next call ends within the deadline; take a new one for each call. */
  public <S extends AbstractStub<S>> S withDeadline(S stub) {
    return stub.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Ends calls that are under way and disconnects. */
  @Override
  public void close() {
    channel.shutdownNow();
    try {
      boolean unused = channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Settings of a connection. Not thread-safe. */
  public static final class Builder {
    private final String target;
    private Duration deadline = Duration.ofSeconds(30);
    private int maxMessageBytes = 4 * 1024 * 1024;
    private boolean plaintext;
    private TlsFiles tls;

    private Builder(String target) {
      this.target = Objects.requireNonNull(target);
    }

    /** How long a call may take, by default 30 s. */
    public Builder deadline(Duration time) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException("deadline is above zero, not " + time);
      }
      this.deadline = time;
      return this;
    }

    /** Longest answer, by default 4 MiB. */
    public Builder maxMessageBytes(int bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("message bytes are at least 1, not " + bytes);
      }
      this.maxMessageBytes = bytes;
      return this;
    }

    /** Without TLS: for a service on the same machine. */
    public Builder plaintext() {
      this.plaintext = true;
      return this;
    }

    /** With TLS. */
    public Builder tls(TlsFiles files) {
      this.tls = Objects.requireNonNull(files);
      return this;
    }

    /**
     * The connection; it connects with its first call.
     *
     * @throws IOException if a TLS file cannot be used
     * @throws IllegalStateException unless exactly one of plaintext and TLS was chosen
     */
    public RpcChannel connect() throws IOException {
      if (plaintext == (tls != null)) {
        throw new IllegalStateException("choose either plaintext or TLS");
      }
      if (plaintext) {
        return new RpcChannel(this, InsecureChannelCredentials.create());
      }
      try {
        return new RpcChannel(this, tls.channelCredentials());
      } catch (IllegalArgumentException e) {
        throw new IOException("a TLS file cannot be used: " + e.getMessage(), e);
      }
    }
  }
}
