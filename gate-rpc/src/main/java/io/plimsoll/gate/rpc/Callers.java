package io.plimsoll.gate.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.plimsoll.gate.rpc.VenueRoles.Party;
import io.plimsoll.rpc.PeerIdentity;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets in whoever is in the roles file, and says who that is. Without TLS, which is for
 * demonstrations on one machine, it believes the caller's word. Thread-safe; roles may be replaced
 * while it runs.
 */
final class Callers implements ServerInterceptor {
  /** Who a caller without certificate says that it is. */
  static final Metadata.Key<String> CLAIMED =
      Metadata.Key.of("plimsoll-party", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<Party> CURRENT = Context.key("plimsoll-party");

  private final boolean believeClaims;
  private volatile VenueRoles roles;
  private final AtomicInteger replacements = new AtomicInteger();

  Callers(VenueRoles roles, boolean believeClaims) {
    this.roles = Objects.requireNonNull(roles);
    this.believeClaims = believeClaims;
  }

  void replace(VenueRoles changed) {
    roles = Objects.requireNonNull(changed);
    replacements.incrementAndGet();
  }

  /** Grows whenever roles are replaced: a stream of before may be somebody's who is no one now. */
  int replacements() {
    return replacements.get();
  }

  /** What a stream of before ends with. */
  static StatusException rolesChanged() {
    return Status.UNAVAILABLE
        .withDescription("the venue's roles have changed; begin again where the stream ended")
        .asException();
  }

  /** Who calls. */
  static Party current() {
    return Objects.requireNonNull(CURRENT.get(), "a call that was let in has a caller");
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Optional<PeerIdentity> peer = PeerIdentity.current();
    Optional<Party> party;
    if (believeClaims) {
      String claimed = headers.get(CLAIMED);
      party = claimed == null ? Optional.empty() : roles.named(claimed);
    } else {
      party = peer.flatMap(roles::party);
    }
    if (party.isEmpty()) {
      call.close(refusal(peer), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(
        Context.current().withValue(CURRENT, party.get()), call, headers, next);
  }

  private Status refusal(Optional<PeerIdentity> peer) {
    if (believeClaims) {
      return Status.UNAUTHENTICATED.withDescription(
          "header " + CLAIMED.name() + " names nobody of the venue's roles file");
    }
    return peer.isEmpty()
        ? Status.UNAUTHENTICATED.withDescription("the caller showed no certificate")
        : Status.PERMISSION_DENIED.withDescription(
            "certificate " + peer.get() + " is not in the venue's roles file");
  }
}
