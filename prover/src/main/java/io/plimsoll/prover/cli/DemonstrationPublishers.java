package io.plimsoll.prover.cli;

import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.attestation.RoundPublisher;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.circuits.Listing;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.proto.v1.MarketSnapshot;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.risk.RoundBuilder;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.RoundSignature;
import io.plimsoll.verifier.SignedRound;
import java.util.ArrayList;
import java.util.List;

/**
 * Three publishers of the demonstration, two of whom have to sign: they make market snapshots into
 * numbered rounds of one listing. Not thread-safe.
 */
final class DemonstrationPublishers {
  private static final int REQUIRED = 2;

  private final MarginModel model;
  private final Digest circuitId;
  private final String venue;
  private final RoundBuilder builder;
  private final Listing listing;
  private final List<RoundPublisher> publishers = List.of(publisher(), publisher(), publisher());
  private final PublisherPolicy policy =
      PublisherPolicy.of(REQUIRED, publishers.stream().map(RoundPublisher::publicKey).toList());
  private long sequence;

  DemonstrationPublishers(MarginModel model, Digest circuitId, String venue, MarketSnapshot market)
      throws InvalidFormatException {
    this.model = model;
    this.circuitId = circuitId;
    this.venue = venue;
    builder = new RoundBuilder(model);
    listing = builder.listing(market);
  }

  private static RoundPublisher publisher() {
    return new RoundPublisher(SigningIdentity.generate());
  }

  /** Whose signatures a round needs. */
  PublisherPolicy policy() {
    return policy;
  }

  /** Which column is what, in every round. */
  Listing listing() {
    return listing;
  }

  int size() {
    return publishers.size();
  }

  /** A snapshot's numbers, neither numbered nor signed. */
  RiskRound draft(MarketSnapshot snapshot) throws InvalidFormatException {
    return builder.build(listing, snapshot);
  }

  /** The next round, as of a time, signed by as many as have to. */
  SignedRound issue(RiskRound draft, long asOfMillis) throws InvalidFormatException {
    sequence++;
    io.plimsoll.verifier.RiskRound round =
        AttestationConversions.issue(
            model, draft.toBuilder().setAsOfMillis(asOfMillis).build(), venue, circuitId, sequence);
    List<RoundSignature> signatures = new ArrayList<>();
    for (RoundPublisher publisher : publishers.subList(0, policy.required())) {
      signatures.add(publisher.sign(round));
    }
    return RoundPublisher.assemble(round, signatures, policy);
  }
}
