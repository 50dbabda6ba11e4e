package io.plimsoll.suites;

class MangoV4SuiteTest extends SuiteContract {
  @Override
  Suite suite() {
    return new MangoV4Suite();
  }
}
