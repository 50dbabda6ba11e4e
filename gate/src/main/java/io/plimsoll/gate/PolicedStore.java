package io.plimsoll.gate;

import io.plimsoll.gate.GateStore.Transaction;
import io.plimsoll.gate.GateStore.View;
import io.plimsoll.verifier.Digest;
import java.util.function.Function;

/**
 * A store in which one policy is in force. Transactions of a gate whose policy no longer is decide
 * nothing. Thread-safe.
 */
final class PolicedStore {
  private final GateStore store;
  private final Decision.PolicySet inForce;
  private final Digest inForceDigest;

  private PolicedStore(GateStore store, Decision.PolicySet inForce) {
    this.store = store;
    this.inForce = inForce;
    this.inForceDigest = inForce.digest();
  }

  /**
   * Puts a policy in force, unless it is already.
   *
   * @throws IllegalArgumentException if the store tells the story of another venue or circuit
   */
  static PolicedStore putInForce(GateStore store, Decision.PolicySet policy) {
    PolicedStore policed = new PolicedStore(store, policy);
    store.transact(
        transaction -> {
          policed.requireSameStory(transaction);
          if (!transaction.policyDigest().equals(policed.inForceDigest)) {
            transaction.append(
                new Decision.PolicySet(
                    transaction.nowMillis(),
                    policy.venue(),
                    policy.circuitId(),
                    policy.policy(),
                    policy.requiredPublishers(),
                    policy.publishers(),
                    policy.venueKey()));
          }
          return true;
        });
    return policed;
  }

  private void requireSameStory(Transaction transaction) {
    for (JournalRecord first : transaction.journal(1, 1)) {
      if (first.decision() instanceof Decision.PolicySet set
          && !(set.venue().equals(inForce.venue())
              && set.circuitId().equals(inForce.circuitId()))) {
        throw new IllegalArgumentException(
            "the store is that of venue " + set.venue() + ", circuit " + set.circuitId());
      }
    }
  }

  /** A transaction of a gate whose policy is in force. */
  <R> R decide(Function<Transaction, R> work) {
    return store.transact(
        transaction -> {
          requireInForce(transaction);
          return work.apply(transaction);
        });
  }

  /** A look from which something is concluded: by a gate whose policy is in force. */
  <R> R conclude(Function<View, R> work) {
    return store.read(
        view -> {
          requireInForce(view);
          return work.apply(view);
        });
  }

  private void requireInForce(View view) {
    if (!view.policyDigest().equals(inForceDigest)) {
      throw new PolicyNotInForceException(inForceDigest, view.policyDigest());
    }
  }

  <R> R read(Function<View, R> work) {
    return store.read(work);
  }

  Decision.PolicySet inForce() {
    return inForce;
  }

  String venue() {
    return inForce.venue();
  }

  GatePolicy policy() {
    return inForce.policy();
  }
}
