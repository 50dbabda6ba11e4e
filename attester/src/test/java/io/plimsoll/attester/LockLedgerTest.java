package io.plimsoll.attester;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.Digest;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** One asset of each side: collateral, a signed cash account, a debt, a position. */
class LockLedgerTest {
  static final int COLLATERAL = 1;
  static final int CASH = 0;
  static final int DEBT = 2;
  static final int POSITION = 3;
  static final Digest CIRCUIT = Digest.of(new byte[] {1});
  static final Digest OTHER_CIRCUIT = Digest.of(new byte[] {2});
  static final PledgeId A = new PledgeId("venue", "A");
  static final PledgeId B = new PledgeId("other venue", "B");
  static final String POOL = "pool";

  static AssetTable table() {
    TreeMap<Asset, AssetTable.Entry> table = new TreeMap<>();
    table.put(new Asset("cash", ""), new AssetTable.Entry(2, Side.MORE_IS_BETTER));
    table.put(new Asset("collateral", "BTC"), new AssetTable.Entry(8, Side.MORE_IS_BETTER));
    table.put(new Asset("debt", "ETH"), new AssetTable.Entry(8, Side.LESS_IS_BETTER));
    table.put(new Asset("position", "PERP"), new AssetTable.Entry(4, Side.EXACT));
    return new AssetTable(table);
  }

  private final AssetTable table = table();
  private LockLedger ledger = LockLedger.empty(table);
  private long next = 1;

  private Amounts amounts(int asset, long value) {
    return Amounts.zero(table).with(asset, value);
  }

  private Optional<String> attest(PledgeId id, int asset, long claim, long kept) {
    Optional<String> refusal =
        ledger.attestRefusal(id, POOL, CIRCUIT, amounts(asset, claim), amounts(asset, kept));
    if (refusal.isEmpty()) {
      hold(id, asset, claim);
    }
    return refusal;
  }

  private void hold(PledgeId id, int asset, long claim) {
    ledger =
        ledger.attested(
            id,
            POOL,
            new HeldVersion(
                CIRCUIT,
                next,
                Digest.of(new byte[] {(byte) next}),
                1000 * next,
                Optional.of(amounts(asset, claim))));
    next++;
  }

  private boolean mayChange(int asset, long before, long after) {
    return ledger.changeRefusal(POOL, amounts(asset, before), amounts(asset, after)).isEmpty();
  }

  @Test
  void nothingIsPromisedTwiceAcrossVenues() {
    assertEquals(Optional.empty(), attest(A, COLLATERAL, 6, 10));
    assertTrue(attest(B, COLLATERAL, 5, 10).isPresent());
    assertEquals(Optional.empty(), attest(B, COLLATERAL, 4, 10));
  }

  @Test
  void whatAnOldVersionSaysStaysLockedUntilItIsReleased() {
    attest(A, COLLATERAL, 6, 10);
    assertEquals(Optional.empty(), attest(A, COLLATERAL, 2, 10));
    assertTrue(attest(B, COLLATERAL, 5, 10).isPresent());
    assertFalse(mayChange(COLLATERAL, 10, 5));
    assertTrue(mayChange(COLLATERAL, 10, 6));
    ledger = ledger.released(A, CIRCUIT, 1);
    assertTrue(mayChange(COLLATERAL, 10, 2));
    assertFalse(mayChange(COLLATERAL, 10, 1));
    assertEquals(Optional.empty(), attest(B, COLLATERAL, 8, 10));
  }

  @Test
  void releaseOfAnotherCircuitReleasesNothing() {
    attest(A, COLLATERAL, 6, 10);
    ledger = ledger.released(A, OTHER_CIRCUIT, 9).released(B, CIRCUIT, 9);
    assertFalse(mayChange(COLLATERAL, 10, 5));
  }

  @Test
  void versionBindsUntilItsNotAfterAndTheSkew() {
    attest(A, COLLATERAL, 6, 10);
    assertEquals(1, ledger.expired(1050, 50).held(A).size());
    assertEquals(0, ledger.expired(1051, 50).held(A).size());
  }

  @Test
  void debtInASignedAccountDoesNotGrow() {
    assertTrue(attest(A, CASH, -90, -100).isPresent());
    assertEquals(Optional.empty(), attest(A, CASH, -100, -100));
    assertFalse(mayChange(CASH, -100, -101));
    assertTrue(mayChange(CASH, -100, -80));
    // A loan to be drawn is attested before it is drawn.
    assertEquals(Optional.empty(), attest(A, CASH, -130, -130));
    assertFalse(mayChange(CASH, -100, -101));
    ledger = ledger.released(A, CIRCUIT, 1);
    assertTrue(mayChange(CASH, -100, -130));
    assertFalse(mayChange(CASH, -100, -131));
  }

  @Test
  void debtWrittenAsAPositiveNumberDoesNotGrow() {
    assertTrue(attest(A, DEBT, 90, 100).isPresent());
    assertEquals(Optional.empty(), attest(A, DEBT, 100, 100));
    assertFalse(mayChange(DEBT, 100, 101));
    assertTrue(mayChange(DEBT, 100, 99));
    assertEquals(Optional.empty(), attest(A, DEBT, 130, 130));
    assertFalse(mayChange(DEBT, 100, 101));
    ledger = ledger.released(A, CIRCUIT, 1);
    assertTrue(mayChange(DEBT, 100, 130));
  }

  @Test
  void debtToOneVenueDoesNotPayForAnAssetPromisedToAnother() {
    hold(A, CASH, -150);
    assertTrue(attest(B, CASH, 50, -100).isPresent());
    assertEquals(Optional.empty(), attest(B, CASH, 0, -100));
  }

  @Test
  void debtMovesBetweenVenuesOnlyByBeingToldToBothForAWhile() {
    assertEquals(Optional.empty(), attest(A, CASH, -100, -100));
    assertEquals(Optional.empty(), attest(B, CASH, 0, -100));
    assertTrue(attest(A, CASH, 0, -100).isPresent());
    assertEquals(Optional.empty(), attest(B, CASH, -100, -100));
    // B's first version, which says that it owes nothing, still counts.
    assertTrue(attest(A, CASH, 0, -100).isPresent());
    ledger = ledger.released(B, CIRCUIT, 2);
    assertEquals(Optional.empty(), attest(A, CASH, 0, -100));
  }

  @Test
  void interestOnADebtMayAlwaysBeTold() {
    attest(A, CASH, -100, -100);
    assertEquals(Optional.empty(), attest(A, CASH, -101, -101));
  }

  @Test
  void positionsAreAttestedExactlyAndStandStillWhileTwoVersionsDisagree() {
    assertTrue(attest(A, POSITION, -4, -5).isPresent());
    assertEquals(Optional.empty(), attest(A, POSITION, -5, -5));
    assertFalse(mayChange(POSITION, -5, -6));
    assertFalse(mayChange(POSITION, -5, -4));
    assertEquals(Optional.empty(), attest(A, POSITION, -2, -2));
    assertFalse(mayChange(POSITION, -5, -2));
    ledger = ledger.released(A, CIRCUIT, 1);
    assertTrue(mayChange(POSITION, -5, -3));
    assertTrue(mayChange(POSITION, -5, -2));
    assertFalse(mayChange(POSITION, -5, -1));
    assertFalse(mayChange(POSITION, -5, -6));
  }

  @Test
  void afterALossTheTruthMayBeToldAndNothingElse() {
    attest(A, COLLATERAL, 6, 10);
    attest(B, COLLATERAL, 4, 10);
    long left = 5;
    assertTrue(ledger.isShort(POOL, amounts(COLLATERAL, left)));
    assertTrue(attest(A, COLLATERAL, 6, left).isPresent());
    assertEquals(Optional.empty(), attest(B, COLLATERAL, 0, left));
    assertTrue(attest(A, COLLATERAL, 6, left).isPresent());
    assertEquals(Optional.empty(), attest(A, COLLATERAL, 5, left));
    // What is short already must not leave; what comes in may.
    assertFalse(mayChange(COLLATERAL, left, left - 1));
    assertTrue(mayChange(COLLATERAL, left, left + 1));
  }

  @Test
  void accountHasOneCircuitAtATime() {
    attest(A, COLLATERAL, 6, 10);
    Amounts claims = amounts(COLLATERAL, 1);
    Amounts kept = amounts(COLLATERAL, 10);
    assertTrue(ledger.attestRefusal(A, POOL, OTHER_CIRCUIT, claims, kept).isPresent());
    ledger = ledger.released(A, CIRCUIT, 1);
    assertEquals(Optional.empty(), ledger.attestRefusal(A, POOL, OTHER_CIRCUIT, claims, kept));
  }

  @Test
  void accountIsKeptInOneCustodyAccount() {
    attest(A, COLLATERAL, 6, 10);
    assertTrue(
        ledger
            .attestRefusal(
                A, "another pool", CIRCUIT, amounts(COLLATERAL, 1), amounts(COLLATERAL, 10))
            .isPresent());
  }

  /** A version whose contents were lost may say anything. */
  @Test
  void unknownVersionLocksEverything() {
    attest(B, COLLATERAL, 4, 10);
    ledger = ledger.unknown(A, POOL);
    assertFalse(mayChange(COLLATERAL, 10, 9));
    assertFalse(mayChange(POSITION, 0, 1));
    assertTrue(attest(B, COLLATERAL, 5, 10).isPresent());
    assertEquals(Optional.empty(), attest(B, COLLATERAL, 4, 10));
    assertEquals(
        4,
        ledger.admissible(B, POOL, amounts(COLLATERAL, 9), amounts(COLLATERAL, 10)).at(COLLATERAL));
    assertEquals(Optional.empty(), attest(A, COLLATERAL, 6, 10));
  }

  @Test
  void executionUnderAnOrderLowersWhatIsLocked() {
    attest(A, COLLATERAL, 6, 10);
    assertFalse(mayChange(COLLATERAL, 6, 4));
    ledger = ledger.executed(A, 1, amounts(COLLATERAL, -2));
    assertTrue(mayChange(COLLATERAL, 6, 4));
    assertFalse(mayChange(COLLATERAL, 6, 3));
  }

  @Test
  void admissibleIsWhatOthersLeave() {
    attest(A, COLLATERAL, 6, 10);
    attest(A, COLLATERAL, 3, 10);
    Amounts most = ledger.admissible(B, POOL, amounts(COLLATERAL, 10), amounts(COLLATERAL, 10));
    assertEquals(4, most.at(COLLATERAL));
    assertEquals(Optional.empty(), attest(B, COLLATERAL, most.at(COLLATERAL), 10));
  }

  @Test
  void anotherPoolIsAnotherMatter() {
    attest(A, COLLATERAL, 6, 10);
    assertEquals(
        Optional.empty(),
        ledger.attestRefusal(
            B, "another pool", CIRCUIT, amounts(COLLATERAL, 10), amounts(COLLATERAL, 10)));
  }
}
