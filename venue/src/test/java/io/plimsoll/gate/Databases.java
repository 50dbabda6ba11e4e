package io.plimsoll.gate;

import io.plimsoll.venue.JdbcGateStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;

/** Databases for tests: one PostgreSQL server for a JVM, a fresh database each time. */
public final class Databases {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static EmbeddedPostgres server;

  private Databases() {}

  private static synchronized EmbeddedPostgres server() {
    if (server == null) {
      try {
        server = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return server;
  }

  /** The URL of a fresh PostgreSQL database; its user is {@code postgres}, without password. */
  public static String postgres() {
    String name = "gate_" + COUNT.incrementAndGet();
    try (Connection connection = server().getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return server().getJdbcUrl("postgres", name);
  }

  /** The URL of a fresh H2 file. */
  public static String h2() {
    try {
      Path directory = Files.createTempDirectory("plimsoll-gate");
      directory.toFile().deleteOnExit();
      return "jdbc:h2:file:" + directory.resolve("gate");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JdbcGateStore open(String url, InstantSource clock) {
    return JdbcGateStore.open(url, url.contains("postgresql") ? "postgres" : "", "", clock);
  }
}
