package io.plimsoll.prover;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.plimsoll.proto.v1.ProverError;

/** Failures as gRPC statuses, and back. */
final class RpcErrors {
  private static final String REFUSAL_PREFIX = "REFUSAL_";

  private RpcErrors() {}

  static StatusRuntimeException invalidInput(String message) {
    return status(
        ProverException.Kind.INVALID_ARGUMENT,
        message,
        ProverError.newBuilder()
            .setRefusal(io.plimsoll.proto.v1.Refusal.REFUSAL_INVALID_INPUT)
            .build());
  }

  static StatusRuntimeException refused(Refusal refusal, String message) {
    return status(
        refusal.kind(), message, ProverError.newBuilder().setRefusal(toMessage(refusal)).build());
  }

  static StatusRuntimeException status(
      ProverException.Kind kind, String message, ProverError error) {
    return StatusProto.toStatusRuntimeException(
        Status.newBuilder()
            .setCode(code(kind).value())
            .setMessage(message)
            .addDetails(Any.pack(error))
            .build());
  }

  /** What the service said about why; nothing when it said only a status code. */
  static ProverError details(StatusRuntimeException failure) {
    Status status = StatusProto.fromThrowable(failure);
    if (status != null) {
      for (Any detail : status.getDetailsList()) {
        if (detail.is(ProverError.class)) {
          try {
            return detail.unpack(ProverError.class);
          } catch (InvalidProtocolBufferException e) {
            return ProverError.getDefaultInstance();
          }
        }
      }
    }
    return ProverError.getDefaultInstance();
  }

  static ProverException toException(StatusRuntimeException failure) {
    io.grpc.Status status = failure.getStatus();
    String message =
        status.getDescription() == null ? status.getCode().name() : status.getDescription();
    return new ProverException(
        kind(status.getCode()), fromMessage(details(failure).getRefusal()), message, failure);
  }

  private static io.grpc.Status.Code code(ProverException.Kind kind) {
    return io.grpc.Status.Code.valueOf(kind.name());
  }

  private static ProverException.Kind kind(io.grpc.Status.Code code) {
    return switch (code) {
      case INVALID_ARGUMENT -> ProverException.Kind.INVALID_ARGUMENT;
      case NOT_FOUND -> ProverException.Kind.NOT_FOUND;
      case FAILED_PRECONDITION -> ProverException.Kind.FAILED_PRECONDITION;
      case RESOURCE_EXHAUSTED -> ProverException.Kind.RESOURCE_EXHAUSTED;
      case DEADLINE_EXCEEDED -> ProverException.Kind.DEADLINE_EXCEEDED;
      case CANCELLED -> ProverException.Kind.CANCELLED;
      case UNAVAILABLE -> ProverException.Kind.UNAVAILABLE;
      default -> ProverException.Kind.INTERNAL;
    };
  }

  static io.plimsoll.proto.v1.Refusal toMessage(Refusal refusal) {
    return io.plimsoll.proto.v1.Refusal.valueOf(REFUSAL_PREFIX + refusal.name());
  }

  /** The refusal of that name; null for what is none of ours, such as a newer service's. */
  static Refusal fromMessage(io.plimsoll.proto.v1.Refusal message) {
    for (Refusal refusal : Refusal.values()) {
      if (message.name().equals(REFUSAL_PREFIX + refusal.name())) {
        return refusal;
      }
    }
    return null;
  }
}
