package io.plimsoll.gate;

import io.plimsoll.gate.GateStore.Transaction;

/**
 * Keeps the venue's record, and its list of outages short.
 *
 * <p>An outage that has ended by the time up to which an account's suspended time has been added up
 * plays no part for that account any more: only what lies after that time is added to it ({@link
 * GateTransitions#count}), and at no time after its end does the outage hold. That time never
 * falls, and an account that is opened later starts with the time of its opening. So an outage that
 * ended no later than that of <em>every</em> account can go, and no conclusion about any account at
 * any later time changes. One that lasts stays: it concerns accounts that are not opened yet.
 *
 * <p>An account that nothing happens to would hold up all others. So with every outage beyond
 * {@value #KEPT} the suspended time of some accounts is added up, those first for which it was done
 * longest ago; adding it up in two steps or in one is the same. They are one in {@value #KEPT}, so
 * after as many more outages it has been done for all, and the list is never longer than about
 * twice that. Which accounts they are follows from what the store holds, so an auditor comes to the
 * same records.
 */
final class OutageLog {
  /** How many outages are kept without looking whether they are needed. */
  static final int KEPT = 64;

  private final GateTransitions transitions;

  OutageLog(GateTransitions transitions) {
    this.transitions = transitions;
  }

  /** Keeps {@code changed} as the venue's next record. */
  void put(Transaction transaction, VenueRecord changed) {
    VenueRecord kept = changed;
    if (changed.outages().size() > KEPT
        && !changed.outages().equals(transaction.venue().outages())) {
      int some = Math.toIntExact(1 + transaction.accountCount() / KEPT);
      for (String account : transaction.countedNotAfter(transaction.countedTo(some))) {
        AccountRecord record = transaction.account(account).orElseThrow();
        transaction.put(transitions.counted(record, changed, transaction.nowMillis()));
      }
      kept = changed.withoutOutagesUntil(transaction.countedTo(1));
    }
    transaction.put(kept.next());
  }
}
