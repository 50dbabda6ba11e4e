package io.plimsoll.venue;

import io.plimsoll.gate.Databases;
import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.rpc.GateServerContract;
import java.time.InstantSource;

/** A restart of the server opens the file again. */
class H2GateServerTest extends GateServerContract {
  private final String url = Databases.h2();

  @Override
  protected GateStore open(InstantSource clock) {
    return JdbcGateStore.open(url, "", "", clock);
  }
}
