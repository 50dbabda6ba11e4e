package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holding a {@link VerifiedSolvency} shows that the check ran. */
class VerifiedSolvencyTest {
  @TempDir Path out;

  /** The codes of the errors that the compiler has for a class of a package. */
  private List<String> errors(String inPackage, String body)
      throws IOException, URISyntaxException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    String source =
        "package "
            + inPackage
            + "; import io.plimsoll.verifier.*; final class Attempt { "
            + body
            + " }";
    JavaFileObject file =
        new SimpleJavaFileObject(
            URI.create("string:///" + inPackage.replace('.', '/') + "/Attempt.java"),
            JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    Path classes =
        Path.of(VerifiedSolvency.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    compiler
        .getTask(
            null,
            null,
            found,
            List.of("-cp", classes.toString(), "-d", out.toString(), "-proc:none"),
            null,
            List.of(file))
        .call();
    return found.getDiagnostics().stream()
        .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
        .map(Diagnostic::getCode)
        .collect(Collectors.toList());
  }

  /** Each attempt is right but for the package that it is in: inside, it compiles. */
  @Test
  void noCodeOutsideThePackageMakesOne() throws Exception {
    assertEquals(
        List.of(), errors("attacker", "Digest f(VerifiedSolvency v) { return v.circuitId(); }"));
    List<String> attempts =
        List.of(
            "Object f(SolvencyStatement s) { return new VerifiedSolvency(s); }",
            "Object f(Digest c, StatementLayout l) { return SolvencyVerifier.withCheck("
                + "c, l, x -> null, (r, k, x, n, d, p) -> java.util.Optional.empty()); }",
            "Object f(Digest c, StatementLayout l) { return SolvencyVerifier.withChecks("
                + "c, l, x -> null, (r, k, x, n, d, p) -> java.util.Optional.empty(),"
                + " a -> java.util.Optional.empty()); }",
            "void f(Attestation a, Digest c) { a.setScopeProvenUnder(c); }",
            "Object f(VerifyingKey k) throws Exception { return k.roundPoint(null); }",
            "Object f(RiskRound r) { return new PreparedRound(r, null, 1); }");
    for (String attempt : attempts) {
      assertEquals(List.of(), errors("io.plimsoll.verifier", attempt), attempt);
      List<String> codes = errors("attacker", attempt);
      assertFalse(codes.isEmpty(), attempt);
      for (String code : codes) {
        assertTrue(
            code.equals("compiler.err.report.access")
                || code.startsWith("compiler.err.not.def.public"),
            attempt + ": " + code);
      }
    }
  }

  /** Neither is there another class that passes for one, in any package. */
  @Test
  void nothingElseCanBeAVerdict() throws Exception {
    for (String where : List.of("attacker", "io.plimsoll.verifier")) {
      assertTrue(
          errors(where, "Object f() { return new VerifiedSolvency(null) { }; }")
              .contains("compiler.err.cant.inherit.from.final"));
      assertTrue(
          errors(where, "class Mine extends VerifiedSolvency { Mine() { super(null); } }")
              .contains("compiler.err.cant.inherit.from.final"));
    }
    assertTrue(
        errors("attacker", "final class Mine implements Verdict { }").stream()
            .anyMatch(code -> code.contains("sealed")));
  }

  @Test
  void theVerifierAloneMakesOne() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.plimsoll.verifier");
    List<String> makers =
        classes.get(VerifiedSolvency.class).getConstructorCallsToSelf().stream()
            .map(call -> call.getOriginOwner().getName())
            .distinct()
            .toList();
    assertEquals(List.of(SolvencyVerifier.class.getName()), makers);
    for (Constructor<?> constructor : VerifiedSolvency.class.getDeclaredConstructors()) {
      assertEquals(0, constructor.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED));
    }
    assertTrue(Modifier.isFinal(VerifiedSolvency.class.getModifiers()));
    assertTrue(Verdict.class.isSealed());
    assertFalse(
        Arrays.asList(VerifiedSolvency.class.getInterfaces()).contains(java.io.Serializable.class));
  }

  @Test
  void developmentKeysAreRefusedUnlessToldByName() throws Exception {
    VerifyingKey key = new TrapdoorKey(Fixtures.layout(), 41).key();
    VerifyingKey other = new TrapdoorKey(Fixtures.layout(), 42).key();
    for (VerifierPolicy policy :
        List.of(
            VerifierPolicy.production(), VerifierPolicy.allowingDevelopment(other.circuitId()))) {
      String message =
          assertThrows(InvalidFormatException.class, () -> SolvencyVerifier.create(key, policy))
              .getMessage();
      assertTrue(message.contains(key.circuitId().toString()), message);
    }
    assertEquals(
        key.circuitId(),
        SolvencyVerifier.create(
                key, VerifierPolicy.allowingDevelopment(other.circuitId(), key.circuitId()))
            .circuitId());
  }

  @Test
  void foreignCircuitIsRefusedWhateverThePolicyAllows() throws Exception {
    TrapdoorKey trapdoor = new TrapdoorKey(Fixtures.layout(), 41);
    VerifyingKey key = trapdoor.key();
    SolvencyVerifier verifier =
        SolvencyVerifier.create(
            key, VerifierPolicy.allowingDevelopment(key.circuitId(), Fixtures.CIRCUIT));
    RiskRound foreign = Fixtures.round(1, 100);
    assertThrows(InvalidFormatException.class, () -> verifier.prepare(foreign));
    PreparedRound round =
        new PreparedRound(foreign, new RoundPoint(Fixtures.CIRCUIT, null), Fixtures.MAX_ATTESTERS);
    TestKey attester = TestKey.of(1);
    AccountState account =
        Fixtures.accepted(
            Fixtures.account(List.of(attester.publicKey())).with(attester.attest(Fixtures.body())));
    SolvencyStatement statement =
        (SolvencyStatement)
            SolvencyStatement.form(account, round, Fixtures.THRESHOLD, Fixtures.PURPOSE, 1);
    assertThrows(IllegalArgumentException.class, () -> verifier.verify(statement, new byte[128]));
  }
}
