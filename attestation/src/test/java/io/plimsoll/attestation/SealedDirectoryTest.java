package io.plimsoll.attestation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedDirectoryTest {
  private static final KeyFiles.Cost CHEAP = new KeyFiles.Cost(64, 1, 1);

  @TempDir private Path directory;

  private SealedDirectory open(String password) throws Exception {
    try (StorageSecret secret = StorageSecret.password(password.toCharArray())) {
      return SealedDirectory.open(directory.resolve("store"), secret, CHEAP);
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("store"))) {
      return files.filter(file -> !file.endsWith("lock")).sorted().toList();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void entriesComeBackAfterReopeningAndNothingOfThemIsReadableOnTheDisk() throws Exception {
    try (SealedDirectory store = open("correct horse")) {
      assertEquals(Optional.empty(), store.read("heron"));
      store.write("heron", bytes("4711 lots"));
      store.write("egret", bytes("first"));
      store.write("egret", bytes("second"));
      store.write("gone", new byte[0]);
      store.delete("gone");
      store.delete("never there");
    }
    try (SealedDirectory store = open("correct horse")) {
      assertEquals(List.of("egret", "heron"), store.names());
      assertArrayEquals(bytes("4711 lots"), store.read("heron").orElseThrow());
      assertArrayEquals(bytes("second"), store.read("egret").orElseThrow());
    }
    for (Path file : files()) {
      String raw = Files.readString(file, StandardCharsets.ISO_8859_1);
      assertFalse(raw.contains("4711") || raw.contains("heron"), file.toString());
      assertFalse(file.toString().contains("heron"), file.toString());
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
  }

  @Test
  void filesThatAreNotTheStoresStayWhereTheyAre() throws Exception {
    Path place = Files.createDirectory(directory.resolve("store"));
    Path other = Files.write(place.resolve("letters.new"), bytes("mine"));
    open("p").close();
    assertArrayEquals(bytes("mine"), Files.readAllBytes(other));
  }

  @Test
  void equalContentsAreNotSeenToBeEqual() throws Exception {
    try (SealedDirectory store = open("p")) {
      store.write("a", bytes("same"));
      byte[] before = Files.readAllBytes(files().get(0));
      store.write("a", bytes("same"));
      assertFalse(Arrays.equals(before, Files.readAllBytes(files().get(0))));
    }
  }

  @Test
  void aWrongPasswordAndAKeyFileInItsPlaceAreOneClearError() throws Exception {
    open("right").close();
    String wrong = assertThrows(InvalidFormatException.class, () -> open("wrong")).getMessage();
    assertTrue(wrong.contains("the password is wrong"), wrong);
    assertFalse(wrong.contains("right"), wrong);
    Path keyFile = directory.resolve("key");
    try (StorageSecret key = StorageSecret.createKeyFile(keyFile)) {
      String kind =
          assertThrows(
                  InvalidFormatException.class,
                  () -> SealedDirectory.open(directory.resolve("store"), key))
              .getMessage();
      assertTrue(kind.contains("under a password, not a key file"), kind);
    }
    open("right").close();
  }

  @Test
  void aKeyFileOpensWhatItSealedAndAnotherDoesNot() throws Exception {
    Path keyFile = directory.resolve("key");
    Path place = directory.resolve("by-key");
    try (StorageSecret key = StorageSecret.createKeyFile(keyFile);
        SealedDirectory store = SealedDirectory.open(place, key)) {
      store.write("a", bytes("content"));
    }
    try (StorageSecret key = StorageSecret.readKeyFile(keyFile);
        SealedDirectory store = SealedDirectory.open(place, key)) {
      assertArrayEquals(bytes("content"), store.read("a").orElseThrow());
    }
    try (StorageSecret other = StorageSecret.createKeyFile(directory.resolve("other"))) {
      String message =
          assertThrows(InvalidFormatException.class, () -> SealedDirectory.open(place, other))
              .getMessage();
      assertTrue(message.contains("the key is wrong"), message);
    }
  }

  @Test
  void aKeyFileThatIsNoneOrReadableByOthersIsRefusedAndNotQuoted() throws Exception {
    Path file = directory.resolve("key");
    assertThrows(InvalidFormatException.class, () -> StorageSecret.readKeyFile(file));
    for (String text : List.of("", "0123", "zz".repeat(32), "ab".repeat(33))) {
      Files.writeString(file, text);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      String message =
          assertThrows(InvalidFormatException.class, () -> StorageSecret.readKeyFile(file))
              .getMessage();
      assertTrue(message.contains("64 hexadecimal digits"), message);
    }
    Files.writeString(file, "ab".repeat(32));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    String message =
        assertThrows(InvalidFormatException.class, () -> StorageSecret.readKeyFile(file))
            .getMessage();
    assertTrue(message.contains("rw-r--r--"), message);
  }

  @Test
  void everyFlippedByteAndEveryTruncationOfAnyFileIsOneClearError() throws Exception {
    try (SealedDirectory store = open("p")) {
      store.write("heron", bytes("4711"));
    }
    for (Path file : files()) {
      byte[] good = Files.readAllBytes(file);
      for (int i = 0; i < good.length; i++) {
        byte[] flipped = good.clone();
        flipped[i] ^= 0x10;
        Files.write(file, flipped);
        requireRefused();
        Files.write(file, Arrays.copyOf(good, i));
        requireRefused();
      }
      Files.write(file, Arrays.copyOf(good, good.length + 1));
      requireRefused();
      Files.write(file, good);
    }
    try (SealedDirectory store = open("p")) {
      assertArrayEquals(bytes("4711"), store.read("heron").orElseThrow());
    }
  }

  private void requireRefused() {
    InvalidFormatException error =
        assertThrows(
            InvalidFormatException.class,
            () -> {
              try (SealedDirectory store = open("p")) {
                store.names();
              }
            });
    assertTrue(error.getMessage().startsWith("sealed store "), error.getMessage());
    assertFalse(error.getMessage().contains("4711"), error.getMessage());
  }

  @Test
  void anEntryUnderAnothersNameIsRefused() throws Exception {
    try (SealedDirectory store = open("p")) {
      store.write("a", bytes("of a"));
      Path first = files().stream().filter(f -> f.toString().endsWith(".sealed")).findFirst().get();
      store.write("b", bytes("of b"));
      Path second =
          files().stream()
              .filter(f -> f.toString().endsWith(".sealed") && !f.equals(first))
              .findFirst()
              .get();
      Files.write(second, Files.readAllBytes(first));
      assertThrows(InvalidFormatException.class, store::names);
    }
  }

  @Test
  void whatACrashLeftBehindIsRemovedAndTheOldEntryIsThere() throws Exception {
    try (SealedDirectory store = open("p")) {
      store.write("a", bytes("old"));
    }
    Path entry = files().stream().filter(f -> f.toString().endsWith(".sealed")).findFirst().get();
    Path halfWritten = entry.resolveSibling(entry.getFileName() + ".new");
    Files.write(halfWritten, new byte[] {1, 2, 3});
    try (SealedDirectory store = open("p")) {
      assertArrayEquals(bytes("old"), store.read("a").orElseThrow());
      assertFalse(Files.exists(halfWritten));
    }
  }

  @Test
  void aStoreIsOpenedOnceAtATime() throws Exception {
    try (SealedDirectory store = open("p")) {
      assertEquals(List.of(), store.names());
      assertThrows(IOException.class, () -> open("p"));
    }
    SealedDirectory closed = open("p");
    closed.close();
    assertThrows(IOException.class, () -> closed.read("a"));
    open("p").close();
  }
}
