package io.plimsoll.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.plimsoll.verifier.bn254.Slow;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.math.BigInteger;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;

/** One verifier serves all threads, without locks and without leaving anything in them. */
class HotPathTest {
  private static final List<String> FORBIDDEN =
      List.of("java/lang/ThreadLocal", "java/util/concurrent/locks/", "java/lang/ref/");

  private static List<ClassNode> classes() throws IOException, URISyntaxException {
    Path root =
        Path.of(VerifyingKey.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<ClassNode> nodes = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root.resolve("io/plimsoll/verifier"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
        ClassNode node = new ClassNode();
        new ClassReader(Files.readAllBytes(file)).accept(node, ClassReader.SKIP_DEBUG);
        nodes.add(node);
      }
    }
    return nodes;
  }

  @Test
  void verificationTakesNoLocksAndKeepsNothingInThreads() throws Exception {
    List<String> found = new ArrayList<>();
    List<ClassNode> classes = classes();
    for (ClassNode node : classes) {
      for (FieldNode field : node.fields) {
        FORBIDDEN.stream()
            .filter(each -> field.desc.contains(each))
            .forEach(each -> found.add(node.name + "." + field.name));
      }
      for (MethodNode method : node.methods) {
        if ((method.access & Opcodes.ACC_SYNCHRONIZED) != 0) {
          found.add(node.name + "." + method.name + " is synchronized");
        }
        for (AbstractInsnNode at : method.instructions) {
          if (at.getOpcode() == Opcodes.MONITORENTER) {
            found.add(node.name + "." + method.name + " takes a lock");
          } else if (at instanceof MethodInsnNode call
              && FORBIDDEN.stream().anyMatch(each -> call.owner.startsWith(each))) {
            found.add(node.name + "." + method.name + " calls " + call.owner);
          }
        }
      }
    }
    assertEquals(List.of(), found);
    assertEquals(true, classes.size() > 30);
  }

  /** Context, decoding and pairings; nothing that the compiler may or may not take away counts. */
  @Test
  void verificationAllocatesTwoKilobytesAtMost() throws Exception {
    TrapdoorKey trapdoor = new TrapdoorKey(Fixtures.layout(), 52);
    VerifyingKey key = trapdoor.key();
    SolvencyVerifier verifier =
        SolvencyVerifier.create(
            key, VerifierPolicy.allowingDevelopment(key.circuitId()), Acceleration.NONE);
    PreparedRound round =
        verifier.prepare(
            RiskRound.of(
                key.circuitId(), Fixtures.VENUE, Fixtures.LISTING, 1, 100, new long[] {2, 3}));
    BigInteger blinding = trapdoor.scalar();
    ScopeProofs holder = new ScopeProofs(trapdoor, 4, blinding);
    TestKey attester = TestKey.of(1);
    Attestation attestation =
        holder.attest(
            attester, Fixtures.body().circuitId(key.circuitId()).commitment(holder.commitment()));
    AccountState account =
        Fixtures.accepted(
            AccountState.open(
                    Fixtures.VENUE,
                    Fixtures.ACCOUNT,
                    key.circuitId(),
                    List.of(attester.publicKey()))
                .with(attestation));
    SolvencyStatement statement =
        (SolvencyStatement)
            SolvencyStatement.form(account, round, Fixtures.THRESHOLD, Fixtures.PURPOSE, 100);
    byte[] proof =
        trapdoor.prove(
            trapdoor.publicSum(
                statement.context(), 11, 10, new long[] {2, 3}, new long[] {4}, blinding));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 20; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      Verdict verdict = verifier.verify(statement, proof);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      assertInstanceOf(VerifiedSolvency.class, verdict);
    }
    assertTrue(least <= 2_000, "a verification allocates " + least + " bytes");
  }

  /** Statements and proofs of one round: half proven, the others each wrong in its way. */
  private static final class Load {
    final SolvencyVerifier verifier;
    final List<SolvencyStatement> statements = new ArrayList<>();
    final List<byte[]> proofs = new ArrayList<>();
    final List<RejectionReason> expected = new ArrayList<>();

    Load() throws InvalidFormatException {
      TrapdoorKey trapdoor = new TrapdoorKey(Fixtures.layout(), 51);
      VerifyingKey key = trapdoor.key();
      verifier = SolvencyVerifier.create(key, VerifierPolicy.allowingDevelopment(key.circuitId()));
      PreparedRound round =
          verifier.prepare(
              RiskRound.of(
                  key.circuitId(), Fixtures.VENUE, Fixtures.LISTING, 1, 100, new long[] {2, 3}));
      TestKey attester = TestKey.of(1);
      // Half of the accounts are proven, a quarter has another's proof, a quarter a wrong scope.
      for (int i = 0; i < 16; i++) {
        BigInteger blinding = trapdoor.scalar();
        ScopeProofs holder = new ScopeProofs(trapdoor, i % 5, blinding);
        if (i % 4 == 3) {
          holder.plus(2, BigInteger.ONE);
        }
        Attestation attestation =
            holder.attest(
                attester,
                Fixtures.body().circuitId(key.circuitId()).commitment(holder.commitment()));
        AccountState account =
            Fixtures.accepted(
                AccountState.open(
                        Fixtures.VENUE,
                        Fixtures.ACCOUNT,
                        key.circuitId(),
                        List.of(attester.publicKey()))
                    .with(attestation));
        SolvencyStatement statement =
            (SolvencyStatement)
                SolvencyStatement.form(account, round, Fixtures.THRESHOLD, Fixtures.PURPOSE, 100);
        BigInteger sum =
            trapdoor.publicSum(
                statement.context(), 11, 10, new long[] {2, 3}, new long[] {i % 5}, blinding);
        statements.add(statement);
        proofs.add(trapdoor.prove(i % 4 == 1 ? sum.add(BigInteger.ONE).mod(Slow.R) : sum));
        expected.add(
            switch (i % 4) {
              case 1 -> RejectionReason.PROOF_DOES_NOT_VERIFY;
              case 3 -> RejectionReason.SCOPE_NOT_PROVEN;
              default -> null;
            });
      }
    }

    void verify(int which) {
      assertVerdict(which, verifier.verify(statements.get(which), proofs.get(which)));
    }

    /** All of them from some place on, in one batch. */
    void verifyAll(int from) {
      List<SolvencyVerifier.Submission> claims = new ArrayList<>();
      for (int i = 0; i < statements.size(); i++) {
        int which = (from + i) % statements.size();
        claims.add(new SolvencyVerifier.Submission(statements.get(which), proofs.get(which)));
      }
      List<Verdict> verdicts = verifier.verifyAll(claims);
      for (int i = 0; i < verdicts.size(); i++) {
        assertVerdict((from + i) % statements.size(), verdicts.get(i));
      }
    }

    private void assertVerdict(int which, Verdict verdict) {
      if (expected.get(which) == null) {
        VerifiedSolvency verified = assertInstanceOf(VerifiedSolvency.class, verdict);
        assertEquals(statements.get(which).attestationSetDigest(), verified.attestationSetDigest());
      } else {
        assertEquals(expected.get(which), assertInstanceOf(Rejected.class, verdict).reason());
      }
    }
  }

  /** Runs a task with the numbers from 0 on in eight threads. */
  private static void inManyThreads(int tasks, IntConsumer task) throws Exception {
    int threads = 8;
    AtomicInteger next = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        running.add(
            pool.submit(
                () -> {
                  for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
                    task.accept(i);
                  }
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void oneVerifierServesManyThreadsUnderLoad() throws Exception {
    Load load = new Load();
    inManyThreads(480, i -> load.verify(i % 16));
  }

  @Test
  void batchesAndSingleChecksGoOnAtTheSameTime() throws Exception {
    Load load = new Load();
    inManyThreads(
        96,
        i -> {
          if (i % 3 == 0) {
            load.verifyAll(i % 16);
          } else {
            load.verify(i % 16);
          }
        });
  }

  /** What the JDK does on the way counts as well: nobody ever waits for another thread. */
  @Test
  void noThreadWaitsForAnotherWhileVerifying() throws Exception {
    Load load = new Load();
    // Classes are loaded under locks, once.
    inManyThreads(64, i -> load.verify(i % 16));
    java.lang.management.ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    AtomicLong waits = new AtomicLong();
    inManyThreads(
        240,
        i -> {
          long id = Thread.currentThread().getId();
          ThreadInfo before = threads.getThreadInfo(id);
          load.verify(i % 16);
          ThreadInfo after = threads.getThreadInfo(id);
          waits.addAndGet(after.getBlockedCount() - before.getBlockedCount());
          waits.addAndGet(after.getWaitedCount() - before.getWaitedCount());
        });
    assertEquals(0, waits.get());
  }
}
