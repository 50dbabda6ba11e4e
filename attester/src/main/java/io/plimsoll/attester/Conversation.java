package io.plimsoll.attester;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What goes on with one venue: one call at a time, and a while of silence after one that failed. A
 * call waits for nobody but its venue, and keeps nobody waiting but those who want to call the same
 * one.
 *
 * <p>The turn is for threads; the engine's lock guards the rest, and is not held by anybody who
 * waits for a turn or has a call under way.
 */
final class Conversation {
  private final VenueLink venue;
  private final List<Pledge> pledges;
  private final ReentrantLock turn = new ReentrantLock();
  private final BackOff backOff = new BackOff();
  private Optional<String> away = Optional.empty();
  private int first;

  Conversation(VenueLink venue, List<Pledge> pledges) {
    this.venue = venue;
    this.pledges = List.copyOf(pledges);
  }

  VenueLink venue() {
    return venue;
  }

  /** Whether any account is at the venue. */
  boolean hasPledges() {
    return !pledges.isEmpty();
  }

  /** Held by whoever talks with the venue. */
  ReentrantLock turn() {
    return turn;
  }

  /**
   * The accounts at the venue, beginning behind the one at which it went away: else one question
   * that it never answers would keep it from all others.
   */
  List<Pledge> pledges() {
    List<Pledge> rotated = new ArrayList<>(pledges);
    Collections.rotate(rotated, -first);
    return rotated;
  }

  /** Whether the venue is to be asked by now. */
  boolean mayAsk(long now) {
    return backOff.isOver(now);
  }

  /** What keeps the venue from answering; nothing if its last answer came. */
  Optional<String> away() {
    return away;
  }

  /** It did not answer a question about an account: it is left alone for a while. */
  void wentAway(Pledge pledge, String why, long now) {
    away = Optional.of("the venue: " + why);
    backOff.failed(now, venue.schedule().cadence().toMillis());
    first = (pledges.indexOf(pledge) + 1) % pledges.size();
  }

  void answered() {
    away = Optional.empty();
    backOff.succeeded();
  }
}
