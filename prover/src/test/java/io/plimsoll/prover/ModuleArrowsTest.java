package io.plimsoll.prover;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * An arrow points at what is more basic, never back; and some things are known in one place alone.
 */
@AnalyzeClasses(
    packages = "io.plimsoll",
    importOptions = {ImportOption.DoNotIncludeTests.class, ModuleArrowsTest.NoTestJars.class})
class ModuleArrowsTest {
  /** Contracts and fixtures that modules lend each other's tests. */
  static final class NoTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  private static final String VERIFIER = "io.plimsoll.verifier..";
  private static final String PROTO = "io.plimsoll.proto..";
  private static final String CIRCUITS = "io.plimsoll.circuits..";
  private static final String ATTESTATION = "io.plimsoll.attestation..";
  private static final String RISK = "io.plimsoll.risk..";
  private static final String NATIVE = "io.plimsoll.nativeprover..";
  private static final String SUITES = "io.plimsoll.suites..";
  private static final String VENUE = "io.plimsoll.venue..";
  private static final String ATTESTER = "io.plimsoll.attester..";
  private static final String RPC = "io.plimsoll.rpc..";
  private static final String PROVER = "io.plimsoll.prover..";

  @ArchTest
  static final ArchRule verifierKnowsTheJdkAlone =
      classes()
          .that()
          .resideInAPackage(VERIFIER)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", VERIFIER);

  @ArchTest
  static final ArchRule protoKnowsNoOtherModule =
      noClasses()
          .that()
          .resideInAPackage(PROTO)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(VERIFIER, CIRCUITS, ATTESTATION, RISK, NATIVE, VENUE, PROVER);

  @ArchTest
  static final ArchRule circuitsKnowVerifierAndProto =
      noClasses()
          .that()
          .resideInAPackage(CIRCUITS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ATTESTATION, RISK, NATIVE, PROVER, "com.sun.jna..", "io.grpc..");

  @ArchTest
  static final ArchRule attestationKnowsNeitherRiskNorProver =
      noClasses()
          .that()
          .resideInAPackage(ATTESTATION)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(RISK, NATIVE, PROVER, "com.sun.jna..", "io.grpc..");

  @ArchTest
  static final ArchRule riskKnowsTheModelsAlone =
      noClasses()
          .that()
          .resideInAPackage(RISK)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ATTESTATION, NATIVE, PROVER, "com.sun.jna..", "io.grpc..");

  @ArchTest
  static final ArchRule nativeKnowsNoService =
      noClasses()
          .that()
          .resideInAPackage(NATIVE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ATTESTATION, RISK, PROVER, "io.grpc..");

  @ArchTest
  static final ArchRule suitesKnowNoService =
      noClasses()
          .that()
          .resideInAPackage(SUITES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(PROTO, PROVER, "com.google.protobuf..", "io.grpc..");

  @ArchTest
  static final ArchRule suitesAreKnownToTheCommandLineAlone =
      noClasses()
          .that()
          .resideOutsideOfPackages(SUITES, "io.plimsoll.prover.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(SUITES);

  @ArchTest
  static final ArchRule rpcKnowsNoServiceAndNoMessage =
      noClasses()
          .that()
          .resideInAPackage(RPC)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              VERIFIER, PROTO, CIRCUITS, ATTESTATION, RISK, NATIVE, SUITES, VENUE, PROVER);

  @ArchTest
  static final ArchRule gateRpcNeedsNeitherDatabaseNorModel =
      noClasses()
          .that()
          .resideInAPackage("io.plimsoll.gate.rpc..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              CIRCUITS, RISK, NATIVE, SUITES, VENUE, PROVER, "java.sql..", "com.sun.jna..");

  @ArchTest
  static final ArchRule venueHasNothingOfTheOwners =
      noClasses()
          .that()
          .resideInAPackage(VENUE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CIRCUITS, RISK, NATIVE, PROVER, "com.sun.jna..");

  @ArchTest
  static final ArchRule attesterHasNothingOfTheProversOrTheVenuesStore =
      noClasses()
          .that()
          .resideInAPackage(ATTESTER)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(RISK, NATIVE, SUITES, VENUE, PROVER, "com.sun.jna..");

  @ArchTest
  static final ArchRule jnaIsKnownToTheNativeModuleAlone =
      noClasses()
          .that()
          .resideOutsideOfPackage(NATIVE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.sun.jna..");

  @ArchTest
  static final ArchRule bouncyCastleIsKnownToTheAttestationModuleAlone =
      noClasses()
          .that()
          .resideOutsideOfPackage(ATTESTATION)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bouncycastle..");

  @ArchTest
  static final ArchRule curveArithmeticStaysInsideTheVerifier =
      noClasses()
          .that()
          .resideOutsideOfPackage(VERIFIER)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.plimsoll.verifier.bn254..");

  @ArchTest
  static final ArchRule noCommandLineBehindTheService =
      noClasses()
          .that()
          .resideInAPackage("io.plimsoll.prover")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.plimsoll.prover.cli..");
}
