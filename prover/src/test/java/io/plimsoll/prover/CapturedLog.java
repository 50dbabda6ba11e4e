package io.plimsoll.prover;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Everything that the prover and its server log while this is open. */
final class CapturedLog implements AutoCloseable {
  private final Logger logger = Logger.getLogger("io.plimsoll");
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Level before = logger.getLevel();
  private final boolean parentBefore = logger.getUseParentHandlers();
  private final Handler handler =
      new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord record) {
          lines.add(formatter.format(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  CapturedLog() {
    logger.setLevel(Level.ALL);
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
  }

  String text() {
    return String.join("", lines);
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
    logger.setLevel(before);
    logger.setUseParentHandlers(parentBefore);
  }
}
