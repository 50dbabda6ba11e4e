package io.plimsoll.gate;

import io.plimsoll.verifier.Ed25519PublicKey;
import java.util.List;
import java.util.TreeSet;

/**
 * A claimed liquidation that has not ended. Immutable and thread-safe.
 *
 * @param order what may be done
 * @param attested the attesters that have said under the order what is left, ascending
 */
public record Liquidation(LiquidationOrder order, List<Ed25519PublicKey> attested) {
  /** Copies the list. */
  public Liquidation {
    attested = List.copyOf(attested);
  }

  static Liquidation claimed(LiquidationOrder order) {
    return new Liquidation(order, List.of());
  }

  Liquidation attested(Ed25519PublicKey attester) {
    TreeSet<Ed25519PublicKey> more = new TreeSet<>(attested);
    more.add(attester);
    return new Liquidation(order, List.copyOf(more));
  }
}
