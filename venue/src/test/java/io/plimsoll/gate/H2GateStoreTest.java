package io.plimsoll.gate;

import io.plimsoll.venue.JdbcGateStore;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;

class H2GateStoreTest extends GateStoreContract {
  private JdbcGateStore store;

  @Override
  GateStore create(InstantSource clock) {
    store = Databases.open(Databases.h2(), clock);
    return store;
  }

  @AfterEach
  void close() {
    store.close();
  }
}
