package io.plimsoll.nativeprover;

import com.google.protobuf.InvalidProtocolBufferException;
import io.plimsoll.nativeprover.ProvingException.Kind;
import io.plimsoll.proto.v1.CeremonyContribution;
import io.plimsoll.proto.v1.CeremonyPhase;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A setup ceremony as far as it has come, all of it checked. Immutable.
 *
 * @param model name and shape of the model
 * @param modelDigest digest of the model
 * @param constraintSystemDigest SHA-256 of the constraint system
 * @param constraints rows of the constraint system
 * @param fftSize the least power of two not below {@code constraints}
 * @param beaconRule how both beacons are to be taken
 * @param phases both
 * @param circuitId of the keys that follow, when the ceremony has ended
 */
public record CeremonyReport(
    String model,
    Digest modelDigest,
    Digest constraintSystemDigest,
    int constraints,
    int fftSize,
    String beaconRule,
    List<Phase> phases,
    Optional<Digest> circuitId) {
  /** Copies the list. */
  public CeremonyReport {
    phases = List.copyOf(phases);
  }

  /**
   * One of the two phases.
   *
   * @param contributions in their order
   * @param beacon in hex, when the phase has ended
   */
  public record Phase(List<Contribution> contributions, Optional<String> beacon) {
    /** Copies the list. */
    public Phase {
      contributions = List.copyOf(contributions);
    }
  }

  /**
   * A contribution.
   *
   * @param file its name in the ceremony's directory
   * @param identity who signed it
   * @param state SHA-256 of the phase's state after it: what its contributor publishes
   */
  public record Contribution(String file, Ed25519PublicKey identity, Digest state) {}

  /**
   * Reads the library's message. Keys and signatures are checked by the verifier's own code as
   * well, which is what will read the ceremony's record.
   */
  static CeremonyReport read(byte[] message) throws ProvingException {
    io.plimsoll.proto.v1.CeremonyReport parsed;
    try {
      parsed = io.plimsoll.proto.v1.CeremonyReport.parseFrom(message);
    } catch (InvalidProtocolBufferException e) {
      throw new ProvingException(
          Kind.INTERNAL, "the native library's report of a ceremony is malformed", e);
    }
    List<Phase> phases = new ArrayList<>();
    for (CeremonyPhase phase : parsed.getPhasesList()) {
      phases.add(phase(phases.size() + 1, phase));
    }
    String shape =
        parsed.getShapeList().stream()
            .map(parameter -> parameter.getName() + "=" + parameter.getValue())
            .collect(Collectors.joining(","));
    return new CeremonyReport(
        shape.isEmpty() ? parsed.getModel() : parsed.getModel() + " " + shape,
        SetupCeremony.digest(parsed.getModelDigest()),
        SetupCeremony.digest(parsed.getConstraintSystemDigest()),
        parsed.getConstraints(),
        parsed.getFftSize(),
        parsed.getBeaconRule(),
        phases,
        parsed.getCircuitId().isEmpty()
            ? Optional.empty()
            : Optional.of(SetupCeremony.digest(parsed.getCircuitId())));
  }

  private static Phase phase(int number, CeremonyPhase phase) throws ProvingException {
    List<Contribution> contributions = new ArrayList<>();
    for (CeremonyContribution each : phase.getContributionsList()) {
      String file = SetupCeremony.contributionFile(number, contributions.size() + 1);
      Ed25519PublicKey identity;
      try {
        identity = Ed25519PublicKey.fromBytes(each.getIdentity().toByteArray());
      } catch (InvalidFormatException e) {
        throw rejected(file, e.getMessage());
      }
      if (!identity.verifies(each.getSigned().toByteArray(), each.getSignature().toByteArray())) {
        throw rejected(file, "no verifier takes the signature of " + identity);
      }
      contributions.add(new Contribution(file, identity, SetupCeremony.digest(each.getState())));
    }
    return new Phase(
        contributions,
        phase.getBeacon().isEmpty()
            ? Optional.empty()
            : Optional.of(HexFormat.of().formatHex(phase.getBeacon().toByteArray())));
  }

  private static ProvingException rejected(String file, String reason) {
    return new ProvingException(
        Kind.CEREMONY_REJECTED, "ceremony refused: " + file + ": " + reason);
  }
}
