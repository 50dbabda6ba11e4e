package io.plimsoll.prover.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/** Prints the demonstration: chapters, lines, and how long each step took. */
final class StoryPrinter {
  private final PrintWriter out;
  private final Map<String, List<Duration>> timings = new LinkedHashMap<>();
  private int chapter;

  StoryPrinter(PrintWriter out) {
    this.out = out;
  }

  void chapter(String title) {
    chapter++;
    out.println();
    out.println(chapter + ". " + title);
    out.flush();
  }

  void say(String format, Object... arguments) {
    out.println("   " + String.format(Locale.ROOT, format, arguments));
    out.flush();
  }

  /** A row of a two-column table. */
  void row(String left, Object right) {
    say("%-34s %s", left, right);
  }

  /** Runs a step and keeps its time for the table at the end. */
  <T> T timed(String step, Callable<T> work) throws Exception {
    long start = System.nanoTime();
    T result = work.call();
    timings
        .computeIfAbsent(step, unused -> new ArrayList<>())
        .add(Duration.ofNanos(System.nanoTime() - start));
    return result;
  }

  /** The first time of each step, when the virtual machine is cold, and the last. */
  void printTimings() {
    say("%-34s %14s %14s", "", "first", "last");
    timings.forEach(
        (step, times) ->
            say(
                "%-34s %14s %14s",
                step,
                milliseconds(times.get(0)),
                times.size() == 1 ? "" : milliseconds(times.get(times.size() - 1))));
  }

  /** Milliseconds with two decimals, from integers. */
  static String milliseconds(Duration duration) {
    long hundredths = duration.toNanos() / 10_000;
    return String.format(Locale.ROOT, "%,d.%02d ms", hundredths / 100, hundredths % 100);
  }
}
