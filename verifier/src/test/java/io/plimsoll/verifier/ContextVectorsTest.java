package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Pins every digest between an attestation and a proof. Go reads the same file. Set {@code
 * -Dplimsoll.vectors.write=true} to write it anew after a change of the formats.
 */
class ContextVectorsTest {
  private static final Path FILE =
      Path.of(System.getProperty("plimsoll.root", ".."), "docs", "vectors", "context.json");

  private static final String BOERSE = "b\u00f6rse";

  @Test
  void everyDigestIsThatOfTheVectorFile() throws Exception {
    String vectors = write(vectors()) + "\n";
    if (Boolean.getBoolean("plimsoll.vectors.write")) {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, vectors);
    }
    assertTrue(Files.exists(FILE), FILE + " is missing");
    assertEquals(Files.readString(FILE), vectors);
  }

  private static Map<String, Object> vectors() throws Exception {
    List<Object> circuits = new ArrayList<>();
    Digest development = circuit(circuits, "a", "development");
    Digest ceremony = circuit(circuits, "b", "ceremony:" + Fixtures.digest("transcript"));

    List<Object> listings = new ArrayList<>();
    Digest noListing = listing(listings, new TreeMap<>());
    Digest listing =
        listing(
            listings,
            new TreeMap<>(
                Map.of(
                    "asset", List.of("BTC", "\u00fcber"),
                    "instrument", List.of("BTC-C", "BTC-P", "\u20bf"))));

    List<Object> rounds = new ArrayList<>();
    RiskRound emptyRound = RiskRound.of(development, "venue", noListing, 0, 0, new long[0]);
    RiskRound round =
        RiskRound.of(
            ceremony,
            BOERSE,
            listing,
            Long.MAX_VALUE,
            1_634_774_400_000L,
            new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1_000_000});
    rounds.add(round(emptyRound));
    rounds.add(round(round));

    List<Object> attestations = new ArrayList<>();
    Attestation first =
        attestation(
            attestations,
            1,
            AttestationBody.builder()
                .venue("venue")
                .account("account")
                .circuitId(development)
                .listingDigest(noListing)
                .scope(List.of(new ColumnRange(0, 1)))
                .version(0)
                .asOfMillis(0)
                .notAfterMillis(0)
                .previousDigest(Digest.ZERO)
                .commitment(Fixtures.POINT)
                .sealedOpening(new byte[0]));
    AttestationBody.Builder common =
        AttestationBody.builder()
            .venue(BOERSE)
            .account("konto 7")
            .circuitId(ceremony)
            .listingDigest(listing)
            .scope(List.of(new ColumnRange(0, 3), new ColumnRange(5, 256)))
            .version(258)
            .asOfMillis(1_634_774_400_000L)
            .notAfterMillis(1_634_778_000_000L)
            .previousDigest(first.digest())
            .commitment(Fixtures.OTHER_POINT)
            .sealedOpening(new byte[] {1, 2, (byte) 0xff});
    Attestation second = attestation(attestations, 2, common);
    Attestation third = attestation(attestations, 3, common);
    attestation(attestations, 4, common.closing(true));

    List<Object> sets = new ArrayList<>();
    Digest noSet = set(sets, List.of());
    Digest oneSet = set(sets, List.of(first));
    Digest bothSet = set(sets, List.of(second, third));

    List<Object> contexts = new ArrayList<>();
    context(
        contexts,
        development,
        "venue",
        "account",
        1,
        1,
        oneSet,
        emptyRound,
        new Threshold(0, 1),
        Purpose.INITIAL);
    context(
        contexts,
        ceremony,
        BOERSE,
        "konto 7",
        Long.MAX_VALUE,
        256,
        bothSet,
        round,
        new Threshold(11, 10),
        Purpose.MAINTENANCE);
    context(
        contexts,
        ceremony,
        "",
        "",
        0,
        0,
        noSet,
        round,
        new Threshold(Threshold.MAX, Threshold.MAX),
        Purpose.CLOSE_OUT);

    Map<String, Object> all = new LinkedHashMap<>();
    all.put("circuit_id", circuits);
    all.put("listing_digest", listings);
    all.put("round", rounds);
    all.put("attestation", attestations);
    all.put("attestation_set", sets);
    all.put("context", contexts);
    return all;
  }

  private static Digest circuit(List<Object> vectors, String seed, String setup) {
    Digest model = Fixtures.digest(seed + " model");
    Digest layout = Fixtures.digest(seed + " layout");
    Digest constraints = Fixtures.digest(seed + " constraints");
    Digest key = Fixtures.digest(seed + " key");
    Digest id =
        new CanonicalWriter("plimsoll/circuit/v1")
            .digest(model)
            .digest(layout)
            .digest(constraints)
            .digest(key)
            .text(setup)
            .digest();
    Map<String, Object> vector = new LinkedHashMap<>();
    vector.put("model_digest", model);
    vector.put("layout_digest", layout);
    vector.put("constraint_system_digest", constraints);
    vector.put("verifying_key_digest", key);
    vector.put("setup", setup);
    vector.put("circuit_id", id);
    vectors.add(vector);
    return id;
  }

  private static Digest listing(List<Object> vectors, Map<String, List<String>> axes) {
    CanonicalWriter out = new CanonicalWriter("plimsoll/listing/v1").u32(axes.size());
    List<Object> list = new ArrayList<>();
    axes.forEach(
        (name, labels) -> {
          out.text(name).u32(labels.size());
          labels.forEach(out::text);
          Map<String, Object> axis = new LinkedHashMap<>();
          axis.put("name", name);
          axis.put("labels", labels);
          list.add(axis);
        });
    Map<String, Object> vector = new LinkedHashMap<>();
    vector.put("axes", list);
    vector.put("listing_digest", out.digest());
    vectors.add(vector);
    return out.digest();
  }

  private static Map<String, Object> round(RiskRound round) {
    Map<String, Object> vector = new LinkedHashMap<>();
    vector.put("venue", round.venue());
    vector.put("circuit_id", round.circuitId());
    vector.put("listing_digest", round.listingDigest());
    vector.put("sequence", round.sequence());
    vector.put("as_of_millis", round.asOfMillis());
    vector.put(
        "coefficients", LongStream.of(round.coefficients()).boxed().collect(Collectors.toList()));
    vector.put("bytes", round.toByteArray());
    vector.put("round_digest", round.digest());
    vector.put("signed_bytes", round.bytesToSign());
    vector.put("publisher_secret", secret(11));
    vector.put("signature", TestKey.of(11).sign(round.bytesToSign()));
    return vector;
  }

  private static byte[] secret(int seed) {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) seed);
    return secret;
  }

  private static Attestation attestation(
      List<Object> vectors, int seed, AttestationBody.Builder builder) {
    Attestation attestation = TestKey.of(seed).attest(builder);
    AttestationBody body = attestation.body();
    List<Object> scope = new ArrayList<>();
    for (ColumnRange range : body.scope()) {
      Map<String, Object> columns = new LinkedHashMap<>();
      columns.put("from", range.from());
      columns.put("to", range.to());
      scope.add(columns);
    }
    Map<String, Object> vector = new LinkedHashMap<>();
    vector.put("venue", body.venue());
    vector.put("account", body.account());
    vector.put("circuit_id", body.circuitId());
    vector.put("listing_digest", body.listingDigest());
    vector.put("attester_key", body.attester());
    vector.put("scope", scope);
    vector.put("version", body.version());
    vector.put("as_of_millis", body.asOfMillis());
    vector.put("not_after_millis", body.notAfterMillis());
    vector.put("previous_digest", body.previousDigest());
    vector.put("closing", body.closing() ? 1 : 0);
    vector.put("commitment", body.commitment().toByteArray());
    vector.put("sealed_opening", body.sealedOpening());
    vector.put("attester_secret", secret(seed));
    vector.put("bytes", body.toByteArray());
    vector.put("signature", attestation.signature());
    vector.put("attestation_digest", attestation.digest());
    vectors.add(vector);
    return attestation;
  }

  private static Digest set(List<Object> vectors, List<Attestation> attestations)
      throws InvalidFormatException {
    Digest digest;
    List<Object> members = new ArrayList<>();
    if (attestations.isEmpty()) {
      digest = Fixtures.account(List.of()).attestationSetDigest();
    } else {
      AttestationBody any = attestations.get(0).body();
      Roster roster =
          Roster.of(0, attestations.stream().map(each -> each.body().attester()).toList());
      AccountState state =
          AccountState.of(any.venue(), any.account(), any.circuitId(), 0, roster, attestations);
      digest = state.attestationSetDigest();
      for (Attestation each : attestations) {
        Map<String, Object> member = new LinkedHashMap<>();
        member.put("attester_key", each.body().attester());
        member.put("attestation_digest", each.digest());
        members.add(member);
      }
    }
    Map<String, Object> vector = new LinkedHashMap<>();
    vector.put("members_in_any_order", members);
    vector.put("attestation_set_digest", digest);
    vectors.add(vector);
    return digest;
  }

  private static void context(
      List<Object> vectors,
      Digest circuit,
      String venue,
      String account,
      long accountVersion,
      long rosterVersion,
      Digest set,
      RiskRound round,
      Threshold threshold,
      Purpose purpose) {
    Digest digest =
        SolvencyStatement.context(
            circuit,
            venue,
            account,
            accountVersion,
            rosterVersion,
            set,
            round.digest(),
            round.sequence(),
            threshold,
            purpose);
    Map<String, Object> vector = new LinkedHashMap<>();
    vector.put("circuit_id", circuit);
    vector.put("venue", venue);
    vector.put("account", account);
    vector.put("account_version", accountVersion);
    vector.put("roster_version", rosterVersion);
    vector.put("attestation_set_digest", set);
    vector.put("round_digest", round.digest());
    vector.put("round_sequence", round.sequence());
    vector.put("numerator", threshold.numerator());
    vector.put("denominator", threshold.denominator());
    vector.put("purpose", purpose.code());
    vector.put("digest", digest);
    vector.put("context", Arrays.copyOf(digest.toByteArray(), SolvencyStatement.CONTEXT_BYTES));
    vectors.add(vector);
  }

  private static String write(Map<String, Object> vectors) {
    StringBuilder out = new StringBuilder();
    write(out, vectors, "");
    return out.toString();
  }

  /** JSON with one member a line; bytes in hex, numbers as decimal strings. */
  private static void write(StringBuilder out, Object value, String indent) {
    String deeper = indent + "  ";
    if (value instanceof Map<?, ?> map) {
      String separator = "{\n";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator).append(deeper).append('"').append(entry.getKey()).append("\": ");
        write(out, entry.getValue(), deeper);
        separator = ",\n";
      }
      out.append('\n').append(indent).append('}');
    } else if (value instanceof List<?> list && !list.isEmpty()) {
      String separator = "[\n";
      for (Object element : list) {
        out.append(separator).append(deeper);
        write(out, element, deeper);
        separator = ",\n";
      }
      out.append('\n').append(indent).append(']');
    } else if (value instanceof List<?>) {
      out.append("[]");
    } else if (value instanceof byte[] bytes) {
      out.append('"').append(HexFormat.of().formatHex(bytes)).append('"');
    } else {
      String text = value.toString();
      assertTrue(text.chars().noneMatch(c -> c == '"' || c == '\\' || c < ' '), text);
      out.append('"').append(text).append('"');
    }
  }
}
