package io.plimsoll.attester;

import java.util.Comparator;

/**
 * For whom something is kept: an account at a venue.
 *
 * @param venue canonical text
 * @param account canonical text
 */
public record PledgeId(String venue, String account) implements Comparable<PledgeId> {
  private static final Comparator<PledgeId> ORDER =
      Comparator.comparing(PledgeId::venue).thenComparing(PledgeId::account);

  @Override
  public int compareTo(PledgeId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return "account " + account + " at " + venue;
  }
}
