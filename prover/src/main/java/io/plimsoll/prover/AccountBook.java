package io.plimsoll.prover;

import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.attestation.OwnerWallet;
import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The accounts that are open, in memory and, with a store, at rest. Of each there is one version,
 * which never falls; what is replaced or closed is wiped as soon as nothing is proven with it.
 *
 * <p>Thread-safe. Nothing of the feed's is called from here: it calls this book while it holds its
 * own lock.
 */
final class AccountBook implements AutoCloseable {
  private final OwnerWallet wallet;
  private final String venue;
  private final Digest circuitId;
  private final int maxAttesters;
  private final int maxAccounts;
  private final Optional<ProverStore> store;
  private final Interlock interlock;

  /**
   * The outer lock: held from the decision to keep or forget an account until memory and store
   * agree on it, so that the last one to change an account is the last in both. The store is
   * written under it, which may take long; proofs do not need it. Guards {@code durable}.
   */
  private final Object opening = new Object();

  /**
   * The accounts by name. Its monitor is the inner lock, taken within {@code opening} or alone, and
   * never the other way round; it guards the map, and is held for look-ups alone, never while an
   * account is decrypted or the store is written. Only {@link OpenedAccount}'s own lock is taken
   * within it.
   *
   * <p>Changed under both locks, so what was seen under {@code accounts} still holds later on under
   * the same {@code opening}.
   */
  private final Map<String, OpenedAccount> accounts = new HashMap<>();

  /** Which accounts the store has; guarded by {@code opening}. */
  private final Set<String> durable = new HashSet<>();

  /**
   * @param maxAttesters how many attestations of an account the circuit adds up
   * @param maxAccounts how many accounts may be open
   */
  AccountBook(
      OwnerWallet wallet,
      String venue,
      Digest circuitId,
      int maxAttesters,
      int maxAccounts,
      Optional<ProverStore> store,
      Interlock interlock) {
    this.wallet = wallet;
    this.venue = venue;
    this.circuitId = circuitId;
    this.maxAttesters = maxAttesters;
    this.maxAccounts = maxAccounts;
    this.store = store;
    this.interlock = interlock;
  }

  /**
   * Takes up what the store said.
   *
   * @throws InvalidFormatException if one does not open or would be refused; all are wiped then
   */
  void restore(List<io.plimsoll.proto.v1.AccountState> stored) throws InvalidFormatException {
    synchronized (opening) {
      synchronized (accounts) {
        for (io.plimsoll.proto.v1.AccountState account : stored) {
          try {
            AccountState state = AttestationConversions.fromProto(circuitId, account);
            accounts.put(state.account(), open(state));
            durable.add(state.account());
          } catch (RefusedException | InvalidFormatException e) {
            accounts.values().forEach(OpenedAccount::close);
            throw new InvalidFormatException("prover store: " + e.getMessage());
          }
        }
      }
    }
  }

  /**
   * Opens an account and keeps it, in the place of an earlier version.
   *
   * @param durably also in the store, if there is one; nothing has changed if it cannot be written
   */
  void keep(AccountState state, boolean durably) throws InvalidFormatException, RefusedException {
    interlock.requireOpen();
    requireNotOlder(state);
    // Outside the locks: it takes milliseconds, and proofs look accounts up meanwhile.
    OpenedAccount opened = open(state);
    try {
      synchronized (opening) {
        synchronized (accounts) {
          // Both again: another thread may have been faster.
          interlock.requireOpen();
          requireNotOlder(state);
          if (!accounts.containsKey(state.account()) && accounts.size() >= maxAccounts) {
            throw new RefusedException(
                Refusal.TOO_MANY_ACCOUNTS, accounts.size() + " accounts are open, the most");
          }
        }
        if (durably && store.isPresent()) {
          save(store.get(), state);
          durable.add(state.account());
        }
        synchronized (accounts) {
          // Or it would stay after close() has wiped the others.
          interlock.requireOpen();
          OpenedAccount before = accounts.put(state.account(), opened);
          if (before != null) {
            before.close();
          }
        }
      }
    } catch (RefusedException e) {
      opened.close();
      throw e;
    }
    StructuredLog.of("account_opened")
        .with("account", state.account())
        .with("version", state.version())
        .with("durable", durably && store.isPresent())
        .info();
  }

  private static void save(ProverStore durably, AccountState state) throws RefusedException {
    try {
      durably.save(state);
    } catch (IOException e) {
      throw ProverStore.writeFailed(e);
    }
  }

  /** Opens an account without keeping it; whoever asked closes it. */
  OpenedAccount open(AccountState state) throws InvalidFormatException, RefusedException {
    if (!state.venue().equals(venue)) {
      throw new RefusedException(
          Refusal.WRONG_VENUE, "account is at venue '" + state.venue() + "', not '" + venue + "'");
    }
    if (!state.circuitId().equals(circuitId)) {
      throw new RefusedException(
          Refusal.WRONG_CIRCUIT,
          "account is under circuit " + state.circuitId() + ", not " + circuitId);
    }
    if (!state.isComplete()) {
      throw new RefusedException(
          Refusal.ATTESTATIONS,
          "account has "
              + state.attestations().size()
              + " attestations of "
              + state.roster().attesters().size()
              + " rostered attesters, at least one");
    }
    if (state.attestations().size() > maxAttesters) {
      throw new RefusedException(
          Refusal.ATTESTATIONS,
          "account has "
              + state.attestations().size()
              + " attestations, the circuit allows "
              + maxAttesters);
    }
    return OpenedAccount.open(wallet, state);
  }

  /** Refuses a state that is older than the account's that is open, or contradicts it. */
  void requireNotOlder(AccountState state) throws RefusedException {
    OpenedAccount loaded;
    synchronized (accounts) {
      loaded = accounts.get(state.account());
    }
    if (loaded == null) {
      return;
    }
    AccountState known = loaded.state();
    if (state.version() < known.version()) {
      throw new RefusedException(
          Refusal.STALE_ACCOUNT,
          "account version is " + state.version() + ", below the loaded one, " + known.version());
    }
    if (state.version() == known.version()
        && !(state.attestationSetDigest().equals(known.attestationSetDigest())
            && state.roster().equals(known.roster()))) {
      throw new RefusedException(
          Refusal.STALE_ACCOUNT,
          "account version "
              + state.version()
              + " is loaded already with other attestations or another roster");
    }
  }

  /**
   * Forgets an account, also at rest.
   *
   * @throws RefusedException if no such account is open, or the store cannot be written; nothing
   *     has changed then
   */
  void forget(String account) throws RefusedException {
    synchronized (opening) {
      OpenedAccount loaded = get(account);
      if (durable.contains(account)) {
        try {
          store.orElseThrow().delete(account);
        } catch (IOException e) {
          throw ProverStore.writeFailed(e);
        }
        durable.remove(account);
      }
      synchronized (accounts) {
        accounts.remove(account, loaded);
        loaded.close();
      }
    }
    StructuredLog.of("account_closed").with("account", account).info();
  }

  /** The account of this name; it may be closed at any time unless it is retained. */
  OpenedAccount get(String account) throws RefusedException {
    synchronized (accounts) {
      OpenedAccount loaded = accounts.get(account);
      if (loaded == null) {
        throw unknown(account);
      }
      return loaded;
    }
  }

  /** For an account that is not open, or was closed a moment ago. */
  static RefusedException unknown(String account) {
    return new RefusedException(
        Refusal.UNKNOWN_ACCOUNT, "no account '" + shortened(account) + "' is loaded");
  }

  /** A name from outside, no longer than a message should be. */
  static String shortened(String name) {
    return name.length() <= 64 ? name : name.substring(0, 64) + "...";
  }

  /** Which accounts are open. */
  List<String> names() {
    synchronized (accounts) {
      return List.copyOf(accounts.keySet());
    }
  }

  int size() {
    synchronized (accounts) {
      return accounts.size();
    }
  }

  /**
   * Wipes every account; the store keeps what it has. After {@link Interlock#close} alone, so that
   * none comes after.
   */
  @Override
  public void close() {
    synchronized (opening) {
      synchronized (accounts) {
        accounts.values().forEach(OpenedAccount::close);
        accounts.clear();
      }
    }
  }
}
