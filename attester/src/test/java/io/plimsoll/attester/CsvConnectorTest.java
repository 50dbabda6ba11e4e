package io.plimsoll.attester;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.circuits.PortfolioReader.Line;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvConnectorTest {
  private static final String HEADER = "account,vector,label,quantity\n";

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void chooseFile() {
    file = directory.resolve("books.csv");
  }

  private CustodySnapshot read(String text) throws IOException, InvalidFormatException {
    Files.writeString(file, text);
    return new CsvConnector(file, 5).snapshot();
  }

  @Test
  void readsAccountsAndExactDecimals() throws Exception {
    CustodySnapshot snapshot =
        read(
            HEADER
                + "alice,collateral,BTC,1.50\r\n"
                + "alice,cash,,-100.25\n"
                + "\"bob, the \"\"other\"\"\",collateral,\"BTC\",0");
    assertEquals(
        Map.of(
            "alice",
            List.of(new Line("collateral", "BTC", "1.50"), new Line("cash", "", "-100.25")),
            "bob, the \"other\"",
            List.of(new Line("collateral", "BTC", "0"))),
        snapshot.accounts());
    assertFalse(snapshot.toString().contains("100.25"));
  }

  @Test
  void booksWithoutRowsHaveNoAccounts() throws Exception {
    assertTrue(read(HEADER).accounts().isEmpty());
  }

  @Test
  void replacedFileIsAnotherState() throws Exception {
    CustodySnapshot first = read(HEADER + "a,cash,,1\n");
    assertEquals(first.cursor(), new CsvConnector(file).snapshot().cursor());
    Path next = directory.resolve("next.csv");
    Files.writeString(next, HEADER + "a,cash,,2\n");
    Files.setLastModifiedTime(next, FileTime.fromMillis(first.asOfMillis() + 5000));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    CustodySnapshot second = new CsvConnector(file).snapshot();
    assertNotEquals(first.cursor(), second.cursor());
    assertEquals(first.asOfMillis() + 5000, second.asOfMillis());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "account,vector,quantity|line 1 is not",
        "account,vector,label,quantity\\na,b,c|line 2 has 3 columns",
        "account,vector,label,quantity\\na,b,c,1,2,3|line 2 has",
        "account,vector,label,quantity\\n\\n|line 2 has 1 columns",
        "account,vector,label,quantity\\n,b,c,1|account is empty",
        "account,vector,label,quantity\\na,,c,1|vector is empty",
        "account,vector,label,quantity\\na,b,c,|quantity is not a plain decimal",
        "account,vector,label,quantity\\na,b,c,1e5|quantity is not a plain decimal",
        "account,vector,label,quantity\\na,b,c,01|quantity is not a plain decimal",
        "account,vector,label,quantity\\na,b,c,+1|quantity is not a plain decimal",
        "account,vector,label,quantity\\na,b,c, 1|quantity is not a plain decimal",
        "account,vector,label,quantity\\na,b,c,1\\na,b,c,2|line 3: account 'a' has b of 'c' twice",
        "account,vector,label,quantity\\na,\"b,c,1|quotation mark that is not closed",
        "account,vector,label,quantity\\na,\"b\"x,c,1|goes on after a closing quotation mark",
        "account,vector,label,quantity\\na,\"b\"\\r,c,1|goes on after a closing quotation mark",
        "account,vector,label,quantity\\na,b\"c,c,1|quotation mark inside a field",
        "account,vector,label,quantity\\na,b\\r,c,1|carriage return inside a field",
      })
  void badBooksAreOneErrorThatSaysWhere(String text, String error) {
    String unescaped = text.replace("\\n", "\n").replace("\\r", "\r");
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> read(unescaped));
    assertTrue(e.getMessage().contains(error), e.getMessage());
  }

  @Test
  void rowsAreBounded() throws Exception {
    StringBuilder rows = new StringBuilder(HEADER);
    for (int i = 0; i < 5; i++) {
      rows.append("a,cash,").append(i).append(",1\n");
    }
    assertEquals(5, read(rows.toString()).accounts().get("a").size());
    rows.append("a,cash,6,1\n");
    assertThrows(InvalidFormatException.class, () -> read(rows.toString()));
  }

  @Test
  void bytesThatAreNoTextAndFilesThatAreNotThereAreRefused() throws Exception {
    assertThrows(InvalidFormatException.class, () -> new CsvConnector(file).snapshot());
    Files.write(file, new byte[] {(byte) 0xff, 1});
    assertThrows(InvalidFormatException.class, () -> new CsvConnector(file).snapshot());
    Files.write(file, (HEADER + "a,b\0,c,1").getBytes(StandardCharsets.UTF_8));
    assertThrows(InvalidFormatException.class, () -> new CsvConnector(file).snapshot());
  }

  @Test
  void errorsDoNotShowQuantities() throws Exception {
    InvalidFormatException e =
        assertThrows(
            InvalidFormatException.class, () -> read(HEADER + "a,b,c,12345x\n"));
    assertFalse(e.getMessage().contains("12345"));
  }
}
