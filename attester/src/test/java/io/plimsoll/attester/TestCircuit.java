package io.plimsoll.attester;

import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.MarginModels;
import io.plimsoll.circuits.Shape;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.TrapdoorKey;
import io.plimsoll.verifier.VerifyingKey;
import java.util.List;
import java.util.Map;

/** A small portfolio model under a key whose trapdoor is known: any statement can be proven. */
final class TestCircuit {
  static final MarginModel MODEL = model();
  static final Listing LISTING = listing();

  final TrapdoorKey trapdoor;
  final VerifyingKey key;

  TestCircuit(int seed) {
    trapdoor = new TrapdoorKey(MODEL.layout(), seed);
    try {
      key =
          VerifyingKey.read(
              new CanonicalWriter("plimsoll/verifying-key/v1")
                  .text("development")
                  .digest(MODEL.digest())
                  .digest(Digest.of(new byte[] {2}))
                  .bytes(MODEL.layout().toByteArray())
                  .bytes(trapdoor.keyBytes())
                  .toByteArray());
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  /** Collateral and cash are floors; positions are exact. */
  Circuit circuit() {
    try {
      return Circuit.of(
          key,
          MODEL,
          LISTING,
          Map.of("collateral", "collateral", "cash", "cash", "position", "position"),
          Map.of("collateral", Side.MORE_IS_BETTER, "cash", Side.MORE_IS_BETTER));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private static MarginModel model() {
    try {
      return MarginModels.byName("portfolio")
          .build(Shape.parse("instruments=2,scenarios=2,collaterals=2,tiers=2,attesters=2"));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }

  private static Listing listing() {
    try {
      return Listing.of(
          MODEL,
          Map.of("instrument", List.of("PERP", "CALL"), "collateral", List.of("BTC", "ETH")));
    } catch (InvalidFormatException e) {
      throw new AssertionError(e);
    }
  }
}
