package io.plimsoll.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What the figures were measured on.
 *
 * @param cpu model of the processor, or its architecture if the system does not tell
 * @param cores processors that this process may use
 * @param memoryMebibytes of the machine
 * @param os name and version
 * @param jdk the measured JVM
 * @param gnark version of gnark in the native library
 * @param loadAverage processes that ran or waited in the last minute, before the measurement;
 *     negative if the system does not tell
 */
record Machine(
    String cpu,
    int cores,
    long memoryMebibytes,
    String os,
    String jdk,
    String gnark,
    double loadAverage) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** The machine that this runs on. */
  static Machine here(String gnarkVersion) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Machine(
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        system.getTotalMemorySize() >> 20,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
        gnarkVersion,
        system.getSystemLoadAverage());
  }

  /** The same machine when only some of its processors may be used. */
  Machine withCores(int fewer) {
    return new Machine(cpu, fewer, memoryMebibytes, os, jdk, gnark, loadAverage);
  }

  /** Whether other work competes with what is measured. */
  boolean isBusy() {
    return loadAverage > cores / 2.0;
  }

  private static String cpuModel() {
    String architecture = System.getProperty("os.arch");
    if (!Files.isReadable(CPU_INFO)) {
      return architecture;
    }
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip() + ", " + architecture)
          .findFirst()
          .orElse(architecture);
    } catch (IOException e) {
      return architecture;
    }
  }
}
