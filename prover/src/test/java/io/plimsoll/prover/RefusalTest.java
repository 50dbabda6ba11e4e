package io.plimsoll.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RefusalTest {
  @Test
  void everyRefusalCrossesTheWireWithItsStatusAndMessage() {
    for (Refusal refusal : Refusal.values()) {
      StatusRuntimeException status = RpcErrors.refused(refusal, "because");
      assertEquals(refusal.kind().name(), status.getStatus().getCode().name());
      ProverException received = RpcErrors.toException(status);
      assertEquals(Optional.of(refusal), received.refusal());
      assertEquals(refusal.kind(), received.kind());
      assertEquals("because", received.getMessage());
    }
  }

  @Test
  void everyRefusalOfTheSchemaIsOneHereOrAResultOfItsOwn() {
    for (io.plimsoll.proto.v1.Refusal message : io.plimsoll.proto.v1.Refusal.values()) {
      switch (message) {
        case UNRECOGNIZED, REFUSAL_UNSPECIFIED, REFUSAL_INVALID_INPUT, REFUSAL_NOT_SOLVENT ->
            assertNull(RpcErrors.fromMessage(message));
        default -> assertEquals(message, RpcErrors.toMessage(RpcErrors.fromMessage(message)));
      }
    }
  }

  @Test
  void aStatusOfSomebodyElseHasNoReason() {
    ProverException received =
        RpcErrors.toException(Status.UNKNOWN.withDescription("?").asRuntimeException());
    assertEquals(ProverException.Kind.INTERNAL, received.kind());
    assertEquals(Optional.empty(), received.refusal());
  }
}
