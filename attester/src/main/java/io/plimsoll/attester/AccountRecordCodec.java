package io.plimsoll.attester;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.gate.LiquidationOrder;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.proto.v1.CustodyRecord;
import io.plimsoll.proto.v1.HeldVersionRecord;
import io.plimsoll.proto.v1.MovementRecord;
import io.plimsoll.proto.v1.MovementState;
import io.plimsoll.proto.v1.PendingAttestation;
import io.plimsoll.proto.v1.QuantityList;
import io.plimsoll.proto.v1.QuantityRecord;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Account records to the bytes of their files and back. */
final class AccountRecordCodec {
  private final AssetTable table;

  AccountRecordCodec(AssetTable table) {
    this.table = table;
  }

  byte[] encode(AccountRecord record) {
    CustodyRecord.Builder out =
        CustodyRecord.newBuilder()
            .setVenue(record.id().venue())
            .setAccount(record.id().account())
            .setPool(record.pool())
            .setHighestVersion(record.highestVersion())
            .setClockMillis(record.clockMillis());
    for (HeldVersion version : record.held()) {
      HeldVersionRecord.Builder held =
          HeldVersionRecord.newBuilder()
              .setCircuitId(ByteString.copyFrom(version.circuitId().toByteArray()))
              .setVersion(version.version())
              .setDigest(ByteString.copyFrom(version.digest().toByteArray()))
              .setNotAfterMillis(version.notAfterMillis());
      version.claims().ifPresent(claims -> held.setClaims(quantities(claims)));
      out.addHeld(held);
    }
    for (Attestation head : record.heads().values()) {
      out.addHeads(AttestationConversions.toProto(head));
    }
    for (AccountRecord.Pending pending : record.outbox()) {
      out.addOutbox(
          PendingAttestation.newBuilder()
              .setAttestation(AttestationConversions.toProto(pending.attestation()))
              .setForced(pending.forced())
              .setOrderDigest(
                  pending
                      .order()
                      .map(digest -> ByteString.copyFrom(digest.toByteArray()))
                      .orElse(ByteString.EMPTY)));
    }
    for (Movement movement : record.movements()) {
      out.addMovements(
          MovementRecord.newBuilder()
              .setId(movement.id())
              .setState(MovementState.valueOf("MOVEMENT_STATE_" + movement.state()))
              .setChange(quantities(movement.change()))
              .setOfferedVersion(movement.offeredVersion())
              .setRequestedAtMillis(movement.requestedAtMillis())
              .setSettledAtMillis(movement.settledAtMillis())
              .setOrder(
                  movement
                      .order()
                      .map(order -> ByteString.copyFrom(order.toByteArray()))
                      .orElse(ByteString.EMPTY))
              .setAttested(movement.attested())
              .setDestination(movement.destination()));
    }
    return out.build().toByteArray();
  }

  AccountRecord decode(byte[] bytes) throws InvalidFormatException {
    CustodyRecord in;
    try {
      in = CustodyRecord.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidFormatException("custody ledger: an entry is no CustodyRecord");
    }
    PledgeId id = new PledgeId(in.getVenue(), in.getAccount());
    List<HeldVersion> held = new ArrayList<>();
    for (HeldVersionRecord each : in.getHeldList()) {
      held.add(
          new HeldVersion(
              digest(each.getCircuitId()),
              each.getVersion(),
              digest(each.getDigest()),
              each.getNotAfterMillis(),
              each.hasClaims() ? Optional.of(amounts(id, each.getClaims())) : Optional.empty()));
    }
    SortedMap<Digest, Attestation> heads = new TreeMap<>();
    for (io.plimsoll.proto.v1.Attestation each : in.getHeadsList()) {
      Attestation head = AttestationConversions.fromProto(each);
      heads.put(head.body().circuitId(), head);
    }
    List<AccountRecord.Pending> outbox = new ArrayList<>();
    for (PendingAttestation each : in.getOutboxList()) {
      outbox.add(
          new AccountRecord.Pending(
              AttestationConversions.fromProto(each.getAttestation()),
              each.getForced(),
              each.getOrderDigest().isEmpty()
                  ? Optional.empty()
                  : Optional.of(digest(each.getOrderDigest()))));
    }
    List<Movement> movements = new ArrayList<>();
    for (MovementRecord each : in.getMovementsList()) {
      movements.add(movement(id, each));
    }
    return new AccountRecord(
        id,
        in.getPool(),
        in.getHighestVersion(),
        held,
        heads,
        outbox,
        movements,
        in.getClockMillis());
  }

  private Movement movement(PledgeId id, MovementRecord in) throws InvalidFormatException {
    Movement.State state;
    try {
      state = Movement.State.valueOf(in.getState().name().substring("MOVEMENT_STATE_".length()));
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(
          "custody ledger: " + id + ": movement " + in.getId() + " is in no known state");
    }
    return new Movement(
        in.getId(),
        state,
        amounts(id, in.getChange()),
        in.getDestination(),
        in.getOfferedVersion(),
        in.getRequestedAtMillis(),
        in.getSettledAtMillis(),
        in.getOrder().isEmpty()
            ? Optional.empty()
            : Optional.of(
                VenueSigned.decode(in.getOrder().toByteArray()).as(LiquidationOrder.class)),
        in.getAttested());
  }

  private QuantityList quantities(Amounts amounts) {
    QuantityList.Builder list = QuantityList.newBuilder();
    for (PortfolioReader.Line line : table.write(amounts)) {
      list.addQuantities(
          QuantityRecord.newBuilder()
              .setVector(line.vector())
              .setLabel(line.label())
              .setQuantity(line.quantity()));
    }
    return list.build();
  }

  /** Never rounded: a promise stays what it was though the configuration changes. */
  private Amounts amounts(PledgeId id, QuantityList list) throws InvalidFormatException {
    List<PortfolioReader.Line> lines = new ArrayList<>();
    for (QuantityRecord each : list.getQuantitiesList()) {
      lines.add(new PortfolioReader.Line(each.getVector(), each.getLabel(), each.getQuantity()));
    }
    return table.readExact("custody ledger: " + id, lines);
  }

  private static Digest digest(ByteString bytes) throws InvalidFormatException {
    if (bytes.size() != Digest.BYTES) {
      throw new InvalidFormatException(
          "custody ledger: a digest has " + bytes.size() + " bytes, not " + Digest.BYTES);
    }
    return Digest.fromBytes(bytes.toByteArray());
  }
}
