package io.plimsoll.prover;

import static io.plimsoll.prover.TestMarket.AGREED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.gate.GatePolicy;
import io.plimsoll.gate.InMemoryGateStore;
import io.plimsoll.gate.LiquidationGate;
import io.plimsoll.gate.ProofReceipt;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.gate.VenueSigner;
import io.plimsoll.gate.rpc.GateClient;
import io.plimsoll.gate.rpc.GateServer;
import io.plimsoll.gate.rpc.Role;
import io.plimsoll.gate.rpc.VenueRoles;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.Purpose;
import io.plimsoll.verifier.RejectionReason;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The way to a real gate over the network, and which receipts count. */
@Timeout(120)
class GateVenueTest {
  private static final SigningIdentity VENUE_IDENTITY = SigningIdentity.generate();
  private static final byte[] PROOF = new byte[128];

  private static Ed25519PublicKey key(SigningIdentity identity) throws Exception {
    return Ed25519PublicKey.fromBytes(identity.publicKey());
  }

  private static SolvencyProof proof() {
    return SolvencyProof.newBuilder()
        .setVenue("venue")
        .setAccount("alice")
        .setAccountVersion(3)
        .setCircuitId(ByteString.copyFrom(Digest.ZERO.toByteArray()))
        .setRoundSequence(9)
        .setProof(ByteString.copyFrom(PROOF))
        .build();
  }

  private static ProofReceipt receipt(
      String venue, String account, Digest circuit, long version, long round, Digest proof) {
    return new ProofReceipt(
        venue, account, circuit, version, round, proof, 1, 2, Optional.empty(), 3, 4, Digest.ZERO);
  }

  private static byte[] signed(ProofReceipt receipt, SigningIdentity by) throws Exception {
    return VenueSigned.of(receipt, key(by), by.sign(receipt.toByteArray())).toByteArray();
  }

  private static String refusal(byte[] receipt) {
    return assertThrows(
            InvalidFormatException.class,
            () -> GateVenue.check(receipt, proof(), key(VENUE_IDENTITY)))
        .getMessage();
  }

  @Test
  void aReceiptCountsIfTheVenueSignedItForThisVeryProof() throws Exception {
    Digest digest = Digest.of(PROOF);
    ProofReceipt good = receipt("venue", "alice", Digest.ZERO, 3, 9, digest);
    byte[] bytes = signed(good, VENUE_IDENTITY);
    assertTrue(GateVenue.check(bytes, proof(), key(VENUE_IDENTITY)).accepted());
    for (ProofReceipt other :
        List.of(
            receipt("elsewhere", "alice", Digest.ZERO, 3, 9, digest),
            receipt("venue", "bob", Digest.ZERO, 3, 9, digest),
            receipt("venue", "alice", digest, 3, 9, digest),
            receipt("venue", "alice", Digest.ZERO, 4, 9, digest),
            receipt("venue", "alice", Digest.ZERO, 3, 8, digest),
            receipt("venue", "alice", Digest.ZERO, 3, 9, Digest.ZERO))) {
      String message = refusal(signed(other, VENUE_IDENTITY));
      assertTrue(message.startsWith("receipt: "), message);
    }
    assertTrue(refusal(signed(good, SigningIdentity.generate())).contains("is signed by"));
    for (int i = 0; i < bytes.length; i++) {
      byte[] flipped = bytes.clone();
      flipped[i] ^= 1;
      refusal(flipped);
      refusal(Arrays.copyOf(bytes, i));
    }
  }

  @Test
  void aRejectionCountsWhateverVersionTheVenueHad() throws Exception {
    ProofReceipt rejected =
        new ProofReceipt(
            "venue",
            "alice",
            Digest.ZERO,
            7,
            9,
            Digest.of(PROOF),
            1,
            2,
            Optional.of(RejectionReason.WRONG_VENUE),
            0,
            4,
            Digest.ZERO);
    VenuePort.Receipt checked =
        GateVenue.check(signed(rejected, VENUE_IDENTITY), proof(), key(VENUE_IDENTITY));
    assertFalse(checked.accepted());
    assertEquals(RejectionReason.WRONG_VENUE.name(), checked.detail());
  }

  @Test
  void aRealGatesRoundsAreProvenAndItAcceptsTheProofs(@TempDir Path keys) throws Exception {
    TestMarket market = new TestMarket(keys);
    Ed25519PublicKey venueKey = key(VENUE_IDENTITY);
    VenueSigner signer =
        new VenueSigner() {
          @Override
          public Ed25519PublicKey publicKey() {
            return venueKey;
          }

          @Override
          public byte[] sign(byte[] message) {
            return VENUE_IDENTITY.sign(message);
          }
        };
    InMemoryGateStore store = new InMemoryGateStore(InstantSource.system());
    LiquidationGate gate =
        LiquidationGate.create(
            TestMarket.VENUE,
            market.verifier(),
            market.policy().build().publishers(),
            GatePolicy.builder()
                .require(AGREED, Purpose.MAINTENANCE)
                .maximumRoundAge(Duration.ofMinutes(10))
                .grace(Duration.ofMinutes(5))
                .clockSkew(Duration.ofSeconds(1))
                .maximumSuspension(Duration.ofHours(1))
                .minimumVersionSpacing(Duration.ZERO)
                .reproofTime(Duration.ofMinutes(1))
                .orderLifetime(Duration.ofMinutes(3))
                .build(),
            store,
            signer);
    AccountState attested = market.account("alice", 1);
    gate.openAccount("alice", attested.roster().attesters());
    attested.attestations().forEach(attestation -> gate.attest(attestation));
    VenueRoles roles =
        VenueRoles.of(
            List.of(
                new VenueRoles.Party(
                    "owner", Set.of(), Set.of(Role.OWNER), Set.of("alice"), Optional.empty())));
    MemoryEntries disk = new MemoryEntries();
    ProverPolicy policy =
        market.policy(List.of()).agree("alice", AGREED, Purpose.MAINTENANCE).build();
    try (GateServer server =
            GateServer.builder(gate, store, signer, roles)
                .insecureLoopback()
                .interval(Duration.ofMillis(20))
                .start();
        ProverEngine engine =
            market
                .engine(market.nativeProver())
                .policy(policy)
                .store(new ProverStore(disk))
                .build()) {
      GateClient client =
          GateClient.builder("127.0.0.1:" + server.port())
              .insecure("owner")
              .venueKey(venueKey)
              .connect();
      GateSubmitter submitter = GateSubmitter.start(engine, new GateVenue(client, venueKey));
      try {
        for (int round = 1; round <= 2; round++) {
          gate.publishRound(market.signedRound(round, 100));
          while (engine.store().orElseThrow().receipts("alice").size() < round) {
            Thread.sleep(5);
          }
          byte[] kept = engine.store().orElseThrow().receipts("alice").get(round - 1);
          ProofReceipt receipt = VenueSigned.decode(ProofReceipt.class, kept, venueKey).message();
          assertTrue(receipt.accepted(), receipt.toString());
          assertEquals(round, receipt.roundSequence());
        }
        assertEquals("Solvent", gate.decide("alice").getClass().getSimpleName());
      } finally {
        submitter.close();
      }
    }
  }
}
