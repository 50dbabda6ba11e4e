package io.plimsoll.nativeprover;

class StockGnarkProverTest extends SolvencyProverContract {
  @Override
  SolvencyProver open() throws ProvingException {
    return TestKeys.prover();
  }
}
