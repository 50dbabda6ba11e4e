package io.plimsoll.gate;

import java.time.InstantSource;

class InMemoryGateStoreTest extends GateStoreContract {
  @Override
  GateStore create(InstantSource clock) {
    return new InMemoryGateStore(clock);
  }
}
