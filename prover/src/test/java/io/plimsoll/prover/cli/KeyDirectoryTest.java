package io.plimsoll.prover.cli;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.VerifyingKey;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyDirectoryTest {
  @TempDir private Path directory;

  private void assertRefused(String reason) {
    InvalidFormatException e =
        assertThrows(InvalidFormatException.class, () -> KeyDirectory.read(directory));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void tooLongVerifyingKeyIsRefusedUnread() throws IOException {
    try (RandomAccessFile sparse =
        new RandomAccessFile(directory.resolve("verifying.key").toFile(), "rw")) {
      sparse.setLength(VerifyingKey.MAX_FILE_BYTES + 1L);
    }
    assertRefused("134217729 bytes, more than 134217728");
  }

  @Test
  void missingOrIrregularVerifyingKeyIsRefused() throws IOException {
    assertRefused("no file verifying.key");
    Files.createDirectory(directory.resolve("verifying.key"));
    assertRefused("no file verifying.key");
  }
}
