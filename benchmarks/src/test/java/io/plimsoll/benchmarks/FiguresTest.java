package io.plimsoll.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FiguresTest {
  @TempDir private Path directory;

  private static JsonObject row(String name, int instruments, int cores, String more) {
    return JsonParser.parseString(
            """
            {"name":"%s","model":"portfolio","cores":%d,"samples":10,
             "shape":"instruments=%d,scenarios=16,collaterals=8,tiers=4",
             "p95Micros":9000,"p99Micros":9500,"constraints":4051,%s}
            """
                .formatted(name, cores, instruments, more))
        .getAsJsonObject();
  }

  private static List<JsonObject> rows() {
    return List.of(
        row("prove", 64, 2, "\"medianMicros\":3000,\"ratioToBaseline\":0.1,\"memoryBytes\":31e6"),
        row("prove-stock", 64, 2, "\"medianMicros\":30000,\"memoryBytes\":52e6"),
        row("prove-to-hashed", 64, 2, "\"medianMicros\":3000,\"ratioToBaseline\":0.004"),
        row("prove", 64, 1, "\"medianMicros\":4600,\"ratioToBaseline\":0.125"),
        row("prove", 128, 2, "\"medianMicros\":4000,\"ratioToBaseline\":0.1"),
        row("prove-stock", 128, 2, "\"medianMicros\":40000"),
        row("service-bare", 64, 2, "\"accounts\":0,\"medianMicros\":3000,\"p999Micros\":4000"),
        row("service-1", 64, 2, "\"accounts\":1,\"medianMicros\":7000,\"p999Micros\":12000"),
        row("service-slots", 64, 2, "\"accounts\":5,\"medianMicros\":3000,\"p999Micros\":4000"),
        row("service-10", 64, 2, "\"accounts\":10,\"medianMicros\":30000,\"p999Micros\":90000"));
  }

  @Test
  void thereIsAPlotOfWhatThereAreRowsFor() {
    assertEquals(
        Set.of("prove-ratio", "prove-instruments", "prove-memory", "service-latency"),
        new Figures(rows()).plots().keySet());
    assertEquals(Map.of(), new Figures(List.of()).plots());
    assertEquals("", new Figures(List.of()).markdown(Set.of()));
  }

  @Test
  void everyPlotIsWellFormedAndHasADarkForm() throws Exception {
    for (String svg : new Figures(rows()).plots().values()) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
      assertTrue(svg.contains("prefers-color-scheme:dark"));
      assertFalse(svg.contains("NaN") || svg.contains("Infinity"), svg);
    }
  }

  @Test
  void latencyIsDrawnOfTheServiceWithoutSlots() {
    String svg = new Figures(rows()).plots().get("service-latency");
    assertTrue(svg.contains(">10</text>") && svg.contains(">1</text>"), svg);
    assertFalse(svg.contains(">5</text>") && svg.contains(">0</text>"), svg);
  }

  @Test
  void theTableHasTheRatiosOfStatementsOnEveryNumberOfCores() {
    String text = new Figures(rows()).markdown(Set.of("prove-ratio"));
    assertTrue(text.contains("| 64 x 16 | 4,051 | **10.0 x** | **8.0 x** | 250 x |"), text);
    assertFalse(text.contains("| 128 x 16 | 4,051 |"), text);
    assertTrue(text.contains("| `prove` | 128 x 16 | 2 | 4.00 |"), text);
    assertTrue(text.contains("(plots/prove-ratio.svg)"), text);
  }

  @Test
  void onlyWhatIsBetweenTheMarksIsReplaced() throws Exception {
    Path document = directory.resolve("benchmarks.md");
    Files.writeString(
        document,
        "before\n<!-- figures: written by bin/plimsoll bench report -->\nold\n<!-- end of figures -->\nafter\n");
    new Figures(rows()).write(directory);
    String first = Files.readString(document);
    assertTrue(first.startsWith("before\n<!-- figures"), first);
    assertTrue(first.endsWith("<!-- end of figures -->\nafter\n"), first);
    assertFalse(first.contains("old"), first);
    // From the rows that were written, the same again.
    Figures.read(directory).write(directory);
    assertEquals(first, Files.readString(document));
    assertEquals("no marks", Figures.replaced("no marks", "x"));
  }

  @Test
  void aLineThatIsNoObjectIsNamed() throws Exception {
    Files.writeString(directory.resolve(Figures.DATA), "[1]\n");
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> Figures.read(directory));
    assertTrue(e.getMessage().startsWith("benchmarks.json: "), e.getMessage());
  }
}
