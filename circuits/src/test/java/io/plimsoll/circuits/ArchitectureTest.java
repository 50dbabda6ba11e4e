package io.plimsoll.circuits;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.plimsoll.circuits");

  @Test
  void onlyTheConversionsSeeProtobuf() {
    noClasses()
        .that()
        .haveNameNotMatching(".*\\.ProtoConversions(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.plimsoll.proto..", "com.google.protobuf..", "io.grpc..")
        .check(CLASSES);
  }

  @Test
  void noFloatingPointComesNearMoney() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.(Double|Float|Math\\$.*)")
        .orShould()
        .callMethod(BigDecimal.class, "doubleValue")
        .orShould()
        .callMethod(BigDecimal.class, "valueOf", double.class)
        .check(CLASSES);
  }
}
