package io.plimsoll.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.gate.GateHistory.Call;
import io.plimsoll.gate.GateHistory.Entry;
import io.plimsoll.gate.GateHistory.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The checker of histories finds what is wrong with one: histories of our own making. */
class GateHistoryTest {
  private static final GatePolicy POLICY = GateHarness.policy();

  /** Version 2, solvent until 2000, then claimed and ended. */
  private static final long CLAIMED_AT = 2000 + GateHarness.GRACE + GateHarness.SKEW;

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry(3, 1000, "a", Kind.ATTEST, "v1", true, 0, 0),
          new Entry(5, 1000, "a", Kind.PROVE, "p1", true, 2, 2000),
          new Entry(6, 1100, "a", Kind.CLAIM, "c1", false, 0, 0),
          new Entry(7, CLAIMED_AT, "a", Kind.CLAIM, "c2", true, 0, 0),
          new Entry(8, CLAIMED_AT, "a", Kind.PROVE, "p2", false, 2, 0),
          new Entry(9, CLAIMED_AT, "a", Kind.EXECUTE, "v2", true, 0, 0),
          new Entry(10, CLAIMED_AT, "a", Kind.END, "o", true, 0, 0));

  private static final List<Call> CALLS =
      List.of(
          new Call(Kind.ATTEST, "v1", true, 0, 10),
          new Call(Kind.PROVE, "p1", true, 5, 30),
          new Call(Kind.CLAIM, "c1", false, 20, 40),
          new Call(Kind.PROVE, "p2", false, 50, 90),
          new Call(Kind.CLAIM, "c2", true, 50, 70),
          new Call(Kind.EXECUTE, "v2", true, 80, 95),
          new Call(Kind.END, "o", true, 100, 110));

  private static List<Entry> entries(int at, Entry... other) {
    List<Entry> changed = new ArrayList<>(ENTRIES);
    changed.remove(at);
    changed.addAll(at, Arrays.asList(other));
    return changed;
  }

  private static List<Call> calls(int at, Call... other) {
    List<Call> changed = new ArrayList<>(CALLS);
    changed.remove(at);
    changed.addAll(at, Arrays.asList(other));
    return changed;
  }

  private static void finds(String fault, List<Call> calls, List<Entry> entries) {
    List<String> faults = GateHistory.faults(calls, entries, POLICY);
    assertTrue(faults.stream().anyMatch(found -> found.contains(fault)), faults.toString());
  }

  @Test
  void soundHistoryHasNoFaults() {
    assertEquals(List.of(), GateHistory.faults(CALLS, ENTRIES, POLICY));
  }

  @Test
  void recordsThatAreAgainstTheOrderOfCallsAreFound() {
    // The claim was answered before the proof that its record follows was made.
    finds(
        "was answered before an earlier record",
        calls(1, new Call(Kind.PROVE, "p1", true, 45, 60)),
        ENTRIES);
  }

  @Test
  void recordsOutOfOrderAreFound() {
    List<Entry> swapped = new ArrayList<>(ENTRIES);
    swapped.set(1, ENTRIES.get(2));
    swapped.set(2, ENTRIES.get(1));
    finds("is not after the one before", CALLS, swapped);
  }

  @Test
  void callWithoutARecordIsFound() {
    finds("no record of CLAIM c1", CALLS, entries(2));
  }

  @Test
  void recordWithoutACallIsFound() {
    finds("nobody asked for CLAIM c1", calls(2), ENTRIES);
  }

  @Test
  void callThatIsDecidedTwiceIsFound() {
    finds(
        "two records of CLAIM c1",
        CALLS,
        entries(2, ENTRIES.get(2), new Entry(6, 1100, "a", Kind.CLAIM, "c1", false, 0, 0)));
  }

  @Test
  void answerOtherThanTheDecisionIsFound() {
    finds("was answered otherwise", calls(2, new Call(Kind.CLAIM, "c1", true, 20, 40)), ENTRIES);
  }

  @Test
  void proofOfAnOldVersionIsFound() {
    finds(
        "proof of version 1 accepted at 2",
        CALLS,
        entries(1, new Entry(5, 1000, "a", Kind.PROVE, "p1", true, 1, 2000)));
  }

  @Test
  void claimOfASolventAccountIsFound() {
    finds(
        "claimed although solvent until 2000",
        CALLS,
        entries(3, new Entry(7, CLAIMED_AT - 1, "a", Kind.CLAIM, "c2", true, 0, 0)));
  }

  @Test
  void proofAfterAClaimIsFound() {
    finds(
        "proof accepted while liquidating",
        calls(3, new Call(Kind.PROVE, "p2", true, 50, 90)),
        entries(4, ENTRIES.get(4).granted(true)));
  }

  @Test
  void secondClaimIsFound() {
    finds(
        "claimed twice",
        CALLS,
        entries(4, new Entry(8, CLAIMED_AT, "a", Kind.CLAIM, "c3", true, 0, 0)));
  }

  @Test
  void endOfNothingIsFound() {
    finds("nothing to end", CALLS, entries(3, ENTRIES.get(3).granted(false)));
  }

  @Test
  void bothAndNeitherAreFound() {
    Call proof = new Call(Kind.PROVE, "p 7", true, 0, 1);
    Call claim = new Call(Kind.CLAIM, "c", true, 0, 1);
    Call lostProof = new Call(Kind.PROVE, "p 7", false, 0, 1);
    Call lostClaim = new Call(Kind.CLAIM, "c", false, 0, 1);
    assertEquals(Optional.empty(), GateHistory.raceFault(List.of(proof, lostClaim), "p", "c"));
    assertEquals(Optional.empty(), GateHistory.raceFault(List.of(lostProof, claim), "p", "c"));
    assertEquals("both: p, c", GateHistory.raceFault(List.of(proof, claim), "p", "c").get());
    assertEquals(
        "neither: p, c", GateHistory.raceFault(List.of(lostProof, lostClaim), "p", "c").get());
  }
}
