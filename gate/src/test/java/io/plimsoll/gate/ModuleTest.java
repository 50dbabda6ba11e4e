package io.plimsoll.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A venue embeds the verifier and this. */
class ModuleTest {
  @Test
  void moduleNeedsTheVerifierAndTheBaseModuleAlone() throws Exception {
    Path classes =
        Path.of(LiquidationGate.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor gate =
        ModuleFinder.of(classes).find("io.plimsoll.gate").orElseThrow().descriptor();
    assertEquals(
        Set.of("java.base", "io.plimsoll.verifier"),
        gate.requires().stream().map(ModuleDescriptor.Requires::name).collect(Collectors.toSet()));
  }
}
