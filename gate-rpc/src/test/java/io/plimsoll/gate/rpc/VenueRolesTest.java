package io.plimsoll.gate.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.proto.v1.VenueParty;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.TestKey;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VenueRolesTest {
  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);

  private static VenueParty.Builder owner() {
    return VenueParty.newBuilder()
        .setName("alice")
        .addCertificates(A)
        .addRoles("owner")
        .addAccounts("one");
  }

  private static VenueParty.Builder attester() {
    return VenueParty.newBuilder()
        .setName("custodian")
        .addCertificates(B)
        .addRoles("attester")
        .setAttesterKey(TestKey.of(1).publicKey().toString());
  }

  private static VenueRoles read(VenueParty.Builder... parties) throws InvalidFormatException {
    var message = io.plimsoll.proto.v1.VenueRoles.newBuilder();
    for (VenueParty.Builder party : parties) {
      message.addParties(party);
    }
    return VenueRoles.fromProto(message.build());
  }

  private static void assertRefused(String naming, VenueParty.Builder... parties) {
    InvalidFormatException refused =
        assertThrows(InvalidFormatException.class, () -> read(parties));
    assertTrue(refused.getMessage().contains(naming), refused.getMessage());
  }

  @Test
  void partiesAreFoundByNameAndOwnOnlyWhatIsTheirs() throws Exception {
    VenueRoles roles = read(owner(), attester().addRoles("owner").addAccounts("two"));
    VenueRoles.Party alice = roles.named("alice").orElseThrow();
    assertTrue(alice.owns("one"));
    assertTrue(!alice.owns("two"));
    assertTrue(!alice.attestsWith(TestKey.of(1).publicKey()));
    VenueRoles.Party custodian = roles.named("custodian").orElseThrow();
    assertEquals(Set.of(Role.ATTESTER, Role.OWNER), custodian.roles());
    assertTrue(custodian.attestsWith(TestKey.of(1).publicKey()));
    assertTrue(!custodian.attestsWith(TestKey.of(2).publicKey()));
    assertTrue(roles.named("nobody").isEmpty());
  }

  @Test
  void whatDoesNotFitIsRefusedByName() {
    assertRefused("name is empty", owner().setName(""));
    assertRefused("alice is there twice", owner(), owner().clearCertificates());
    assertRefused("has no role", owner().clearRoles().clearAccounts());
    assertRefused("role is 'Owner', not one of publisher, attester", owner().setRoles(0, "Owner"));
    assertRefused("certificate is 'AA'", owner().setCertificates(0, "AA"));
    assertRefused("certificate " + A + " is there twice", owner().addCertificates(A));
    assertRefused("belongs to another party", owner(), attester().setCertificates(0, A));
    assertRefused("account one is there twice", owner().addAccounts("one"));
    assertRefused(
        "account one has another owner", owner(), attester().addRoles("owner").addAccounts("one"));
    assertRefused("has accounts and is no owner", attester().addAccounts("two"));
    assertRefused("attester without attester_key", attester().clearAttesterKey());
    assertRefused(
        "has an attester_key and is no attester",
        owner().setAttesterKey(TestKey.of(1).publicKey().toString()));
    assertRefused("attester_key is 'zz'", attester().setAttesterKey("zz"));
    assertRefused(
        "belongs to another party", attester(), attester().setName("other").setCertificates(0, A));
    assertRefused("account", owner().setAccounts(0, "e\u0301"));
  }

  @Test
  void rolesOfNobodyAreFine() throws Exception {
    assertTrue(VenueRoles.of(List.of()).named("x").isEmpty());
  }
}
