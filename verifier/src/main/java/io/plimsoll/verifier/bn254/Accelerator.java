package io.plimsoll.verifier.bn254;

import java.lang.System.Logger.Level;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Whether another implementation than the portable one does pairings, and which. One is used only
 * after a trial in this process: it has to give known and random products as the portable one does,
 * refuse what that refuses, and take less time. Until then, and when there is none or it fails, the
 * portable one is used; who asks never waits. The first time that a result turns out to differ
 * later, it is not used any more. Thread-safe.
 *
 * <p>The trial runs in a thread of its own, because a compiler has to have seen the code for some
 * seconds before its time says anything.
 */
public final class Accelerator {
  /** How long the trial may take. */
  private static final long TRIAL_NANOS = 60_000_000_000L;

  /** Used if it takes at most this part of the portable one's time, in hundredths. */
  private static final int WORTH_PERCENT = 90;

  private static final int ROUNDS = 8;
  private static final int WINS = 3;
  private static final int PAIRS = 9;

  private static final Accelerator NONE = new Accelerator();

  static {
    NONE.decided.countDown();
  }

  private static final System.Logger LOGGER = System.getLogger(Accelerator.class.getName());

  private volatile TripleProduct triple;
  private volatile MillerLoops loops;

  /** Used when the loops are; what it gives is checked. */
  private volatile Roots roots;

  /** Used when the loops are. */
  private volatile Multiples multiples;

  /** Whether anything was off: then nothing is used any more, and what is on trial never. */
  private volatile boolean wrong;

  private volatile String status = "portable";
  private final CountDownLatch decided = new CountDownLatch(1);

  private Accelerator() {}

  private static final class Shared {
    static final Accelerator INSTANCE = new Accelerator();

    static {
      INSTANCE.start();
    }
  }

  /** The portable implementation, always. */
  public static Accelerator none() {
    return NONE;
  }

  /** The process's own; asking for it the first time starts the trial. */
  public static Accelerator shared() {
    return Shared.INSTANCE;
  }

  /**
   * A trial of the given implementations, either of which may be null, here and now.
   *
   * @param worthPercent the most that it may take of the portable time
   * @param trialNanos how long a race may last
   */
  static Accelerator tried(
      TripleProduct triple, MillerLoops loops, long worthPercent, long trialNanos) {
    return tried(triple, loops, null, worthPercent, trialNanos);
  }

  /** The same with one more, which may be null too. */
  static Accelerator tried(
      TripleProduct triple,
      MillerLoops loops,
      Multiples multiples,
      long worthPercent,
      long trialNanos) {
    Accelerator accelerator = new Accelerator();
    accelerator.attempt(triple, loops, multiples, new Race(worthPercent, trialNanos));
    return accelerator;
  }

  /** What does the pairings, and why, in one line. */
  public String status() {
    return status;
  }

  /**
   * Waits for the end of the trial.
   *
   * @return whether it has ended
   */
  public boolean awaitTrial(long nanos) throws InterruptedException {
    return decided.await(nanos, TimeUnit.NANOSECONDS);
  }

  /** For three pairings at a time, if there is one that is worth using. */
  Optional<TripleProduct> triple() {
    return wrong ? Optional.empty() : Optional.ofNullable(triple);
  }

  private MillerLoops loops() {
    return wrong ? null : loops;
  }

  /** For so many variable pairs at a time. */
  public MillerLoops millerLoops(int count) {
    MillerLoops current = loops();
    return current != null && count >= current.minimum() ? current : ScalarMillerLoops.INSTANCE;
  }

  /** For the coefficients of so many equations, or null. */
  public Multiples multiples(int count) {
    MillerLoops current = loops();
    return current != null && count >= current.minimum() ? multiples : null;
  }

  /**
   * What decodes the points of so many proofs faster, if there is something.
   *
   * @param proofs each of A, B, Krs, compressed
   */
  public Optional<ProposedRoots> propose(byte[][] proofs) {
    Roots current = roots;
    MillerLoops inUse = loops();
    if (current == null || inUse == null || proofs.length < inUse.minimum()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ProposedRoots(
              current, proofs, 0, G1.COMPRESSED_BYTES + G2.COMPRESSED_BYTES, G1.COMPRESSED_BYTES));
    } catch (RuntimeException | LinkageError e) {
      disable("it failed with " + e);
      return Optional.empty();
    }
  }

  /** Stops using what gave another result than the portable implementation. */
  public void disable(String why) {
    if (!wrong && (triple != null || loops != null)) {
      off(why);
    }
  }

  private void off(String why) {
    wrong = true;
    report(Level.ERROR, "portable; the accelerated implementation is off: " + why);
  }

  private void report(Level level, String line) {
    status = line;
    LOGGER.log(level, "pairings: {0}", line);
  }

  private void start() {
    TripleProduct foundTriple;
    MillerLoops foundLoops;
    Multiples foundMultiples;
    try {
      foundTriple = first(ServiceLoader.load(TripleProduct.class));
      foundLoops = first(ServiceLoader.load(MillerLoops.class));
      foundMultiples = first(ServiceLoader.load(Multiples.class));
      roots = first(ServiceLoader.load(Roots.class));
    } catch (ServiceConfigurationError | LinkageError e) {
      // There, but not for this JVM: its incubating module is not in the graph, say.
      report(Level.INFO, "portable; the accelerated implementation does not load: " + e);
      decided.countDown();
      return;
    }
    if (foundTriple == null && foundLoops == null) {
      decided.countDown();
      return;
    }
    status = "portable; the accelerated implementation is on trial";
    Thread thread =
        new Thread(
            () ->
                attempt(
                    foundTriple, foundLoops, foundMultiples, new Race(WORTH_PERCENT, TRIAL_NANOS)),
            "plimsoll-pairing-trial");
    thread.setDaemon(true);
    thread.start();
  }

  private static <T> T first(ServiceLoader<T> services) {
    Iterator<T> iterator = services.iterator();
    return iterator.hasNext() ? iterator.next() : null;
  }

  void attempt(
      TripleProduct candidate,
      MillerLoops candidateLoops,
      Multiples candidateMultiples,
      Race race) {
    try {
      Trial trial = new Trial();
      String result = "portable";
      if (candidate != null) {
        if (!trial.isRight(candidate)) {
          off("it gave a wrong product of three pairings");
          return;
        }
        long percent = race.run(() -> trial.run(candidate), trial::runPortableTriple);
        if (race.wins(percent)) {
          triple = candidate;
          result = name(candidate) + " (one check in " + percent + " % of the portable time)";
        } else {
          result = "portable; " + name(candidate) + " takes " + percent + " % of its time";
        }
      }
      if (candidateLoops != null) {
        if (!trial.isRight(candidateLoops)) {
          off("it gave a wrong Miller function");
          return;
        }
        long percent = race.run(() -> trial.run(candidateLoops), trial::runPortableLoops);
        if (race.wins(percent)) {
          loops = candidateLoops;
        }
        result += "; " + name(candidateLoops) + " for batches takes " + percent + " %";
      }
      if (candidateMultiples != null) {
        if (!trial.isRight(candidateMultiples)) {
          off("it gave a wrong multiple");
          return;
        }
        long percent = race.run(() -> trial.scale(candidateMultiples), () -> trial.scale(null));
        if (race.wins(percent)) {
          multiples = candidateMultiples;
        }
        result += "; " + name(candidateMultiples) + " takes " + percent + " %";
      }
      if (!wrong) {
        report(Level.INFO, result);
      }
    } catch (RuntimeException | LinkageError e) {
      off("it failed with " + e);
    } finally {
      decided.countDown();
    }
  }

  private static String name(Object implementation) {
    return implementation.getClass().getSimpleName();
  }

  /** Which of two takes less time. */
  record Race(long worthPercent, long nanos) {
    /** The candidate's time in hundredths of the other's, once it wins, or when time is up. */
    long run(Runnable candidate, Runnable portable) {
      long end = System.nanoTime() + nanos;
      long percent;
      int wins = 0;
      do {
        percent = 100 * best(candidate) / Math.max(1, best(portable));
        wins = wins(percent) ? wins + 1 : 0;
      } while (wins < WINS && System.nanoTime() - end < 0);
      return percent;
    }

    boolean wins(long percent) {
      return percent <= worthPercent;
    }

    private static long best(Runnable runnable) {
      long best = Long.MAX_VALUE;
      for (int i = 0; i < ROUNDS; i++) {
        long start = System.nanoTime();
        runnable.run();
        best = Math.min(best, System.nanoTime() - start);
      }
      return best;
    }
  }

  /** Random pairs, and a known one. */
  private static final class Trial {
    private final SecureRandom random = new SecureRandom();
    private final List<Pairing.Pair> pairs = new ArrayList<>();
    private final FixedPairs fixed;
    private final G1 first = G1.random(random);
    private final G1 second = G1.random(random);
    private final G2 outsider;

    Trial() {
      G2 q = G2.GENERATOR;
      for (int i = 0; i < PAIRS; i++) {
        pairs.add(new Pairing.Pair(G1.random(random), random.nextBoolean() ? q : q.negate()));
        q = q.psi();
      }
      outsider = outsideSubgroup();
      fixed = new FixedPairs(G2Lines.of(pairs.get(1).g2()), G2Lines.of(pairs.get(2).g2()));
    }

    /** Nearly every point of the twist is outside. */
    private G2 outsideSubgroup() {
      byte[] encoding = new byte[G2.COMPRESSED_BYTES];
      while (true) {
        encoding[0] = (byte) Flags.SMALLER;
        byte[] x = new BigInteger(200, random).toByteArray();
        System.arraycopy(x, 0, encoding, encoding.length - x.length, x.length);
        try {
          G2 point = G2.decodeCompressed(encoding, 0);
          if (!point.isInSubgroup()) {
            return point;
          }
        } catch (InvalidPointException e) {
          // Half of all x have no point.
        }
      }
    }

    boolean isRight(TripleProduct candidate) {
      Pairing.Pair pair = pairs.get(0);
      Gt known = Pairing.product(List.of(), List.of()).orElseThrow();
      // e(P, Q) * e(-P, Q) * e(X, Y) * ... is one when the rest is its own inverse.
      FixedPairs cancelling = new FixedPairs(G2Lines.of(pair.g2()), G2Lines.of(pair.g2()));
      G1 half = first;
      G1 rest = pair.g1().plus(half).negate();
      return fixed.portable(pair, first, second).equals(fixed.with(candidate, pair, first, second))
          && cancelling.with(candidate, pair, half, rest).equals(Optional.of(known))
          && fixed.with(candidate, new Pairing.Pair(pair.g1(), outsider), first, second).isEmpty();
    }

    boolean isRight(MillerLoops candidate) {
      List<Pairing.Pair> withOutsider = new ArrayList<>(pairs);
      withOutsider.set(PAIRS - 1, new Pairing.Pair(first, outsider));
      boolean[] outside = new boolean[PAIRS];
      return isRight(candidate, 1)
          && isRight(candidate, PAIRS)
          && !candidate.multiply(
              limbs(withOutsider), PAIRS, new long[MillerLoops.PRODUCT_LONGS], outside)
          && outside[PAIRS - 1]
          && !outside[0];
    }

    private boolean isRight(MillerLoops candidate, int count) {
      long[] product = new long[MillerLoops.PRODUCT_LONGS];
      boolean[] outside = new boolean[count];
      if (!candidate.multiply(limbs(pairs), count, product, outside)) {
        return false;
      }
      Fp12 f = FixedPairs.function(product);
      Pairing.finalExponentiation(new Tower(), f);
      return Pairing.product(pairs.subList(0, count), List.of()).equals(Optional.of(new Gt(f)));
    }

    private static long[] limbs(List<Pairing.Pair> pairs) {
      long[] limbs = new long[pairs.size() * MillerLoops.PAIR_LONGS];
      for (int i = 0; i < pairs.size(); i++) {
        FixedPairs.write(pairs.get(i), limbs, i * MillerLoops.PAIR_LONGS);
      }
      return limbs;
    }

    boolean isRight(Multiples candidate) {
      byte[] bytes = new byte[ProofBatch.RANDOM_BYTES * PAIRS];
      random.nextBytes(bytes);
      ProofBatch batch = new ProofBatch(bytes, candidate);
      ProofBatch portable = new ProofBatch(bytes);
      List<G1> points = pairs.stream().map(Pairing.Pair::g1).toList();
      long[] actual = batch.scale(points);
      long[] expected = portable.scale(points);
      boolean right = true;
      for (int i = 0; i < PAIRS; i++) {
        right &= AffineSums.read(actual, i).equals(AffineSums.read(expected, i));
      }
      List<List<List<G1>>> lists = List.of(points.stream().map(List::of).toList());
      return right
          && batch.sums(lists).get(0).toPoint().equals(portable.sums(lists).get(0).toPoint());
    }

    /** A batch's multiples and sums; as the portable implementation does them, for null. */
    void scale(Multiples candidate) {
      List<G1> points = pairs.subList(1, PAIRS).stream().map(Pairing.Pair::g1).toList();
      ProofBatch batch =
          new ProofBatch(new byte[ProofBatch.RANDOM_BYTES * points.size()], candidate);
      batch.scale(points);
      batch.sums(List.of(points.stream().map(List::of).toList()));
    }

    void run(TripleProduct candidate) {
      fixed.with(candidate, pairs.get(0), first, second);
    }

    void runPortableTriple() {
      fixed.portable(pairs.get(0), first, second);
    }

    void run(MillerLoops candidate) {
      int count = PAIRS - 1;
      candidate.multiply(
          limbs(pairs), count, new long[MillerLoops.PRODUCT_LONGS], new boolean[count]);
    }

    void runPortableLoops() {
      run(ScalarMillerLoops.INSTANCE);
    }
  }
}
