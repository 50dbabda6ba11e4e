package io.plimsoll.gate;

import java.time.InstantSource;

/** {@link CrashTest} on a database. */
class H2CrashTest extends CrashTest {
  @Override
  GateStore create(InstantSource clock) {
    return Databases.open("jdbc:h2:mem:crash" + System.nanoTime(), clock);
  }
}
