package io.plimsoll.gate;

import io.plimsoll.venue.JdbcGateStore;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;

class PostgresGateStoreTest extends GateStoreContract {
  private String url;
  private JdbcGateStore store;
  private JdbcGateStore again;

  @Override
  GateStore create(InstantSource clock) {
    url = Databases.postgres();
    store = Databases.open(url, clock);
    return store;
  }

  @Override
  GateStore reopen() {
    again = Databases.open(url, () -> Instant.EPOCH);
    return again;
  }

  @AfterEach
  void close() {
    if (again != null) {
      again.close();
    }
    store.close();
  }
}
