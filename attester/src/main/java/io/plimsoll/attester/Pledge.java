package io.plimsoll.attester;

import io.plimsoll.attestation.SealingPublicKey;
import io.plimsoll.circuits.PortfolioReader;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is kept for whom: an account at a venue, the custody account that backs it, and its share of
 * that.
 *
 * @param id account and venue
 * @param pool the custody account
 * @param owner to whom openings are encrypted
 * @param circuit what the account is proven in
 * @param share at most this much of what the custody account has, where more is better; without it
 *     everything that pledges before it leave. Debts, and what is exact, are told by the first
 *     pledge without a share, or else by the first
 */
public record Pledge(
    PledgeId id,
    String pool,
    SealingPublicKey owner,
    Circuit circuit,
    Optional<List<PortfolioReader.Line>> share) {
  /** No part may be missing. */
  public Pledge {
    Objects.requireNonNull(id);
    Objects.requireNonNull(pool);
    Objects.requireNonNull(owner);
    Objects.requireNonNull(circuit);
    share = share.map(List::copyOf);
  }

  @Override
  public String toString() {
    return "Pledge[" + id + "]";
  }
}
