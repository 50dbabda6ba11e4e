package io.plimsoll.gate;

import io.plimsoll.venue.JdbcGateStore;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;

class PostgresGateStoreTest extends GateStoreContract {
  private JdbcGateStore store;

  @Override
  GateStore create(InstantSource clock) {
    store = Databases.open(Databases.postgres(), clock);
    return store;
  }

  @AfterEach
  void close() {
    store.close();
  }
}
