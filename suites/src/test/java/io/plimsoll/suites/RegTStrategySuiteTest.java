package io.plimsoll.suites;

class RegTStrategySuiteTest extends SuiteContract {
  @Override
  Suite suite() {
    return new RegTStrategySuite();
  }
}
