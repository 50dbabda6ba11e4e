package io.plimsoll.circuits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.InvalidFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * The models of {@code docs/vectors/models.tsv}, which the compiler to constraints reads too: both
 * give each node the same interval and direction, both have the same layout and digest, and both
 * refuse the same models.
 */
class ModelVectorsTest {
  private static final Path VECTORS =
      Path.of(System.getProperty("plimsoll.root", ".."), "docs", "vectors", "models.tsv");

  @Test
  void sharedModelsHaveTheSameIntervalsDirectionsLayoutsAndDigests() throws Exception {
    int accepted = 0;
    for (String line : Files.readAllLines(VECTORS)) {
      String[] fields = line.split("\t", -1);
      if (!fields[0].equals("accepted")) {
        continue;
      }
      accepted++;
      String where = "accepted model " + accepted;
      byte[] bytes = HexFormat.of().parseHex(fields[1]);
      MarginModel model = MarginModel.read(bytes);
      assertArrayEquals(bytes, model.toByteArray(), where);
      assertEquals(fields[2], HexFormat.of().formatHex(model.layout().toByteArray()), where);
      assertEquals(fields[3], model.digest().toString(), where);
      assertEquals(fields.length - 4, model.nodes().size(), where);
      IntervalAnalysis analysis = new IntervalAnalysis(model.inputs());
      for (int i = 0; i < model.nodes().size(); i++) {
        analysis.add(model.nodes().get(i));
        Interval interval = model.interval(i);
        String direction =
            switch (analysis.direction(i)) {
              case INDEPENDENT -> "0";
              case NON_DECREASING -> "+";
              case NON_INCREASING -> "-";
              case UNKNOWN -> "?";
            };
        assertEquals(
            fields[4 + i],
            interval.lo() + "," + interval.hi() + "," + direction,
            where + ", node " + i + ": " + model.nodes().get(i));
      }
    }
    assertTrue(accepted >= 20, "accepted: " + accepted);
  }

  @Test
  void sharedMalformedModelsAreRefused() throws Exception {
    int refused = 0;
    for (String line : Files.readAllLines(VECTORS)) {
      String[] fields = line.split("\t", -1);
      if (!fields[0].equals("refused")) {
        continue;
      }
      refused++;
      assertThrows(
          InvalidFormatException.class,
          () -> MarginModel.read(HexFormat.of().parseHex(fields[1])),
          fields[2]);
    }
    assertTrue(refused >= 20, "refused: " + refused);
  }
}
