package io.plimsoll.risk;

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
          .importPackages("io.plimsoll.risk");

  @Test
  void floatingPointStaysInsideTheFormulas() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(Black76.class, DeriveFormulas.class)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("net.finmath..", "org.apache.commons.math3..")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.(Double|Float|StrictMath)")
        .orShould()
        .callMethod(BigDecimal.class, "doubleValue")
        .orShould()
        .callMethod(BigDecimal.class, "valueOf", double.class)
        .orShould()
        .callConstructor(BigDecimal.class, double.class)
        .check(CLASSES);
  }
}
