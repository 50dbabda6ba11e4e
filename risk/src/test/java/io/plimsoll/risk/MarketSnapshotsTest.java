package io.plimsoll.risk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.JsonFormat;
import io.plimsoll.verifier.InvalidFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MarketSnapshotsTest {
  @TempDir private Path directory;

  private InvalidFormatException refusal(String json) throws Exception {
    Path file = directory.resolve("market.json");
    Files.writeString(file, json);
    return assertThrows(InvalidFormatException.class, () -> MarketSnapshots.read(file));
  }

  @Test
  void aMarketFileIsReadBack() throws Exception {
    Path file = directory.resolve("market.json");
    Files.writeString(file, JsonFormat.printer().print(MarketSnapshots.btcOptions()));
    assertEquals(MarketSnapshots.btcOptions(), MarketSnapshots.read(file));
  }

  @Test
  void whatTheJsonParserWouldLetPassIsRefused() throws Exception {
    String good = JsonFormat.printer().print(MarketSnapshots.btcOptions());
    for (String bad :
        List.of(
            good + "x",
            good.replaceFirst("\\{", "{\"source\": \"first\","),
            good.replaceFirst("\\{", "{// a comment\n"),
            good.replaceFirst("\"", "'").replaceFirst("\"", "'"))) {
      String message = refusal(bad).getMessage();
      assertTrue(message.startsWith("market file "), message);
    }
    assertTrue(
        refusal(good.replaceFirst("\\{", "{\"source\": \"first\","))
            .getMessage()
            .contains("'source' occurs twice"));
    assertTrue(
        refusal("{\"asOfMillis\": " + "1".repeat(100) + "}").getMessage().startsWith("market"));
  }
}
