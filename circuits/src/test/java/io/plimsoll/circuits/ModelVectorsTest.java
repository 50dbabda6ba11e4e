package io.plimsoll.circuits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.InvalidFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The models of {@code docs/vectors/models.tsv}, which the compiler to constraints reads in its own
 * tests: both give every node the same interval and direction, and refuse the same bytes.
 */
class ModelVectorsTest {
  private static final HexFormat HEX = HexFormat.of();

  private static List<String[]> vectors(String kind) throws Exception {
    List<String[]> vectors =
        Files.readAllLines(Path.of("../docs/vectors/models.tsv")).stream()
            .map(line -> line.split("\t", -1))
            .filter(fields -> fields[0].equals(kind))
            .toList();
    assertTrue(vectors.size() >= 20, vectors.size() + " vectors of kind " + kind);
    return vectors;
  }

  @Test
  void everyNodeOfAnAcceptedModelHasTheIntervalAndDirectionThatTheCompilerGivesIt()
      throws Exception {
    for (String[] fields : vectors("accepted")) {
      MarginModel model = MarginModel.read(HEX.parseHex(fields[1]));
      assertArrayEquals(HEX.parseHex(fields[2]), model.layout().toByteArray());
      assertArrayEquals(HEX.parseHex(fields[3]), model.digest().toByteArray());
      ModelInputs inputs = new ModelInputs(model.maxAttesters());
      model.holdings().forEach(inputs::add);
      model.round().forEach(inputs::add);
      IntervalAnalysis analysis = new IntervalAnalysis(inputs);
      assertEquals(fields.length - 4, model.nodes().size());
      for (Node node : model.nodes()) {
        int i = analysis.add(node);
        Interval interval = analysis.interval(i);
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
            () -> "node " + i + " of " + fields[1]);
      }
    }
  }

  @Test
  void bytesThatTheCompilerRefusesAreRefused() throws Exception {
    for (String[] fields : vectors("refused")) {
      assertThrows(
          InvalidFormatException.class,
          () -> MarginModel.read(HEX.parseHex(fields[1])),
          () -> "accepted, although " + fields[2]);
    }
  }
}
