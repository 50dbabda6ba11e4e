package io.plimsoll.suites;

class DerivePmrm2SuiteTest extends SuiteContract {
  @Override
  Suite suite() {
    return new DerivePmrm2Suite();
  }
}
