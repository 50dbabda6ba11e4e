package io.plimsoll.suites;

import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads one venue's own case format and computes each case with its margin model. Implementations
 * are stateless.
 */
public interface Suite {
  /** Name on the command line, for example {@code dydx-v4}. */
  String name();

  /** One line of description, for people. */
  String description();

  /**
   * The cases of a case file, or of a folder of them, in order. All accounts of one call share one
   * margin model as far as possible, whose shape is derived from everything that is read, so that
   * they are proven under one key.
   *
   * @throws InvalidFormatException if something is missing or malformed; the message names the
   *     file, the field, the value and the limit
   * @throws IOException if a file cannot be read
   */
  List<SuiteCase> read(Path path) throws InvalidFormatException, IOException;

  /**
   * As {@link #read}, but a case that is malformed or cannot be computed becomes a {@linkplain
   * SuiteCase#failed failed} one in its place, and the others are not affected.
   *
   * @throws InvalidFormatException if a file is not JSON, has no list of cases, or a case's id
   *     occurs twice, or there is no case
   * @throws IOException if a file cannot be read
   */
  List<SuiteCase> readEach(Path path) throws InvalidFormatException, IOException;
}
