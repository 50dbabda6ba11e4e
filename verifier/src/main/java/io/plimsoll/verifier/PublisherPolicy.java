package io.plimsoll.verifier;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which publishers must have signed a risk round: k of n keys, of which f may be dishonest. It
 * requires 2k {@literal >} n + f, so that any two sets of k signers share an honest one and two
 * rounds with one sequence number cannot both be signed while at most f are dishonest. Immutable
 * and thread-safe.
 */
public final class PublisherPolicy {
  /** Most publishers of a policy. */
  public static final int MAX_PUBLISHERS = 64;

  private final int required;
  private final Set<Ed25519PublicKey> publishers;

  private PublisherPolicy(int required, Set<Ed25519PublicKey> publishers) {
    this.required = required;
    this.publishers = publishers;
  }

  /** {@code required} of {@code publishers}, none of them assumed dishonest. */
  public static PublisherPolicy of(int required, Collection<Ed25519PublicKey> publishers) {
    return of(required, publishers, 0);
  }

  /**
   * A policy.
   *
   * @param required k, 1 to n
   * @param publishers n distinct keys, 1 to {@value #MAX_PUBLISHERS}
   * @param dishonest f, how many of them may be dishonest, 0 or more
   * @throws IllegalArgumentException if one of them is not as said, or 2k {@literal <=} n + f
   */
  public static PublisherPolicy of(
      int required, Collection<Ed25519PublicKey> publishers, int dishonest) {
    Set<Ed25519PublicKey> distinct = new TreeSet<>(publishers);
    int n = distinct.size();
    if (n != publishers.size()) {
      throw new IllegalArgumentException("a publisher key is listed twice");
    }
    if (n < 1 || n > MAX_PUBLISHERS) {
      throw new IllegalArgumentException(n + " publishers, not 1 to " + MAX_PUBLISHERS);
    }
    if (required < 1 || required > n) {
      throw new IllegalArgumentException("required signatures are " + required + ", not 1 to " + n);
    }
    if (dishonest < 0 || 2 * required <= n + dishonest) {
      throw new IllegalArgumentException(
          required
              + " of "
              + n
              + " publishers with "
              + dishonest
              + " dishonest: twice the required must exceed publishers plus dishonest");
    }
    return new PublisherPolicy(required, Set.copyOf(distinct));
  }

  /** k: how many valid signatures a round needs. */
  public int required() {
    return required;
  }

  /** The keys that count. */
  public Set<Ed25519PublicKey> publishers() {
    return publishers;
  }

  /**
   * Checks the signatures of a round. A signature that does not count never spoils one that does.
   */
  public SignatureReport check(SignedRound signed) {
    Set<Ed25519PublicKey> valid = new TreeSet<>();
    List<String> refused = new ArrayList<>();
    for (RoundSignature signature : signed.signatures()) {
      Ed25519PublicKey publisher = signature.publisher();
      if (!publishers.contains(publisher)) {
        refused.add(publisher + " is not a publisher");
      } else if (valid.contains(publisher)) {
        refused.add(publisher + " has signed already");
      } else if (!signature.isOn(signed.round())) {
        refused.add(publisher + " has not signed this round: its signature is not valid");
      } else {
        valid.add(publisher);
      }
    }
    return new SignatureReport(required, List.copyOf(valid), List.copyOf(refused));
  }

  /**
   * Which signatures of a round count.
   *
   * @param required how many must
   * @param valid the distinct publishers whose signatures do, in key order
   * @param refused why each other one does not, naming its key
   */
  public record SignatureReport(int required, List<Ed25519PublicKey> valid, List<String> refused) {
    /** Whether enough publishers have signed. */
    public boolean accepted() {
      return valid.size() >= required;
    }

    /** One line for people: how many count and why others do not. */
    @Override
    public String toString() {
      String count = valid.size() + " of " + required + " required round signatures";
      return refused.isEmpty() ? count : count + "; " + String.join("; ", refused);
    }
  }
}
