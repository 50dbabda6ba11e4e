package io.plimsoll.benchmarks;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A launcher for this JVM's {@code java} on the first few of the processors that this process may
 * use. gnark counts the processors of its process, so nothing less than pinning the whole process
 * measures it on one.
 */
final class PinnedJava implements AutoCloseable {
  private static final Path TASKSET = Path.of("/usr/bin/taskset");
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ALLOWED = "Cpus_allowed_list:";

  private final Path launcher;

  private PinnedJava(Path launcher) {
    this.launcher = launcher;
  }

  /** Whether this system can pin processes. */
  static boolean isAvailable() {
    return Files.isExecutable(TASKSET) && Files.isReadable(STATUS);
  }

  /**
   * @param cores at least 1, at most what this process may use
   * @throws InvalidFormatException if the system cannot pin processes
   */
  static PinnedJava to(int cores) throws IOException, InvalidFormatException {
    if (!isAvailable()) {
      throw new InvalidFormatException("--cores needs Linux with " + TASKSET);
    }
    String processors =
        allowed(Files.readAllLines(STATUS)).stream()
            .limit(cores)
            .map(String::valueOf)
            .collect(Collectors.joining(","));
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Path launcher =
        Files.createTempFile(
            "plimsoll-java",
            ".sh",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.writeString(
        launcher, "#!/bin/sh\nexec %s -c %s '%s' \"$@\"\n".formatted(TASKSET, processors, java));
    return new PinnedJava(launcher);
  }

  /** Numbers of the processors in a process's status: {@code 0-3,8} for example. */
  static List<Integer> allowed(List<String> status) {
    return status.stream()
        .filter(line -> line.startsWith(ALLOWED))
        .flatMap(line -> Stream.of(line.substring(ALLOWED.length()).strip().split(",", -1)))
        .flatMap(PinnedJava::range)
        .toList();
  }

  private static Stream<Integer> range(String range) {
    String[] ends = range.split("-", -1);
    return IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
        .boxed();
  }

  Path launcher() {
    return launcher;
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(launcher);
  }
}
