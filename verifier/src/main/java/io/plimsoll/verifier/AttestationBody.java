package io.plimsoll.verifier;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What an attester signs: that it keeps, for one account, the holdings inside a commitment. Any
 * instance has a canonical form. Immutable and thread-safe.
 */
public final class AttestationBody {
  /** Longest sealed opening in bytes: encapsulation, holdings, blinding and authentication tag. */
  public static final int MAX_SEALED_OPENING_BYTES = 8 * StatementLayout.MAX_HOLDINGS + 256;

  private static final String TAG = "plimsoll/attestation/v1";
  private static final String WHAT = "attestation";

  private final String venue;
  private final String account;
  private final Digest circuitId;
  private final Digest listingDigest;
  private final Ed25519PublicKey attester;
  private final List<ColumnRange> scope;
  private final long version;
  private final long asOfMillis;
  private final long notAfterMillis;
  private final Digest previousDigest;
  private final boolean closing;
  private final byte[] commitmentBytes;
  private final Commitment commitment;
  private final byte[] sealedOpening;
  private final Optional<ScopeProof> scopeProof;

  private AttestationBody(Builder from) throws InvalidFormatException {
    venue = RiskRound.requireNotEmpty(WHAT + ": venue", required("venue", from.venue));
    account = RiskRound.requireNotEmpty(WHAT + ": account", required("account", from.account));
    circuitId = required("circuit id", from.circuitId);
    listingDigest = required("listing digest", from.listingDigest);
    attester = required("attester key", from.attester);
    scope = ColumnRange.requireScope(required("scope", from.scope));
    version = from.version;
    asOfMillis = from.asOfMillis;
    notAfterMillis = from.notAfterMillis;
    previousDigest = required("previous digest", from.previousDigest);
    closing = from.closing;
    commitmentBytes = required("commitment", from.commitment).clone();
    sealedOpening = required("sealed opening", from.sealedOpening).clone();
    RiskRound.requireNotNegative(WHAT + ": version", version);
    RiskRound.requireNotNegative(WHAT + ": as of", asOfMillis);
    if (notAfterMillis < asOfMillis) {
      throw new InvalidFormatException(
          WHAT + ": not after is " + notAfterMillis + ", before as of, " + asOfMillis);
    }
    commitment = Commitment.decode(commitmentBytes);
    if (sealedOpening.length > MAX_SEALED_OPENING_BYTES) {
      throw new InvalidFormatException(
          WHAT
              + ": sealed opening has "
              + sealedOpening.length
              + " bytes, more than "
              + MAX_SEALED_OPENING_BYTES);
    }
    scopeProof =
        from.scopeProof.length == 0
            ? Optional.empty()
            : Optional.of(ScopeProof.decode(from.scopeProof, ScopeProof.columns(scope)));
  }

  private static <T> T required(String field, T value) {
    return Objects.requireNonNull(value, () -> WHAT + ": " + field + " is not set");
  }

  /** A body to be filled in; every field but {@code closing} and the scope proof must be set. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads the canonical bytes.
   *
   * @throws InvalidFormatException if they are anything but what {@link #toByteArray} writes
   */
  public static AttestationBody decode(byte[] bytes) throws InvalidFormatException {
    CanonicalReader in = new CanonicalReader(WHAT, bytes, TAG);
    Builder body =
        builder()
            .venue(in.text("venue"))
            .account(in.text("account"))
            .circuitId(in.digest("circuit id"))
            .listingDigest(in.digest("listing digest"))
            .attester(
                Ed25519PublicKey.fromBytes(in.exactly("attester key", Ed25519PublicKey.BYTES)));
    int ranges = in.u32("number of scope ranges", StatementLayout.MAX_HOLDINGS);
    List<ColumnRange> scope = new ArrayList<>();
    for (int i = 0; i < ranges; i++) {
      scope.add(
          ColumnRange.of(
              in.u32("scope from", StatementLayout.MAX_HOLDINGS),
              in.u32("scope to", StatementLayout.MAX_HOLDINGS)));
    }
    body.scope(scope)
        .version(in.u64("version"))
        .asOfMillis(in.i64("as of"))
        .notAfterMillis(in.i64("not after"))
        .previousDigest(in.digest("previous digest"));
    int closing = in.u8("closing");
    if (closing > 1) {
      throw new InvalidFormatException(WHAT + ": closing is " + closing + ", not 0 or 1");
    }
    body.closing(closing == 1)
        .commitment(in.exactly("commitment", Commitment.BYTES))
        .sealedOpening(in.bytes("sealed opening", MAX_SEALED_OPENING_BYTES));
    body.scopeProof(in.bytes("scope proof", ScopeProof.MAX_BYTES));
    in.end();
    return body.build();
  }

  /** The canonical bytes: what the attester signs. */
  public byte[] toByteArray() {
    CanonicalWriter out =
        new CanonicalWriter(TAG)
            .text(venue)
            .text(account)
            .digest(circuitId)
            .digest(listingDigest)
            .bytes(attester.toByteArray())
            .u32(scope.size());
    for (ColumnRange range : scope) {
      out.u32(range.from()).u32(range.to());
    }
    return out.u64(version)
        .i64(asOfMillis)
        .i64(notAfterMillis)
        .digest(previousDigest)
        .u8(closing ? 1 : 0)
        .bytes(commitmentBytes)
        .bytes(sealedOpening)
        .bytes(scopeProof.map(ScopeProof::toByteArray).orElse(new byte[0]))
        .toByteArray();
  }

  /** The venue that it is for. */
  public String venue() {
    return venue;
  }

  /** The account at the venue. */
  public String account() {
    return account;
  }

  /** The circuit under whose key the commitment is made. */
  public Digest circuitId() {
    return circuitId;
  }

  /** Which instrument each column stands for. */
  public Digest listingDigest() {
    return listingDigest;
  }

  /** Who attests. */
  public Ed25519PublicKey attester() {
    return attester;
  }

  /** The holdings columns that the attester may write: ascending, at least one, not touching. */
  public List<ColumnRange> scope() {
    return scope;
  }

  /** Grows with every attestation of this attester for this account. */
  public long version() {
    return version;
  }

  /** When the holdings were like this, milliseconds since the epoch. */
  public long asOfMillis() {
    return asOfMillis;
  }

  /** Until when the holdings are locked, milliseconds since the epoch. */
  public long notAfterMillis() {
    return notAfterMillis;
  }

  /** Digest of the attester's previous attestation; {@link Digest#ZERO} in the first. */
  public Digest previousDigest() {
    return previousDigest;
  }

  /** Whether this is the attester's last word, with which it leaves the roster. */
  public boolean closing() {
    return closing;
  }

  /** C, the commitment to the holdings. */
  public Commitment commitment() {
    return commitment;
  }

  /** A copy of the opening as encrypted to the owner. */
  public byte[] sealedOpening() {
    return sealedOpening.clone();
  }

  /** What shows that nothing outside the scope is in the commitment; verifiers demand it. */
  public Optional<ScopeProof> scopeProof() {
    return scopeProof;
  }

  /**
   * This with a scope proof.
   *
   * @throws InvalidFormatException if the proof is for another number of columns
   */
  public AttestationBody withScopeProof(ScopeProof proof) throws InvalidFormatException {
    return builder()
        .venue(venue)
        .account(account)
        .circuitId(circuitId)
        .listingDigest(listingDigest)
        .attester(attester)
        .scope(scope)
        .version(version)
        .asOfMillis(asOfMillis)
        .notAfterMillis(notAfterMillis)
        .previousDigest(previousDigest)
        .closing(closing)
        .commitment(commitmentBytes)
        .sealedOpening(sealedOpening)
        .scopeProof(proof.toByteArray())
        .build();
  }

  /** Venue, account, attester and version; nothing about the opening. */
  @Override
  public String toString() {
    return "AttestationBody["
        + venue
        + " "
        + account
        + " "
        + attester
        + " version "
        + version
        + (closing ? ", closing]" : "]");
  }

  /** Collects the fields of an attestation by name. Not thread-safe. */
  public static final class Builder {
    private String venue;
    private String account;
    private Digest circuitId;
    private Digest listingDigest;
    private Ed25519PublicKey attester;
    private List<ColumnRange> scope;
    private long version = -1;
    private long asOfMillis = -1;
    private long notAfterMillis = -1;
    private Digest previousDigest;
    private boolean closing;
    private byte[] commitment;
    private byte[] sealedOpening;
    private byte[] scopeProof = new byte[0];

    private Builder() {}

    /** The venue; canonical text, not empty. */
    public Builder venue(String value) {
      venue = value;
      return this;
    }

    /** The account at the venue; canonical text, not empty. */
    public Builder account(String value) {
      account = value;
      return this;
    }

    /** The circuit. */
    public Builder circuitId(Digest value) {
      circuitId = value;
      return this;
    }

    /** The listing. */
    public Builder listingDigest(Digest value) {
      listingDigest = value;
      return this;
    }

    /** Who attests. */
    public Builder attester(Ed25519PublicKey value) {
      attester = value;
      return this;
    }

    /** Ascending ranges with gaps between them, at least one. */
    public Builder scope(List<ColumnRange> value) {
      scope = List.copyOf(value);
      return this;
    }

    /** 0 or more. */
    public Builder version(long value) {
      version = value;
      return this;
    }

    /** Milliseconds since the epoch, 0 or more. */
    public Builder asOfMillis(long value) {
      asOfMillis = value;
      return this;
    }

    /** Milliseconds since the epoch, not before {@code asOfMillis}. */
    public Builder notAfterMillis(long value) {
      notAfterMillis = value;
      return this;
    }

    /** {@link Digest#ZERO} in the first attestation. */
    public Builder previousDigest(Digest value) {
      previousDigest = value;
      return this;
    }

    /** Whether the attester leaves with this; {@code false} unless set. */
    public Builder closing(boolean value) {
      closing = value;
      return this;
    }

    /** The compressed point of the commitment. */
    public Builder commitment(byte[] value) {
      commitment = value.clone();
      return this;
    }

    /** At most {@value #MAX_SEALED_OPENING_BYTES} bytes. */
    public Builder sealedOpening(byte[] value) {
      sealedOpening = value.clone();
      return this;
    }

    /** As {@link ScopeProof#toByteArray}; empty, for none, unless set. */
    public Builder scopeProof(byte[] value) {
      scopeProof = value.clone();
      return this;
    }

    /**
     * The body.
     *
     * @throws InvalidFormatException if a field's value is not as said
     * @throws NullPointerException if a field was not set
     */
    public AttestationBody build() throws InvalidFormatException {
      return new AttestationBody(this);
    }
  }
}
