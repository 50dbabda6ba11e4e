package io.plimsoll.gate.rpc;

import io.plimsoll.proto.v1.VenueParty;
import io.plimsoll.rpc.PeerIdentity;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Who may do what at a venue. A caller is its client certificate; whoever's certificate is not here
 * may do nothing. Immutable and thread-safe.
 */
public final class VenueRoles {
  /** Most parties of a venue. */
  public static final int MAX_PARTIES = 1 << 20;

  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");

  private final Map<String, Party> byName;
  private final Map<String, Party> byCertificate;

  private VenueRoles(Map<String, Party> byName, Map<String, Party> byCertificate) {
    this.byName = byName;
    this.byCertificate = byCertificate;
  }

  /**
   * Somebody known to the venue. Immutable and thread-safe.
   *
   * @param name its name; of a liquidator, what its orders call it
   * @param certificates fingerprints of its client certificates
   * @param roles what it may do; at least one
   * @param accounts of an owner, what it owns
   * @param attesterKey of an attester, what it attests with
   */
  public record Party(
      String name,
      Set<String> certificates,
      Set<Role> roles,
      Set<String> accounts,
      Optional<Ed25519PublicKey> attesterKey) {
    /** Copies the sets. */
    public Party {
      certificates = Set.copyOf(certificates);
      roles = Set.copyOf(roles);
      accounts = Set.copyOf(accounts);
    }

    /** Whether it has this role. */
    public boolean is(Role role) {
      return roles.contains(role);
    }

    /** Whether it is this account's owner. */
    public boolean owns(String account) {
      return is(Role.OWNER) && accounts.contains(account);
    }

    /** Whether it attests with this key. */
    public boolean attestsWith(Ed25519PublicKey key) {
      return is(Role.ATTESTER) && attesterKey.isPresent() && attesterKey.get().equals(key);
    }
  }

  /**
   * Checks that names, certificates, accounts and keys belong to one party each and go with the
   * party's roles.
   *
   * @throws InvalidFormatException if something is not as it must be
   */
  public static VenueRoles of(Collection<Party> parties) throws InvalidFormatException {
    if (parties.size() > MAX_PARTIES) {
      throw new InvalidFormatException(
          "roles: " + parties.size() + " parties, more than " + MAX_PARTIES);
    }
    Map<String, Party> byName = new HashMap<>();
    Map<String, Party> byCertificate = new HashMap<>();
    Set<Object> owned = new HashSet<>();
    for (Party party : parties) {
      if (party.name().isEmpty()) {
        throw new InvalidFormatException("roles: a party's name is empty");
      }
      CanonicalWriter.requireText("roles: name", party.name());
      String what = "roles: party " + party.name();
      if (byName.put(party.name(), party) != null) {
        throw new InvalidFormatException(what + " is there twice");
      }
      requireConsistent(what, party);
      for (String certificate : party.certificates()) {
        if (!FINGERPRINT.matcher(certificate).matches()) {
          throw new InvalidFormatException(
              what
                  + ": certificate is '"
                  + certificate
                  + "', not the 64 lower-case hexadecimal digits of its SHA-256");
        }
        if (byCertificate.put(certificate, party) != null) {
          throw new InvalidFormatException(
              what + ": certificate " + certificate + " belongs to another party");
        }
      }
      for (String account : party.accounts()) {
        CanonicalWriter.requireText(what + ": account", account);
        if (!owned.add(account)) {
          throw new InvalidFormatException(what + ": account " + account + " has another owner");
        }
      }
      if (party.attesterKey().isPresent() && !owned.add(party.attesterKey().get())) {
        throw new InvalidFormatException(
            what + ": attester key " + party.attesterKey().get() + " belongs to another party");
      }
    }
    return new VenueRoles(Map.copyOf(byName), Map.copyOf(byCertificate));
  }

  private static void requireConsistent(String what, Party party) throws InvalidFormatException {
    if (party.roles().isEmpty()) {
      throw new InvalidFormatException(what + " has no role");
    }
    if (party.is(Role.ATTESTER) != party.attesterKey().isPresent()) {
      throw new InvalidFormatException(
          what
              + (party.is(Role.ATTESTER)
                  ? " is an attester without attester_key"
                  : " has an attester_key and is no attester"));
    }
    if (!party.is(Role.OWNER) && !party.accounts().isEmpty()) {
      throw new InvalidFormatException(what + " has accounts and is no owner");
    }
  }

  /**
   * Reads a roles file's message.
   *
   * @throws InvalidFormatException if something is not as it must be
   */
  public static VenueRoles fromProto(io.plimsoll.proto.v1.VenueRoles message)
      throws InvalidFormatException {
    if (message.getPartiesCount() > MAX_PARTIES) {
      throw new InvalidFormatException(
          "roles: " + message.getPartiesCount() + " parties, more than " + MAX_PARTIES);
    }
    List<Party> parties = new java.util.ArrayList<>();
    for (VenueParty party : message.getPartiesList()) {
      String what = "roles: party " + party.getName();
      EnumSet<Role> roles = EnumSet.noneOf(Role.class);
      for (String label : party.getRolesList()) {
        roles.add(Role.ofLabel(what, label));
      }
      parties.add(
          new Party(
              party.getName(),
              distinct(what + ": certificate", party.getCertificatesList()),
              roles,
              distinct(what + ": account", party.getAccountsList()),
              key(what, party.getAttesterKey())));
    }
    return of(parties);
  }

  private static Set<String> distinct(String what, List<String> values)
      throws InvalidFormatException {
    Set<String> distinct = new TreeSet<>();
    for (String value : values) {
      if (!distinct.add(value)) {
        throw new InvalidFormatException(what + " " + value + " is there twice");
      }
    }
    return distinct;
  }

  private static Optional<Ed25519PublicKey> key(String what, String hex)
      throws InvalidFormatException {
    if (hex.isEmpty()) {
      return Optional.empty();
    }
    if (!FINGERPRINT.matcher(hex).matches()) {
      throw new InvalidFormatException(
          what + ": attester_key is '" + hex + "', not 64 lower-case hexadecimal digits");
    }
    return Optional.of(Ed25519PublicKey.fromBytes(HexFormat.of().parseHex(hex)));
  }

  /** The party that shows this certificate. */
  public Optional<Party> party(PeerIdentity peer) {
    return Optional.ofNullable(byCertificate.get(peer.fingerprint()));
  }

  /** The party of this name. */
  public Optional<Party> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }
}
