package io.plimsoll.venue;

import io.plimsoll.gate.Databases;
import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.rpc.GateServerContract;
import java.time.InstantSource;

class PostgresGateServerTest extends GateServerContract {
  private final String url = Databases.postgres();

  @Override
  protected GateStore open(InstantSource clock) {
    return JdbcGateStore.open(url, "postgres", "", clock);
  }
}
