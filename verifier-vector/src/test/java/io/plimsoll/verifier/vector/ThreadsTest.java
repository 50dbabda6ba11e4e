package io.plimsoll.verifier.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** As in the portable verifier: no locks, and nothing is left in threads. */
class ThreadsTest {
  private static final List<String> FORBIDDEN =
      List.of("java/lang/ThreadLocal", "java/util/concurrent/locks/", "java/lang/ref/");

  @Test
  void pairingsTakeNoLocksAndKeepNothingInThreads() throws Exception {
    Path root =
        Path.of(Lanes.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .resolve("io/plimsoll/verifier/vector");
    List<String> found = new ArrayList<>();
    int classes = 0;
    try (Stream<Path> files = Files.list(root)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
        classes++;
        ClassModel model = ClassFile.of().parse(file);
        String name = model.thisClass().asInternalName();
        model.fields().stream()
            .filter(
                field -> isForbidden(field.fieldType().stringValue().replaceFirst("^\\[*L", "")))
            .forEach(field -> found.add(name + "." + field.fieldName().stringValue()));
        for (MethodModel method : model.methods()) {
          String where = name + "." + method.methodName().stringValue();
          if (method.flags().has(AccessFlag.SYNCHRONIZED)) {
            found.add(where + " is synchronized");
          }
          if (method.code().isPresent()) {
            for (CodeElement element : method.code().get()) {
              if (element instanceof MonitorInstruction) {
                found.add(where + " takes a lock");
              } else if (element instanceof InvokeInstruction call
                  && isForbidden(call.owner().asInternalName())) {
                found.add(where + " calls " + call.owner().asInternalName());
              }
            }
          }
        }
      }
    }
    assertEquals(List.of(), found);
    assertTrue(classes > 8);
  }

  private static boolean isForbidden(String type) {
    return FORBIDDEN.stream().anyMatch(type::startsWith);
  }

  @Test
  void workspacesComeBackAndAreLentToOneAtATime() throws Exception {
    Workspaces workspaces = new Workspaces(new long[] {7, 0});
    long[] first = workspaces.take();
    long[] second = workspaces.take();
    assertNotSame(first, second);
    assertEquals(7, second[0]);
    workspaces.give(first);
    assertSame(first, workspaces.take());
    int threads = 8;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Integer>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        long mine = 1L + t;
        running.add(
            executor.submit(
                () -> {
                  int disturbed = 0;
                  for (int i = 0; i < 20_000; i++) {
                    long[] w = workspaces.take();
                    w[1] = mine;
                    Thread.onSpinWait();
                    disturbed += w[1] == mine ? 0 : 1;
                    workspaces.give(w);
                  }
                  return disturbed;
                }));
      }
      for (Future<Integer> each : running) {
        assertEquals(0, each.get());
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
