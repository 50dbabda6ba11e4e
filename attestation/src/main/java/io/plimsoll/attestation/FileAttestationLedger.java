package io.plimsoll.attestation;

import io.plimsoll.proto.v1.LedgerEntry;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A ledger in a directory: one proto3 JSON {@code LedgerEntry} per account, named by the digest of
 * venue and account. It holds no secret: openings are sealed to their owners.
 */
public final class FileAttestationLedger implements AttestationLedger, AutoCloseable {
  /** Four thirds of the longest sealed opening, for base64, and room for the rest. */
  static final int MAX_ENTRY_BYTES = 1 << 20;

  private final LockedDirectory directory;

  private FileAttestationLedger(LockedDirectory directory) {
    this.directory = directory;
  }

  static FileAttestationLedger open(Path directory) throws IOException {
    return new FileAttestationLedger(
        LockedDirectory.open("attestation ledger", directory, MAX_ENTRY_BYTES));
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
    directory.close();
  }

  private LedgerState read(String venue, String account)
      throws IOException, InvalidFormatException {
    Digest name = name(venue, account);
    LedgerEntry.Builder entry = LedgerEntry.newBuilder();
    if (!directory.read(name, entry)) {
      return LedgerState.EMPTY;
    }
    String what = directory.describe(name);
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
    directory.write(name(venue, account), entry.build());
  }

  private static Digest name(String venue, String account) {
    return new CanonicalWriter("plimsoll/ledger-entry/v1").text(venue).text(account).digest();
  }
}
