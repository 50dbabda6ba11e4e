package io.plimsoll.attestation;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.plimsoll.attestation");

  @Test
  void protobufIsSeenByConversionsAndFilesAlone() {
    noClasses()
        .that()
        .haveNameNotMatching(
            ".*\\.(AttestationConversions|KeyFiles|FileAttestationLedger|LockedDirectory"
                + "|RoundPublisher)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.plimsoll.proto..", "com.google.protobuf..", "io.grpc..")
        .check(CLASSES);
  }

  @Test
  void neitherTheVerifiersCurveNorASecurityProviderIsUsed() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.plimsoll.verifier.bn254..", "org.bouncycastle.jce..")
        .check(CLASSES);
  }
}
