package io.plimsoll.gate.explore;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Visits every state that a model can reach, breadth first, and stops at the first one in which a
 * property is broken. The order is that of the model's actions, so two runs visit the same states
 * in the same order, and a counterexample is as short as any.
 *
 * <p>A state is known again by its key. Keys are kept whole, one after the other in one array, and
 * not as hashes: no two states are taken for one. Memory is the keys and sixteen bytes a state.
 *
 * @param <S> states; whether they can change is the model's own affair
 */
public final class Explorer<S> {
  /** What is explored. */
  public interface Model<S> {
    /** Where it begins. */
    List<S> initial();

    /**
     * Gives every action that can happen in {@code state}, in a fixed order, to {@code actions}.
     */
    void next(S state, Actions<S> actions);

    /** Equal exactly for states that need not be told apart. */
    byte[] key(S state);

    /** The name of a property that does not hold in {@code state}. */
    Optional<String> broken(S state);
  }

  /** Takes the actions of a state. */
  public interface Actions<S> {
    /**
     * Takes one.
     *
     * @param name says what happens; asked for in counterexamples only
     * @param result a state that nobody changes any more
     */
    void add(Supplier<String> name, S result);
  }

  /**
   * What came of it.
   *
   * @param states how many were visited
   * @param actions how many led from one to another, or to itself
   * @param depth actions from the start to the last state
   * @param found a counterexample
   */
  public record Outcome(int states, long actions, int depth, Optional<Counterexample> found) {}

  /**
   * How a property is broken.
   *
   * @param property its name
   * @param trace the actions from the start, one a line
   */
  public record Counterexample(String property, List<String> trace) {
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(property);
      for (int i = 0; i < trace.size(); i++) {
        text.append(System.lineSeparator()).append(i + 1).append(". ").append(trace.get(i));
      }
      return text.toString();
    }
  }

  private final Model<S> model;
  private final int most;

  private byte[] keys = new byte[1 << 20];
  private int[] ends = new int[1 << 12];
  private int[] parents = new int[1 << 12];
  private int[] table = new int[1 << 14];
  private int states;
  private long actions;

  private Explorer(Model<S> model, int most) {
    this.model = model;
    this.most = most;
  }

  /**
   * Explores a model.
   *
   * @param most how many states it may have
   * @throws IllegalStateException if it has more: then nothing has been shown
   */
  public static <S> Outcome explore(Model<S> model, int most) {
    return new Explorer<>(model, most).run();
  }

  private Outcome run() {
    ArrayDeque<S> queue = new ArrayDeque<>();
    for (S state : model.initial()) {
      if (enter(model.key(state), -1)) {
        Optional<String> broken = model.broken(state);
        if (broken.isPresent()) {
          return new Outcome(states, actions, 0, Optional.of(counterexample(broken.get())));
        }
        queue.add(state);
      }
    }
    int depth = 0;
    int levelEnd = states;
    List<String> broken = new ArrayList<>();
    for (int at = 0; !queue.isEmpty(); at++) {
      if (at == levelEnd) {
        depth++;
        levelEnd = states;
      }
      int parent = at;
      model.next(
          queue.remove(),
          (name, result) -> {
            actions++;
            if (broken.isEmpty() && enter(model.key(result), parent)) {
              queue.add(result);
              model.broken(result).ifPresent(broken::add);
            }
          });
      if (!broken.isEmpty()) {
        return new Outcome(states, actions, depth + 1, Optional.of(counterexample(broken.get(0))));
      }
    }
    return new Outcome(states, actions, depth, Optional.empty());
  }

  /** Whether the state is new. */
  private boolean enter(byte[] key, int parent) {
    int slot = slot(key);
    if (table[slot] != 0) {
      return false;
    }
    if (states == most) {
      throw new IllegalStateException("more than " + most + " states");
    }
    int start = states == 0 ? 0 : ends[states - 1];
    int end = Math.addExact(start, key.length);
    if (end > keys.length) {
      keys = Arrays.copyOf(keys, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * end));
    }
    if (states == ends.length) {
      ends = Arrays.copyOf(ends, 2 * states);
      parents = Arrays.copyOf(parents, 2 * states);
    }
    System.arraycopy(key, 0, keys, start, key.length);
    ends[states] = end;
    parents[states] = parent;
    table[slot] = ++states;
    if (2 * states > table.length) {
      grow();
    }
    return true;
  }

  /** Where the key is in the table, or would be. */
  private int slot(byte[] key) {
    int slot = spread(Arrays.hashCode(key));
    while (table[slot] != 0 && !isAt(table[slot] - 1, key)) {
      slot = (slot + 1) & (table.length - 1);
    }
    return slot;
  }

  private boolean isAt(int state, byte[] key) {
    int start = state == 0 ? 0 : ends[state - 1];
    return Arrays.equals(keys, start, ends[state], key, 0, key.length);
  }

  private int spread(int hash) {
    int mixed = hash * 0x9e3779b9;
    return (mixed ^ (mixed >>> 15)) & (table.length - 1);
  }

  private void grow() {
    table = new int[2 * table.length];
    for (int state = 0; state < states; state++) {
      table[slot(keyOf(state))] = state + 1;
    }
  }

  private byte[] keyOf(int state) {
    return Arrays.copyOfRange(keys, state == 0 ? 0 : ends[state - 1], ends[state]);
  }

  /** The way to the last state that was entered, walked again to hear the actions' names. */
  private Counterexample counterexample(String property) {
    List<Integer> path = new ArrayList<>();
    for (int state = states - 1; state >= 0; state = parents[state]) {
      path.add(state);
    }
    Collections.reverse(path);
    List<String> trace = new ArrayList<>();
    List<S> here = new ArrayList<>();
    for (S first : model.initial()) {
      if (here.isEmpty() && isAt(path.get(0), model.key(first))) {
        here.add(first);
      }
    }
    trace.add("start: " + here.get(0));
    for (int next : path.subList(1, path.size())) {
      List<S> found = new ArrayList<>();
      model.next(
          here.get(0),
          (name, result) -> {
            if (found.isEmpty() && isAt(next, model.key(result))) {
              found.add(result);
              trace.add(name.get());
            }
          });
      here = found;
    }
    return new Counterexample(property, trace);
  }
}
