package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A venue embeds this module alone. */
class ModuleTest {
  private final ModuleDescriptor descriptor = descriptor();

  /** As compiled: tests run on the class path, where classes are in no named module. */
  private static ModuleDescriptor descriptor() {
    try {
      Path classes =
          Path.of(VerifyingKey.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return ModuleFinder.of(classes).find("io.plimsoll.verifier").orElseThrow().descriptor();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void moduleNeedsTheBaseModuleAlone() {
    assertEquals(
        Set.of("java.base"),
        descriptor.requires().stream()
            .map(ModuleDescriptor.Requires::name)
            .collect(Collectors.toSet()));
  }

  @Test
  void curveArithmeticIsNotExported() {
    assertEquals(
        Set.of("io.plimsoll.verifier"),
        descriptor.exports().stream()
            .filter(e -> !e.isQualified())
            .map(ModuleDescriptor.Exports::source)
            .collect(Collectors.toSet()));
    assertEquals(
        Set.of("io.plimsoll.verifier.vector"),
        descriptor.exports().stream()
            .filter(ModuleDescriptor.Exports::isQualified)
            .flatMap(e -> e.targets().stream())
            .collect(Collectors.toSet()));
    assertTrue(descriptor.opens().isEmpty());
  }
}
