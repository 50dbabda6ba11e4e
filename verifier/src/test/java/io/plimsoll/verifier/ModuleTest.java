package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.module.ModuleDescriptor;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A venue embeds this module alone. */
class ModuleTest {
  private final ModuleDescriptor descriptor = VerifyingKey.class.getModule().getDescriptor();

  @Test
  void moduleNeedsTheBaseModuleAlone() {
    assertTrue(VerifyingKey.class.getModule().isNamed());
    assertEquals("io.plimsoll.verifier", descriptor.name());
    assertEquals(
        Set.of("java.base"),
        descriptor.requires().stream()
            .map(ModuleDescriptor.Requires::name)
            .collect(Collectors.toSet()));
  }

  @Test
  void curveArithmeticIsNotExported() {
    assertEquals(
        Set.of("io.plimsoll.verifier", "io.plimsoll.verifier.gate"),
        descriptor.exports().stream()
            .filter(e -> !e.isQualified())
            .map(ModuleDescriptor.Exports::source)
            .collect(Collectors.toSet()));
    assertTrue(descriptor.opens().isEmpty());
  }
}
