package io.plimsoll.gate.rpc;

import io.plimsoll.gate.GateStore;
import io.plimsoll.gate.InMemoryGateStore;
import java.time.InstantSource;

class InMemoryGateServerTest extends GateServerContract {
  private GateStore store;

  @Override
  protected GateStore open(InstantSource clock) {
    if (store == null) {
      store = new InMemoryGateStore(clock);
    }
    return store;
  }
}
