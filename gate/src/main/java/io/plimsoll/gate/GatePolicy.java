package io.plimsoll.gate;

import io.plimsoll.verifier.ColumnRange;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.StatementLayout;
import io.plimsoll.verifier.Threshold;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a venue asks for and how long it waits. Immutable and thread-safe. Times are whole
 * milliseconds; clock skew widens every deadline in the owner's favour and narrows every freshness
 * check against the owner.
 */
public final class GatePolicy {
  /** Longest time that any part of a policy may be. */
  public static final Duration MAX = Duration.ofDays(366);

  /** Most attesters that are trusted for some columns alone. */
  public static final int MAX_TRUSTED_SCOPES = 1 << 16;

  private final Threshold threshold;
  private final Purpose purpose;
  private final long maximumRoundAgeMillis;
  private final long graceMillis;
  private final long clockSkewMillis;
  private final long maximumSuspensionMillis;
  private final long minimumVersionSpacingMillis;
  private final long reproofMillis;
  private final long softLiquidationMillis;
  private final Fraction liquidationFraction;
  private final long orderLifetimeMillis;
  private final long lockCoverMillis;
  private final Optional<RoundDeviation> roundDeviation;
  private final Map<Ed25519PublicKey, List<ColumnRange>> trustedScopes;

  private GatePolicy(Builder from) {
    threshold = Objects.requireNonNull(from.threshold, "threshold is not set");
    purpose = Objects.requireNonNull(from.purpose, "purpose is not set");
    maximumRoundAgeMillis = millis("maximum round age", from.maximumRoundAge, 1);
    graceMillis = millis("grace", from.grace, 1);
    clockSkewMillis = millis("clock skew", from.clockSkew, 0);
    maximumSuspensionMillis = millis("maximum suspension", from.maximumSuspension, 1);
    minimumVersionSpacingMillis = millis("minimum version spacing", from.minimumVersionSpacing, 0);
    reproofMillis = millis("reproof time", from.reproofTime, 1);
    softLiquidationMillis = millis("soft liquidation", from.softLiquidation, 0);
    liquidationFraction = from.liquidationFraction;
    orderLifetimeMillis = millis("order lifetime", from.orderLifetime, 1);
    lockCoverMillis = millis("lock cover", from.lockCover, 0);
    roundDeviation = from.roundDeviation;
    trustedScopes = Map.copyOf(from.trustedScopes);
    if (trustedScopes.size() > MAX_TRUSTED_SCOPES) {
      throw new IllegalArgumentException(
          "scopes are set for "
              + trustedScopes.size()
              + " attesters, more than "
              + MAX_TRUSTED_SCOPES);
    }
    if (maximumRoundAgeMillis <= clockSkewMillis) {
      throw new IllegalArgumentException(
          "maximum round age is "
              + maximumRoundAgeMillis
              + " ms, not more than the clock skew, "
              + clockSkewMillis
              + " ms: no round would ever be fresh");
    }
  }

  private static long millis(String field, Duration value, long least) {
    Objects.requireNonNull(value, () -> field + " is not set");
    if (value.compareTo(Duration.ofMillis(least)) < 0 || value.compareTo(MAX) > 0) {
      throw new IllegalArgumentException(
          field + " is " + value + ", not " + Duration.ofMillis(least) + " to " + MAX);
    }
    return value.toMillis();
  }

  /**
   * A policy to be filled in. Everything must be set but attesters' scopes, a window for partial
   * liquidation, a cover of locks and a bound on how far rounds move: unless set there are none.
   */
  public static Builder builder() {
    return new Builder();
  }

  /** The threshold that a proof must meet, these very integers. */
  public Threshold threshold() {
    return threshold;
  }

  /** The purpose that a proof must be made for. */
  public Purpose purpose() {
    return purpose;
  }

  /** How long after its own time a round counts. */
  public long maximumRoundAgeMillis() {
    return maximumRoundAgeMillis;
  }

  /** How long an account stays in grace, not counting suspended time. */
  public long graceMillis() {
    return graceMillis;
  }

  /** How far clocks of honest parties may differ. */
  public long clockSkewMillis() {
    return clockSkewMillis;
  }

  /** How long one suspension lasts at most, and all of them together after one accepted proof. */
  public long maximumSuspensionMillis() {
    return maximumSuspensionMillis;
  }

  /** How long after an attestation the same attester's next one is refused, unless forced. */
  public long minimumVersionSpacingMillis() {
    return minimumVersionSpacingMillis;
  }

  /** How long an existing solvent outlives a change of the account. */
  public long reproofMillis() {
    return reproofMillis;
  }

  /**
   * For how long after grace only a part of an account may be liquidated by one order, not counting
   * suspended time; 0 if there is no such window.
   */
  public long softLiquidationMillis() {
    return softLiquidationMillis;
  }

  /** That part, of each position. */
  public Fraction liquidationFraction() {
    return liquidationFraction;
  }

  /** For how long a claimed order may be executed. */
  public long orderLifetimeMillis() {
    return orderLifetimeMillis;
  }

  /** How long before its <em>not after</em> an attestation stops being good enough to prove on. */
  public long lockCoverMillis() {
    return lockCoverMillis;
  }

  /** How far a round may lie from the one before; further away it opens the circuit breaker. */
  public Optional<RoundDeviation> roundDeviation() {
    return roundDeviation;
  }

  /**
   * Whether the venue trusts an attester for every column of a scope. Attesters that the policy
   * does not name are trusted for everything.
   */
  public boolean trusts(Ed25519PublicKey attester, List<ColumnRange> scope) {
    List<ColumnRange> trusted = trustedScopes.get(attester);
    return trusted == null
        || scope.stream()
            .allMatch(
                range ->
                    trusted.stream()
                        .anyMatch(
                            whole -> whole.from() <= range.from() && range.to() <= whole.to()));
  }

  /** The attesters that are trusted for some columns alone, and for which. */
  public Map<Ed25519PublicKey, List<ColumnRange>> trustedScopes() {
    return trustedScopes;
  }

  /** Collects the parts of a policy by name. Not thread-safe. */
  public static final class Builder {
    private Threshold threshold;
    private Purpose purpose;
    private Duration maximumRoundAge;
    private Duration grace;
    private Duration clockSkew;
    private Duration maximumSuspension;
    private Duration minimumVersionSpacing;
    private Duration reproofTime;
    private Duration softLiquidation = Duration.ZERO;
    private Fraction liquidationFraction = Fraction.WHOLE;
    private Duration orderLifetime;
    private Duration lockCover = Duration.ZERO;
    private Optional<RoundDeviation> roundDeviation = Optional.empty();
    private final Map<Ed25519PublicKey, List<ColumnRange>> trustedScopes = new HashMap<>();

    private Builder() {}

    /** What a proof must meet and be made for. */
    public Builder require(Threshold requiredThreshold, Purpose requiredPurpose) {
      threshold = requiredThreshold;
      purpose = requiredPurpose;
      return this;
    }

    /** How long after its own time a round counts; longer than the clock skew. */
    public Builder maximumRoundAge(Duration value) {
      maximumRoundAge = value;
      return this;
    }

    /** How long an account stays in grace. */
    public Builder grace(Duration value) {
      grace = value;
      return this;
    }

    /** How far clocks of honest parties may differ; may be zero. */
    public Builder clockSkew(Duration value) {
      clockSkew = value;
      return this;
    }

    /**
     * How long one suspension lasts at most, and all suspensions together between two accepted
     * proofs: otherwise an attester could keep an account from liquidation by lapsing again and
     * again.
     */
    public Builder maximumSuspension(Duration value) {
      maximumSuspension = value;
      return this;
    }

    /**
     * How long after an attestation the same attester's next one is refused, unless it is a forced
     * decrease; may be zero. With J attesters a version lasts at least a (J+1)th of this once in
     * the time, which should be enough to prove and deliver.
     */
    public Builder minimumVersionSpacing(Duration value) {
      minimumVersionSpacing = value;
      return this;
    }

    /**
     * How long an existing solvent outlives a change of the account, if it would have lasted that
     * long: ten proving times and delivery at least.
     */
    public Builder reproofTime(Duration value) {
      reproofTime = value;
      return this;
    }

    /**
     * For how long after grace one order may liquidate only a part of an account, and which.
     *
     * @param window may be zero: then there is none
     * @param fraction of each position
     */
    public Builder softLiquidation(Duration window, Fraction fraction) {
      softLiquidation = window;
      liquidationFraction = Objects.requireNonNull(fraction);
      return this;
    }

    /**
     * For how long a claimed order may be executed. It ends by itself after that and the clock
     * skew: long enough for attesters to execute it and to attest what is left.
     */
    public Builder orderLifetime(Duration value) {
      orderLifetime = value;
      return this;
    }

    /**
     * How long before its <em>not after</em> an attestation stops being good enough to prove on, so
     * that what it locks is still there when an account that proves no more is liquidated: grace,
     * skew and an order's lifetime at least, the longest suspension and the time until somebody
     * claims on top. Zero unless set: then an owner who stops proving may have the assets back
     * before anybody can claim.
     */
    public Builder lockCover(Duration value) {
      lockCover = value;
      return this;
    }

    /** A round that lies further from the one before opens the circuit breaker. */
    public Builder roundDeviation(RoundDeviation most) {
      roundDeviation = Optional.of(most);
      return this;
    }

    /**
     * Trusts an attester for these columns alone: its attestations with any other in their scope
     * are refused. May be said for many attesters; those that are not named are trusted for
     * everything.
     *
     * @param scope ascending ranges with gaps between them, as attestations have them
     */
    public Builder trustOnlyFor(Ed25519PublicKey attester, List<ColumnRange> scope) {
      if (scope.size() > StatementLayout.MAX_HOLDINGS) {
        throw new IllegalArgumentException(
            "scope has " + scope.size() + " ranges, more than " + StatementLayout.MAX_HOLDINGS);
      }
      trustedScopes.put(Objects.requireNonNull(attester), List.copyOf(scope));
      return this;
    }

    /**
     * The policy.
     *
     * @throws IllegalArgumentException if a time is out of range
     * @throws NullPointerException if a part was not set
     */
    public GatePolicy build() {
      return new GatePolicy(this);
    }
  }
}
