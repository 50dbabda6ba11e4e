package io.plimsoll.gate;

import io.plimsoll.verifier.Digest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;

/**
 * What threads asked of gates on one store, and when; checked against the order in which the
 * journal says that it was decided. The check knows nothing of how a gate decides: it follows the
 * account from record to record by its own few rules.
 *
 * <p>The journal's order is the total order of each account. It has to be one that could have been
 * seen from outside: no call may be decided before it was made or after it was answered, so if one
 * was answered before another was made, its record comes first.
 */
final class GateHistory {
  /** What was asked for. */
  enum Kind {
    ATTEST,
    PROVE,
    CLAIM,
    EXECUTE,
    END
  }

  /**
   * A call that was answered.
   *
   * @param tag names it among all calls of its kind
   * @param granted whether it was accepted, claimed, or ended something
   * @param from when it was made, in nanoseconds of one clock
   * @param to when it was answered
   */
  record Call(Kind kind, String tag, boolean granted, long from, long to) {}

  /**
   * A record of the journal that is about a call.
   *
   * @param index in the journal
   * @param accountVersion the version that a proof is about; 0 for others
   * @param solventUntil what a proof made it; 0 for others
   */
  record Entry(
      long index,
      long atMillis,
      String account,
      Kind kind,
      String tag,
      boolean granted,
      long accountVersion,
      long solventUntil) {
    Entry granted(boolean other) {
      return new Entry(index, atMillis, account, kind, tag, other, accountVersion, solventUntil);
    }
  }

  private final List<Call> calls = Collections.synchronizedList(new ArrayList<>());

  /** Makes a call and keeps it. Thread-safe. */
  <R> R call(Kind kind, Callable<R> work, Function<R, String> tag, Function<R, Boolean> granted)
      throws Exception {
    long from = System.nanoTime();
    R result = work.call();
    long to = System.nanoTime();
    calls.add(new Call(kind, tag.apply(result), granted.apply(result), from, to));
    return result;
  }

  List<Call> calls() {
    synchronized (calls) {
      return List.copyOf(calls);
    }
  }

  /** The last ones. */
  List<Call> last(int many) {
    synchronized (calls) {
      return List.copyOf(calls.subList(calls.size() - many, calls.size()));
    }
  }

  static List<Entry> entries(List<JournalRecord> journal) {
    List<Entry> entries = new ArrayList<>();
    for (JournalRecord record : journal) {
      entry(record).ifPresent(entries::add);
    }
    return entries;
  }

  private static Optional<Entry> entry(JournalRecord record) {
    Decision decision = record.decision();
    if (decision instanceof Decision.ProofJudged proof) {
      return Optional.of(
          new Entry(
              record.index(),
              proof.atMillis(),
              proof.account(),
              Kind.PROVE,
              tag(proof.proofDigest()) + " " + record.index(),
              proof.rejection().isEmpty(),
              proof.accountVersion(),
              proof.solventUntilMillis()));
    }
    if (decision instanceof Decision.ClaimDecided claim) {
      return Optional.of(
          plain(record, Kind.CLAIM, claim.claimant(), claim.outcome().equals("claimed")));
    }
    if (decision instanceof Decision.Attested attested) {
      return Optional.of(
          plain(
              record,
              Kind.ATTEST,
              tag(attested.attestation().digest()),
              attested.outcome().equals("accepted")));
    }
    if (decision instanceof Decision.ExecutionDecided executed) {
      return Optional.of(
          plain(
              record,
              Kind.EXECUTE,
              tag(executed.execution().attestation().digest()),
              executed.outcome().equals("accepted")));
    }
    if (decision instanceof Decision.LiquidationEnded ended) {
      return Optional.of(plain(record, Kind.END, String.valueOf(ended.gateVersion()), true));
    }
    return Optional.empty();
  }

  private static Entry plain(JournalRecord record, Kind kind, String tag, boolean granted) {
    Decision decision = record.decision();
    return new Entry(
        record.index(), decision.atMillis(), decision.account(), kind, tag, granted, 0, 0);
  }

  static String tag(Digest digest) {
    return digest.toString();
  }

  /** Everything that is wrong with a history; empty if nothing is. */
  static List<String> faults(List<Call> calls, List<Entry> entries, GatePolicy policy) {
    List<String> faults = new ArrayList<>();
    Map<String, Entry> decided = new HashMap<>();
    long last = 0;
    long time = 0;
    for (Entry entry : entries) {
      if (entry.index() <= last || entry.atMillis() < time) {
        faults.add("record " + entry.index() + " is not after the one before");
      }
      last = entry.index();
      time = entry.atMillis();
      if (decided.put(entry.kind() + " " + entry.tag(), entry) != null) {
        faults.add("two records of " + entry.kind() + " " + entry.tag());
      }
    }
    asSeenFromOutside(calls, decided, faults);
    Map<String, Account> accounts = new HashMap<>();
    for (Entry entry : entries) {
      accounts
          .computeIfAbsent(entry.account(), name -> new Account())
          .follow(entry, policy, faults);
    }
    return faults;
  }

  private static void asSeenFromOutside(
      List<Call> calls, Map<String, Entry> decided, List<String> faults) {
    Set<String> answered = new HashSet<>();
    List<Call> inOrder = new ArrayList<>();
    for (Call call : calls) {
      String name = call.kind() + " " + call.tag();
      Entry entry = decided.get(name);
      answered.add(name);
      if (entry == null) {
        faults.add("no record of " + name);
      } else if (entry.granted() != call.granted()) {
        faults.add(name + " was answered otherwise than it was decided");
      } else {
        inOrder.add(call);
      }
    }
    for (String name : decided.keySet()) {
      if (!answered.contains(name)) {
        faults.add("nobody asked for " + name);
      }
    }
    inOrder.sort(
        Comparator.comparingLong(call -> decided.get(call.kind() + " " + call.tag()).index()));
    // Whatever is decided later must not have been answered before this was asked for.
    long lastAsked = Long.MIN_VALUE;
    for (Call call : inOrder) {
      if (call.to() < lastAsked) {
        faults.add(
            call.kind()
                + " "
                + call.tag()
                + " was answered before an earlier record was asked for");
      }
      lastAsked = Math.max(lastAsked, call.from());
    }
  }

  /** An account as one record after the other makes it. */
  private static final class Account {
    private long version = 1;
    private long solventUntil;
    private boolean liquidating;
    private boolean executed;

    void follow(Entry entry, GatePolicy policy, List<String> faults) {
      if (!entry.granted()) {
        return;
      }
      String what = "record " + entry.index() + ": ";
      switch (entry.kind()) {
        case ATTEST -> version++;
        case EXECUTE -> {
          version++;
          executed = true;
        }
        case PROVE -> {
          if (entry.accountVersion() != version) {
            faults.add(
                what + "proof of version " + entry.accountVersion() + " accepted at " + version);
          }
          if (liquidating && !executed) {
            faults.add(what + "proof accepted while liquidating");
          }
          liquidating = false;
          solventUntil = entry.solventUntil();
        }
        case CLAIM -> {
          if (liquidating) {
            faults.add(what + "claimed twice");
          }
          if (entry.atMillis() < solventUntil + policy.graceMillis() + policy.clockSkewMillis()) {
            faults.add(what + "claimed although solvent until " + solventUntil);
          }
          liquidating = true;
          executed = false;
        }
        case END -> {
          if (!liquidating) {
            faults.add(what + "nothing to end");
          }
          liquidating = false;
        }
      }
    }
  }

  /**
   * What is wrong with a race of a proof against a claim of which one must win.
   *
   * @param proof tag of the proof
   * @param claimant tag of the claim
   */
  static Optional<String> raceFault(List<Call> calls, String proof, String claimant) {
    long winners =
        calls.stream()
            .filter(
                call ->
                    (call.kind() == Kind.PROVE && call.tag().startsWith(proof))
                        || (call.kind() == Kind.CLAIM && call.tag().equals(claimant)))
            .filter(Call::granted)
            .count();
    return winners == 1
        ? Optional.empty()
        : Optional.of((winners == 0 ? "neither" : "both") + ": " + proof + ", " + claimant);
  }
}
