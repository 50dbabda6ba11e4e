package io.plimsoll.attestation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.plimsoll.proto.v1.LedgerEntry;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A ledger in a directory: one proto3 JSON {@code LedgerEntry} per account, named by the digest of
 * venue and account. It holds no secret: openings are sealed to their owners.
 */
public final class FileAttestationLedger implements AttestationLedger, AutoCloseable {
  /** Four thirds of the longest sealed opening, for base64, and room for the rest. */
  private static final int MAX_ENTRY_BYTES = 1 << 20;

  private final Path directory;
  private final FileChannel lockChannel;

  private FileAttestationLedger(Path directory, FileChannel lockChannel) {
    this.directory = directory;
    this.lockChannel = lockChannel;
  }

  static FileAttestationLedger open(Path directory) throws IOException {
    Files.createDirectories(directory);
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      channel.close();
      throw new IOException("attestation ledger " + directory + ": is in use");
    }
    return new FileAttestationLedger(directory, channel);
  }

  @Override
  public synchronized Reservation reserve(String venue, String account)
      throws IOException, InvalidFormatException {
    LedgerState state = read(venue, account).reserved();
    write(venue, account, state);
    return state.reservation();
  }

  @Override
  public synchronized void record(Attestation attestation)
      throws IOException, InvalidFormatException {
    String venue = attestation.body().venue();
    String account = attestation.body().account();
    write(venue, account, read(venue, account).recorded(attestation));
  }

  @Override
  public synchronized Optional<Attestation> latest(String venue, String account)
      throws IOException, InvalidFormatException {
    return read(venue, account).latest();
  }

  /** Lets go of the directory. */
  @Override
  public synchronized void close() throws IOException {
    lockChannel.close();
  }

  private LedgerState read(String venue, String account)
      throws IOException, InvalidFormatException {
    if (!lockChannel.isOpen()) {
      throw new IOException("attestation ledger " + directory + ": is closed");
    }
    Path file = file(venue, account);
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_ENTRY_BYTES + 1);
    } catch (NoSuchFileException e) {
      return LedgerState.EMPTY;
    }
    String what = "attestation ledger: entry " + file.getFileName();
    if (bytes.length > MAX_ENTRY_BYTES) {
      throw new InvalidFormatException(what + " has more than " + MAX_ENTRY_BYTES + " bytes");
    }
    LedgerEntry.Builder entry = LedgerEntry.newBuilder();
    try {
      JsonFormat.parser().merge(new String(bytes, StandardCharsets.UTF_8), entry);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidFormatException(what + " is not proto3 JSON of a LedgerEntry");
    }
    if (!entry.getVenue().equals(venue) || !entry.getAccount().equals(account)) {
      throw new InvalidFormatException(what + " is of another venue or account");
    }
    LedgerState state = LedgerState.EMPTY;
    if (entry.hasLatest()) {
      Attestation latest = AttestationConversions.fromProto(entry.getLatest());
      if (!latest.body().venue().equals(venue) || !latest.body().account().equals(account)) {
        throw new InvalidFormatException(what + " holds an attestation of another account");
      }
      state = state.recorded(latest);
    }
    if (entry.getReservedVersion() < Math.max(1, state.reservedVersion())) {
      throw new InvalidFormatException(
          what
              + ": reserved_version is "
              + Long.toUnsignedString(entry.getReservedVersion())
              + ", not "
              + Math.max(1, state.reservedVersion())
              + " to 2^63 - 1");
    }
    return new LedgerState(entry.getReservedVersion(), state.latest());
  }

  private void write(String venue, String account, LedgerState state) throws IOException {
    LedgerEntry.Builder entry =
        LedgerEntry.newBuilder()
            .setVenue(venue)
            .setAccount(account)
            .setReservedVersion(state.reservedVersion());
    state.latest().ifPresent(latest -> entry.setLatest(AttestationConversions.toProto(latest)));
    DurableFiles.replace(
        file(venue, account),
        (JsonFormat.printer().print(entry) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private Path file(String venue, String account) {
    return directory.resolve(
        new CanonicalWriter("plimsoll/ledger-entry/v1").text(venue).text(account).digest()
            + ".json");
  }
}
