package io.plimsoll.prover.cli;

import io.plimsoll.attestation.SealingPublicKey;
import io.plimsoll.attester.Circuit;
import io.plimsoll.attester.CsvConnector;
import io.plimsoll.attester.CustodyConnector;
import io.plimsoll.attester.GrpcVenuePort;
import io.plimsoll.attester.JdbcConnector;
import io.plimsoll.attester.Pledge;
import io.plimsoll.attester.PledgeId;
import io.plimsoll.attester.Schedule;
import io.plimsoll.attester.Side;
import io.plimsoll.attester.VenueLink;
import io.plimsoll.circuits.MarginModel;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.circuits.ProtoConversions;
import io.plimsoll.gate.rpc.GateClient;
import io.plimsoll.proto.v1.AttesterAccount;
import io.plimsoll.proto.v1.AttesterCircuit;
import io.plimsoll.proto.v1.AttesterConfig;
import io.plimsoll.proto.v1.AttesterVenue;
import io.plimsoll.proto.v1.BooksDatabase;
import io.plimsoll.proto.v1.QuantityRecord;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.proto.v1.TlsPaths;
import io.plimsoll.rpc.TlsFiles;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/** The parts of an attester's configuration file, each checked. Paths are relative to the file. */
final class AttesterConfigReader {
  /** Most accounts of one attester. */
  static final int MAX_ACCOUNTS = 100_000;

  private static final int MAX_PASSWORD_BYTES = 4096;

  private final Path directory;
  private final AttesterConfig config;

  private AttesterConfigReader(Path directory, AttesterConfig config) {
    this.directory = directory;
    this.config = config;
  }

  static AttesterConfigReader read(Path file) throws InvalidFormatException, IOException {
    AttesterConfig config =
        MessageFiles.read("attester configuration", file, AttesterConfig.getDefaultInstance());
    Path parent = file.toAbsolutePath().getParent();
    return new AttesterConfigReader(parent, config);
  }

  AttesterConfig message() {
    return config;
  }

  Path path(String field, String value) throws InvalidFormatException {
    required(field, value);
    try {
      return directory.resolve(value);
    } catch (java.nio.file.InvalidPathException e) {
      throw new InvalidFormatException(field + " is '" + value + "', not a path");
    }
  }

  private static String required(String field, String value) throws InvalidFormatException {
    if (value.isEmpty()) {
      throw new InvalidFormatException(field + " is missing");
    }
    return CanonicalWriter.requireText(field, value);
  }

  CustodyConnector books() throws InvalidFormatException, IOException {
    return switch (config.getBooksCase()) {
      case BOOKS_FILE -> new CsvConnector(path("books_file", config.getBooksFile()));
      case BOOKS_DATABASE -> database(config.getBooksDatabase());
      case BOOKS_NOT_SET ->
          throw new InvalidFormatException("books_file or books_database is missing");
    };
  }

  private CustodyConnector database(BooksDatabase database)
      throws InvalidFormatException, IOException {
    if (!database.getUrl().startsWith("jdbc:")) {
      throw new InvalidFormatException("books_database: url does not begin with jdbc:");
    }
    if (database.getQuery().isBlank()) {
      throw new InvalidFormatException("books_database: query is missing");
    }
    Properties properties = new Properties();
    if (!database.getUser().isEmpty()) {
      properties.setProperty("user", database.getUser());
    }
    if (!database.getPasswordFile().isEmpty()) {
      Path file = path("books_database: password_file", database.getPasswordFile());
      try (var in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(MAX_PASSWORD_BYTES);
        properties.setProperty(
            "password", new String(bytes, StandardCharsets.UTF_8).lines().findFirst().orElse(""));
      } catch (NoSuchFileException e) {
        throw new InvalidFormatException(
            "books_database: password_file " + file + " does not exist");
      }
    }
    return new JdbcConnector(database.getUrl(), properties, database.getQuery());
  }

  /** The venues; their connections are the caller's to close. */
  List<VenueLink> venues() throws InvalidFormatException, IOException {
    if (config.getVenuesCount() == 0) {
      throw new InvalidFormatException("venues is empty");
    }
    List<VenueLink> venues = new ArrayList<>();
    try {
      for (AttesterVenue venue : config.getVenuesList()) {
        venues.add(venue(venue));
      }
      return venues;
    } catch (IOException | InvalidFormatException e) {
      close(venues);
      throw e;
    }
  }

  static void close(List<VenueLink> venues) {
    for (VenueLink venue : venues) {
      if (venue.port() instanceof GrpcVenuePort port) {
        port.close();
      }
    }
  }

  private VenueLink venue(AttesterVenue venue) throws InvalidFormatException, IOException {
    String name = required("venues: name", venue.getName());
    String what = "venues: " + name + ": ";
    Ed25519PublicKey key = key(what + "key", venue.getKey());
    Schedule schedule;
    try {
      schedule =
          new Schedule(
              duration(what + "cadence", venue.getCadence()),
              duration(what + "validity", venue.getValidity()),
              duration(what + "spacing", venue.getSpacing()),
              duration(what + "skew", venue.getSkew()),
              duration(what + "books_age", venue.getBooksAge()));
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(what + e.getMessage());
    }
    GateClient.Builder client =
        GateClient.builder(required(what + "target", venue.getTarget())).venueKey(key);
    if (venue.hasTls() == !venue.getInsecureAs().isEmpty()) {
      throw new InvalidFormatException(what + "either tls or insecure_as is needed");
    }
    if (venue.hasTls()) {
      client.tls(tls(what + "tls: ", venue.getTls()));
    } else {
      client.insecure(venue.getInsecureAs());
    }
    return new VenueLink(name, key, new GrpcVenuePort(client.connect()), schedule);
  }

  TlsFiles tls(String what, TlsPaths paths) throws InvalidFormatException {
    return TlsFiles.mutual(
        path(what + "certificate", paths.getCertificate()),
        path(what + "key", paths.getKey()),
        path(what + "trust", paths.getTrust()));
  }

  private static Ed25519PublicKey key(String field, String hex) throws InvalidFormatException {
    try {
      return Ed25519PublicKey.fromBytes(HexFormat.of().parseHex(hex));
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(field + " is '" + hex + "', not 64 hexadecimal digits");
    }
  }

  private static Duration duration(String field, String text) throws InvalidFormatException {
    try {
      return Duration.parse(text);
    } catch (DateTimeException e) {
      throw new InvalidFormatException(field + " is '" + text + "', not a duration such as PT10M");
    }
  }

  List<Pledge> pledges() throws InvalidFormatException, IOException {
    Map<String, Circuit> circuits = circuits();
    if (config.getAccountsCount() == 0 || config.getAccountsCount() > MAX_ACCOUNTS) {
      throw new InvalidFormatException(
          "accounts: " + config.getAccountsCount() + ", not 1 to " + MAX_ACCOUNTS);
    }
    List<Pledge> pledges = new ArrayList<>();
    for (AttesterAccount account : config.getAccountsList()) {
      PledgeId id =
          new PledgeId(
              required("accounts: venue", account.getVenue()),
              required("accounts: account", account.getAccount()));
      String what = "accounts: " + id + ": ";
      Circuit circuit = circuits.get(account.getCircuit());
      if (circuit == null) {
        throw new InvalidFormatException(
            what + "circuit is '" + account.getCircuit() + "', which is none of circuits");
      }
      Optional<List<PortfolioReader.Line>> share = Optional.empty();
      if (account.hasShare()) {
        List<PortfolioReader.Line> lines = new ArrayList<>();
        for (QuantityRecord each : account.getShare().getQuantitiesList()) {
          lines.add(
              new PortfolioReader.Line(each.getVector(), each.getLabel(), each.getQuantity()));
        }
        share = Optional.of(lines);
      }
      pledges.add(
          new Pledge(
              id,
              required(what + "custody_account", account.getCustodyAccount()),
              SealingPublicKey.fromHex(account.getOwner()),
              circuit,
              share));
    }
    return pledges;
  }

  private Map<String, Circuit> circuits() throws InvalidFormatException, IOException {
    Map<String, Circuit> circuits = new HashMap<>();
    for (AttesterCircuit circuit : config.getCircuitsList()) {
      String name = required("circuits: name", circuit.getName());
      String what = "circuits: " + name + ": ";
      KeyDirectory keys = KeyDirectory.read(path(what + "keys", circuit.getKeys()));
      MarginModel model = keys.model();
      Map<String, Side> sides = new HashMap<>();
      for (String kind : circuit.getMoreIsBetterList()) {
        side(what, sides, kind, Side.MORE_IS_BETTER);
      }
      for (String kind : circuit.getLessIsBetterList()) {
        side(what, sides, kind, Side.LESS_IS_BETTER);
      }
      Circuit read =
          Circuit.of(
              keys.key(),
              model,
              ProtoConversions.listing(
                  model,
                  MessageFiles.read(
                          what + "listing",
                          path(what + "listing", circuit.getListing()),
                          RiskRound.getDefaultInstance())
                      .getListing()),
              new LinkedHashMap<>(circuit.getVectorsMap()),
              sides);
      if (circuits.put(name, read) != null) {
        throw new InvalidFormatException("circuits: '" + name + "' occurs twice");
      }
    }
    return circuits;
  }

  private static void side(String what, Map<String, Side> sides, String kind, Side side)
      throws InvalidFormatException {
    if (sides.put(kind, side) != null) {
      throw new InvalidFormatException(what + "the side of '" + kind + "' is said twice");
    }
  }

  /** By account, the fingerprints of the certificates that may ask about it. */
  Map<PledgeId, Set<String>> clients() throws InvalidFormatException {
    Map<PledgeId, Set<String>> clients = new HashMap<>();
    for (AttesterAccount account : config.getAccountsList()) {
      for (String fingerprint : account.getClientsList()) {
        if (!fingerprint.matches("[0-9a-f]{64}")) {
          throw new InvalidFormatException(
              "accounts: clients: '"
                  + fingerprint
                  + "' is not the 64 lower-case hexadecimal digits of a certificate's SHA-256");
        }
      }
      clients.put(
          new PledgeId(account.getVenue(), account.getAccount()),
          new HashSet<>(account.getClientsList()));
    }
    return clients;
  }
}
