package io.plimsoll.suites;

import java.nio.file.Path;

class ModelSuiteTest extends SuiteContract {
  @Override
  Suite suite() {
    return new ModelSuite();
  }

  @Override
  Path path() {
    return Path.of(
        System.getProperty("plimsoll.root"),
        "suites/src/test/resources/io/plimsoll/suites/model-cases.json");
  }
}
