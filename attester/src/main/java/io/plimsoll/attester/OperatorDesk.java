package io.plimsoll.attester;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.proto.v1.DeskAnswer;
import io.plimsoll.proto.v1.DeskOrder;
import io.plimsoll.proto.v1.QuantityRecord;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A directory in which payments and liquidations are laid out for the custodian's people or
 * programs: {@code NAME.payment.json} or {@code NAME.liquidation.json}, each a {@code DeskOrder},
 * written once. Whoever has carried one out puts {@code NAME.answer.json}, a {@code DeskAnswer},
 * beside it, or has {@code plimsoll attester settle} do so. The files show quantities: the
 * directory is for the custodian alone. Thread-safe.
 */
public final class OperatorDesk implements CustodyPayments, LiquidationExecutor {
  private static final int MAX_ANSWER_BYTES = 1 << 20;

  private final Path directory;

  /**
   * A desk.
   *
   * @param directory made if it is missing
   * @throws IOException if it cannot be made
   */
  public OperatorDesk(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory);
  }

  @Override
  public Outcome pay(Payment payment) throws IOException {
    Path order = directory.resolve(name(payment.pledge(), payment.id()) + ".payment.json");
    layOut(
        order,
        DeskOrder.newBuilder()
            .setId(payment.id())
            .setVenue(payment.pledge().venue())
            .setAccount(payment.pledge().account())
            .setCustodyAccount(payment.custodyAccount())
            .addAllQuantities(quantities(payment.changes()))
            .setDestination(payment.destination())
            .build());
    Optional<DeskAnswer> answer = answer(payment.pledge(), payment.id());
    if (answer.isEmpty()) {
      return Outcome.PENDING;
    }
    return answer.get().getRefused() ? Outcome.REFUSED : Outcome.PAID;
  }

  @Override
  public Optional<List<PortfolioReader.Line>> execute(Request request) throws IOException {
    Path order = directory.resolve(name(request.pledge(), request.id()) + ".liquidation.json");
    layOut(
        order,
        DeskOrder.newBuilder()
            .setId(request.id())
            .setVenue(request.pledge().venue())
            .setAccount(request.pledge().account())
            .setCustodyAccount(request.custodyAccount())
            .addAllQuantities(quantities(request.most()))
            .setNotAfterMillis(request.notAfterMillis())
            .build());
    Optional<DeskAnswer> answer = answer(request.pledge(), request.id());
    if (answer.isEmpty()) {
      return Optional.empty();
    }
    List<PortfolioReader.Line> changes = new ArrayList<>();
    for (QuantityRecord each : answer.get().getChangesList()) {
      changes.add(new PortfolioReader.Line(each.getVector(), each.getLabel(), each.getQuantity()));
    }
    return Optional.of(changes);
  }

  /**
   * Says what came of an order.
   *
   * @throws InvalidFormatException if no such order was laid out, or its answer is there already
   */
  public void answer(PledgeId pledge, DeskAnswer answer)
      throws IOException, InvalidFormatException {
    String name = name(pledge, answer.getId());
    if (!Files.exists(directory.resolve(name + ".payment.json"))
        && !Files.exists(directory.resolve(name + ".liquidation.json"))) {
      throw new InvalidFormatException(
          "desk: nothing was laid out for " + pledge + " with id '" + answer.getId() + "'");
    }
    Path file = directory.resolve(name + ".answer.json");
    if (Files.exists(file)) {
      throw new InvalidFormatException("desk: " + file + " is there already");
    }
    write(file, JsonFormat.printer().print(answer));
  }

  private Optional<DeskAnswer> answer(PledgeId pledge, String id) throws IOException {
    Path file = directory.resolve(name(pledge, id) + ".answer.json");
    byte[] bytes;
    try (var in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_ANSWER_BYTES + 1);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (bytes.length > MAX_ANSWER_BYTES) {
      throw new IOException("desk: " + file + " has more than " + MAX_ANSWER_BYTES + " bytes");
    }
    DeskAnswer.Builder answer = DeskAnswer.newBuilder();
    try {
      JsonFormat.parser().merge(new String(bytes, StandardCharsets.UTF_8), answer);
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("desk: " + file + " is not proto3 JSON of a DeskAnswer", e);
    }
    if (!answer.getId().equals(id)) {
      throw new IOException("desk: " + file + " has another id than its order");
    }
    return Optional.of(answer.build());
  }

  private static List<QuantityRecord> quantities(List<PortfolioReader.Line> lines) {
    return lines.stream()
        .map(
            line ->
                QuantityRecord.newBuilder()
                    .setVector(line.vector())
                    .setLabel(line.label())
                    .setQuantity(line.quantity())
                    .build())
        .toList();
  }

  private static String name(PledgeId pledge, String id) {
    return new CanonicalWriter("plimsoll/desk-order/v1")
        .text(pledge.venue())
        .text(pledge.account())
        .text(id)
        .digest()
        .toString();
  }

  private void layOut(Path file, DeskOrder order) throws IOException {
    if (!Files.exists(file)) {
      write(file, JsonFormat.printer().print(order));
    }
  }

  /** There as a whole or not at all, and on the disk when this returns. */
  private void write(Path file, String text) throws IOException {
    boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    Path fresh =
        posix
            ? Files.createTempFile(
                directory,
                ".order",
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
            : Files.createTempFile(directory, ".order", ".new");
    try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    if (posix) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
