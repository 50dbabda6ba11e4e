package io.plimsoll.suites;

class DeriveSrmSuiteTest extends SuiteContract {
  @Override
  Suite suite() {
    return new DeriveSrmSuite();
  }
}
