package io.plimsoll.circuits;

/**
 * No choice was found that fulfils a model's constraints for given inputs. The message names a
 * constraint and no value. A constraint that can be broken by holdings alone is a fault of the
 * model, which should leave the owner at least one choice, however bad.
 */
public final class NoFeasibleChoiceException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  NoFeasibleChoiceException(String message) {
    super(message);
  }
}
