package io.plimsoll.prover;

import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.Threshold;
import io.plimsoll.verifier.VerifierPolicy;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What an owner's prover answers. A proof is one bit about the holdings, chosen by whoever chooses
 * the threshold and the round; so a prover that answers anything tells everything in the end. It
 * answers for the thresholds of the account agreement alone, once per account version, round,
 * threshold and purpose, and on rounds that enough publishers signed, whose sequence grows and
 * whose coefficients are plausible after the last one's.
 *
 * <p>Whoever asks from outside the owner's side must not be able to tell a refusal from insolvency.
 * The prover itself is on the owner's side and says which it was.
 *
 * <p>Immutable and thread-safe.
 */
public final class ProverPolicy {
  private static final Duration LONGEST_ROUND_AGE = Duration.ofDays(366);
  private static final Duration LONGEST_SLOT = Duration.ofMinutes(1);

  private record Agreed(Threshold threshold, Purpose purpose) {}

  private final String venue;
  private final PublisherPolicy publishers;
  private final PlausibilityPolicy plausibility;
  private final VerifierPolicy keys;
  private final Map<String, Set<Agreed>> agreements;
  private final int roundsKept;
  private final Optional<Duration> maximumRoundAge;
  private final Optional<Duration> releaseSlot;

  private ProverPolicy(Builder builder) {
    this.venue = Objects.requireNonNull(builder.venue, "venue");
    this.publishers = Objects.requireNonNull(builder.publishers, "publishers");
    this.plausibility = Objects.requireNonNull(builder.plausibility, "plausibility");
    this.keys = builder.keys;
    Map<String, Set<Agreed>> copy = new HashMap<>();
    builder.agreements.forEach((account, agreed) -> copy.put(account, Set.copyOf(agreed)));
    this.agreements = Map.copyOf(copy);
    this.roundsKept = builder.roundsKept;
    this.maximumRoundAge = builder.maximumRoundAge;
    this.releaseSlot = builder.releaseSlot;
  }

  /** A policy to be filled in: venue, publishers and plausibility must be set. */
  public static Builder builder() {
    return new Builder();
  }

  /** The venue that accounts and rounds must be of. */
  public String venue() {
    return venue;
  }

  /** Whose signatures a round needs. */
  public PublisherPolicy publishers() {
    return publishers;
  }

  /** How far a round may be from the last one. */
  public PlausibilityPolicy plausibility() {
    return plausibility;
  }

  /** Which development keys are good enough. */
  public VerifierPolicy keys() {
    return keys;
  }

  /** How many rounds are kept; proofs are made on these alone. */
  public int roundsKept() {
    return roundsKept;
  }

  /** How old a round may be when it comes; nothing if any age will do. */
  public Optional<Duration> maximumRoundAge() {
    return maximumRoundAge;
  }

  /**
   * The length of a slot: proofs leave at the round's time plus a whole number of slots alone;
   * absent if they leave when they are ready.
   */
  public Optional<Duration> releaseSlot() {
    return releaseSlot;
  }

  /** The accounts that have an agreement. */
  public Set<String> accounts() {
    return agreements.keySet();
  }

  /** Every line of an account's agreement. */
  List<ProofLine> lines(String account) {
    return agreements.getOrDefault(account, Set.of()).stream()
        .map(agreed -> new ProofLine(account, agreed.threshold(), agreed.purpose()))
        .toList();
  }

  /** Whether the account agreement lists this threshold for this purpose. */
  public boolean allows(String account, Threshold threshold, Purpose purpose) {
    return agreements.getOrDefault(account, Set.of()).contains(new Agreed(threshold, purpose));
  }

  /** Collects the parts of a policy. Not thread-safe. */
  public static final class Builder {
    private String venue;
    private PublisherPolicy publishers;
    private PlausibilityPolicy plausibility;
    private VerifierPolicy keys = VerifierPolicy.production();
    private final Map<String, Set<Agreed>> agreements = new HashMap<>();
    private int roundsKept = 4;
    private Optional<Duration> maximumRoundAge = Optional.empty();
    private Optional<Duration> releaseSlot = Optional.empty();

    private Builder() {}

    /** The venue that accounts and rounds must be of. */
    public Builder venue(String name) {
      this.venue = name;
      return this;
    }

    /** Whose signatures a round needs. */
    public Builder publishers(PublisherPolicy policy) {
      this.publishers = policy;
      return this;
    }

    /** How far a round may be from the last one. */
    public Builder plausibility(PlausibilityPolicy policy) {
      this.plausibility = policy;
      return this;
    }

    /** Which development keys are good enough; none unless set. */
    public Builder keys(VerifierPolicy policy) {
      this.keys = Objects.requireNonNull(policy);
      return this;
    }

    /**
     * Adds a line of an account agreement: the venue may ask for this threshold for this purpose.
     */
    public Builder agree(String account, Threshold threshold, Purpose purpose) {
      agreements
          .computeIfAbsent(Objects.requireNonNull(account), name -> new HashSet<>())
          .add(new Agreed(Objects.requireNonNull(threshold), Objects.requireNonNull(purpose)));
      return this;
    }

    /** How many rounds are kept, 1 to 1024, by default 4. */
    public Builder roundsKept(int rounds) {
      if (rounds < 1 || rounds > 1024) {
        throw new IllegalArgumentException("rounds kept are 1 to 1024, not " + rounds);
      }
      this.roundsKept = rounds;
      return this;
    }

    /**
     * How long after its own time a round is let in, by the engine's clock; any time unless set.
     * Without it a prover that starts anew can be led through the rounds of the past, all signed
     * and each plausible after the one before, and answers once on each.
     *
     * @param age above zero, at most 366 days
     */
    public Builder maximumRoundAge(Duration age) {
      if (age.isNegative() || age.isZero() || age.compareTo(LONGEST_ROUND_AGE) > 0) {
        throw new IllegalArgumentException(
            "maximum round age is " + age + ", not above zero and at most " + LONGEST_ROUND_AGE);
      }
      this.maximumRoundAge = Optional.of(age);
      return this;
    }

    /**
     * Has proofs leave at fixed times after their round alone, because how long a proof took tells
     * a little of the holdings. A slot should be longer than proofs take.
     *
     * @param length 1 ms to 1 minute, in whole milliseconds
     */
    public Builder releaseSlot(Duration length) {
      if (length.compareTo(Duration.ofMillis(1)) < 0
          || length.compareTo(LONGEST_SLOT) > 0
          || length.toNanos() % 1_000_000 != 0) {
        throw new IllegalArgumentException(
            "release slot is " + length + ", not PT0.001S to " + LONGEST_SLOT + " in milliseconds");
      }
      this.releaseSlot = Optional.of(length);
      return this;
    }

    /**
     * The policy.
     *
     * @throws NullPointerException if venue, publishers or plausibility were not set
     */
    public ProverPolicy build() {
      return new ProverPolicy(this);
    }
  }
}
