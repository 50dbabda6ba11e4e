package io.plimsoll.attestation;

import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.InvalidFormatException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A ledger in memory. */
final class MemoryAttestationLedger implements AttestationLedger {
  private final Map<List<String>, LedgerState> accounts = new HashMap<>();

  @Override
  public synchronized Reservation reserve(String venue, String account) {
    LedgerState state = state(venue, account).reserved();
    accounts.put(List.of(venue, account), state);
    return state.reservation();
  }

  @Override
  public synchronized void record(Attestation attestation) throws InvalidFormatException {
    String venue = attestation.body().venue();
    String account = attestation.body().account();
    accounts.put(List.of(venue, account), state(venue, account).recorded(attestation));
  }

  @Override
  public synchronized Optional<Attestation> latest(String venue, String account) {
    return state(venue, account).latest();
  }

  private LedgerState state(String venue, String account) {
    return accounts.getOrDefault(List.of(venue, account), LedgerState.EMPTY);
  }
}
