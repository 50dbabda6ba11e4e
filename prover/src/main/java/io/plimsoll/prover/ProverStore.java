package io.plimsoll.prover;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.attestation.SealedDirectory;
import io.plimsoll.attestation.StorageSecret;
import io.plimsoll.proto.v1.StoredProofs;
import io.plimsoll.proto.v1.StoredReceipts;
import io.plimsoll.proto.v1.StoredRounds;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a prover keeps over a restart: its accounts, the last rounds, the proofs on them, and the
 * venue's receipts; everything encrypted at rest. Openings stay sealed to the owner inside, so that
 * reading an account takes the store's secret and the owner's key.
 *
 * <p>Each entry is replaced in one step; a proof is on the disk before it leaves. Thread-safe.
 */
public final class ProverStore implements AutoCloseable {
  /** How many receipts are kept of each account; the oldest go first. */
  public static final int RECEIPTS_KEPT = 128;

  private static final String ACCOUNT = "account/";
  private static final String RECEIPTS = "receipts/";
  private static final String ROUNDS = "rounds";
  private static final String PROOFS = "proofs";

  /** Named entries, each of which is the old one or the new one after a crash. */
  interface Entries extends AutoCloseable {
    Optional<byte[]> read(String name) throws IOException, InvalidFormatException;

    List<String> names() throws IOException, InvalidFormatException;

    void write(String name, byte[] content) throws IOException;

    void delete(String name) throws IOException;

    @Override
    void close() throws IOException;
  }

  private final Entries entries;

  ProverStore(Entries entries) {
    this.entries = entries;
  }

  /** Puts a failure to write into the log; callers hear no more than that it failed. */
  static RefusedException writeFailed(Throwable failure) {
    StructuredLog.of("store_failed").error(failure);
    return new RefusedException(Refusal.STORE, "the store cannot be written");
  }

  /**
   * Opens the store in a directory, and makes it if there is none.
   *
   * @throws InvalidFormatException if the secret is wrong or a file was altered
   * @throws IOException if the directory cannot be used or is in use
   */
  public static ProverStore open(Path directory, StorageSecret secret)
      throws IOException, InvalidFormatException {
    return new ProverStore(new Sealed(SealedDirectory.open(directory, secret)));
  }

  private record Sealed(SealedDirectory directory) implements Entries {
    @Override
    public Optional<byte[]> read(String name) throws IOException, InvalidFormatException {
      return directory.read(name);
    }

    @Override
    public List<String> names() throws IOException, InvalidFormatException {
      return directory.names();
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
      directory.write(name, content);
    }

    @Override
    public void delete(String name) throws IOException {
      directory.delete(name);
    }

    @Override
    public void close() throws IOException {
      directory.close();
    }
  }

  List<io.plimsoll.proto.v1.AccountState> accounts() throws IOException, InvalidFormatException {
    List<io.plimsoll.proto.v1.AccountState> accounts = new ArrayList<>();
    for (String name : entries.names()) {
      if (name.startsWith(ACCOUNT)) {
        accounts.add(
            read(
                name,
                io.plimsoll.proto.v1.AccountState.parser(),
                io.plimsoll.proto.v1.AccountState.getDefaultInstance()));
      }
    }
    return accounts;
  }

  void save(AccountState account) throws IOException {
    byte[] bytes = AttestationConversions.toProto(account).toByteArray();
    try {
      entries.write(ACCOUNT + account.account(), bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  void delete(String account) throws IOException {
    entries.delete(ACCOUNT + account);
  }

  Optional<StoredRounds> rounds() throws IOException, InvalidFormatException {
    return entries.read(ROUNDS).isEmpty()
        ? Optional.empty()
        : Optional.of(read(ROUNDS, StoredRounds.parser(), StoredRounds.getDefaultInstance()));
  }

  void save(StoredRounds rounds) throws IOException {
    entries.write(ROUNDS, rounds.toByteArray());
  }

  StoredProofs proofs() throws IOException, InvalidFormatException {
    return read(PROOFS, StoredProofs.parser(), StoredProofs.getDefaultInstance());
  }

  void save(StoredProofs proofs) throws IOException {
    entries.write(PROOFS, proofs.toByteArray());
  }

  /**
   * The venue's receipts for an account's proofs, the oldest first, as they came.
   *
   * @throws InvalidFormatException if the store was altered
   */
  public synchronized List<byte[]> receipts(String account)
      throws IOException, InvalidFormatException {
    return read(RECEIPTS + account, StoredReceipts.parser(), StoredReceipts.getDefaultInstance())
        .getReceiptsList()
        .stream()
        .map(ByteString::toByteArray)
        .toList();
  }

  synchronized void addReceipt(String account, byte[] receipt)
      throws IOException, InvalidFormatException {
    List<ByteString> receipts = new ArrayList<>();
    receipts(account).forEach(each -> receipts.add(ByteString.copyFrom(each)));
    receipts.add(ByteString.copyFrom(receipt));
    int from = Math.max(0, receipts.size() - RECEIPTS_KEPT);
    entries.write(
        RECEIPTS + account,
        StoredReceipts.newBuilder()
            .addAllReceipts(receipts.subList(from, receipts.size()))
            .build()
            .toByteArray());
  }

  private <M> M read(String name, Parser<M> parser, M absent)
      throws IOException, InvalidFormatException {
    Optional<byte[]> bytes = entries.read(name);
    if (bytes.isEmpty()) {
      return absent;
    }
    try {
      return parser.parseFrom(bytes.get());
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidFormatException("prover store: an entry was written by another version");
    }
  }

  /** Lets go of the directory. */
  @Override
  public void close() throws IOException {
    entries.close();
  }
}
