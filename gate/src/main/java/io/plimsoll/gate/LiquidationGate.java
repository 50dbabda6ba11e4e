package io.plimsoll.gate;

import io.plimsoll.verifier.AccountState;
import io.plimsoll.verifier.AccountUpdate;
import io.plimsoll.verifier.Attestation;
import io.plimsoll.verifier.CanonicalWriter;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.PublisherPolicy;
import io.plimsoll.verifier.Rejected;
import io.plimsoll.verifier.RejectionReason;
import io.plimsoll.verifier.SignedRound;
import io.plimsoll.verifier.SolvencyVerifier;
import io.plimsoll.verifier.Verdict;
import io.plimsoll.verifier.VerifiedSolvency;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides, for one venue and one circuit, what follows from proofs and from their absence. A valid
 * proof for an account's current attestations on a fresh round makes it solvent for a while;
 * without one it is in grace and then liquidatable; claiming a liquidation and accepting a proof
 * exclude each other. Faults that are not the owner's suspend the account for a bounded time.
 *
 * <p>The gate takes nothing about a statement from outside but the proof: it rebuilds the rest from
 * its store. Proofs are verified outside any transaction; whether the verdict still fits the
 * account, the round and the time is checked again in the transaction that accepts it.
 *
 * <p>A gate whose policy another gate on the same store has replaced throws {@link
 * PolicyNotInForceException} from whatever concludes or decides something.
 *
 * <p>Operations on an account that was never opened throw {@link IllegalArgumentException}, except
 * where a message from outside names the account; there it is a refusal. Thread-safe; all state
 * that matters is in the store, so several gates may share one if they have one policy, and a
 * restart loses nothing. What a gate keeps for itself are the prepared rounds; one that it has not
 * prepared it takes from the store. Every decision is entered in the store's journal in the
 * transaction that makes it.
 *
 * <p>Receipts, releases and liquidation orders are signed after what they say has been committed.
 * Should the venue stop in between, or its signer fail, nothing is lost: the same bytes can be had
 * again ({@link #receipt}, {@link #release}, {@link #runningOrder}).
 */
public final class LiquidationGate {
  private final PolicedStore store;
  private final VenueSigner signer;
  private final GatePolicy policy;
  private final Digest circuitId;
  private final RoundIntake rounds;
  private final GateDecisions decisions;
  private final GateTransitions transitions;
  private final ProofJudge judge;
  private final JournalBudget budget = JournalBudget.bounded();

  private LiquidationGate(
      PolicedStore store,
      SolvencyVerifier verifier,
      PublisherPolicy publishers,
      VenueSigner signer) {
    this.store = store;
    this.signer = signer;
    policy = store.policy();
    circuitId = verifier.circuitId();
    transitions = new GateTransitions(policy);
    OutageLog outages = new OutageLog(transitions);
    rounds = new RoundIntake(store, verifier, publishers, outages, budget);
    decisions = new GateDecisions(store, verifier, transitions, outages, budget);
    judge = new ProofJudge(verifier, policy, transitions);
  }

  /**
   * A gate.
   *
   * @param venue as attestations and rounds name it
   * @param verifier of the one circuit
   * @param publishers whose rounds count
   * @param store its records, perhaps of an earlier gate; from here on this gate's policy is in
   *     force, and an earlier gate with another one decides no more
   * @param signer with the venue's key, which is part of the policy
   * @throws InvalidFormatException if the venue's name has no canonical form
   * @throws IllegalArgumentException if the store is another venue's or another circuit's
   */
  public static LiquidationGate create(
      String venue,
      SolvencyVerifier verifier,
      PublisherPolicy publishers,
      GatePolicy policy,
      GateStore store,
      VenueSigner signer)
      throws InvalidFormatException {
    CanonicalWriter.requireText("venue", venue);
    Decision.PolicySet inForce =
        new Decision.PolicySet(
            0,
            venue,
            verifier.circuitId(),
            policy,
            publishers.required(),
            List.copyOf(new TreeSet<>(publishers.publishers())),
            signer.publicKey());
    return new LiquidationGate(
        PolicedStore.putInForce(store, inForce), verifier, publishers, signer);
  }

  /** What all of this gate's decisions follow: venue, circuit, policy and keys; its time is 0. */
  public Decision.PolicySet policyInForce() {
    return store.inForce();
  }

  /**
   * Opens an account with its first attesters. Until all have attested and a proof is accepted it
   * is suspended or in grace, never solvent.
   *
   * @return the account as opened
   * @throws InvalidFormatException if the name has no canonical form, or a key is listed twice, is
   *     revoked, or there are more than the circuit allows
   * @throws IllegalArgumentException if the account is open already
   */
  public AccountState openAccount(String account, Collection<Ed25519PublicKey> attesters)
      throws InvalidFormatException {
    return decisions.openAccount(account, attesters);
  }

  /** Roster and attestations of an account: what an owner proves on. */
  public AccountState account(String account) {
    return store.read(view -> GateDecisions.existing(view, account).state());
  }

  /**
   * Takes an attestation, for the account that it names. An existing solvent outlives it by the
   * policy's reproof time at most. Two attestations with one version are kept as evidence and
   * suspend the account, once: evidence is public, and sending it again must not undo {@link
   * #resume}.
   */
  public AccountUpdate attest(Attestation attestation) {
    return decisions.attest(attestation, /* forced= */ false);
  }

  /**
   * Takes an attestation that its attester could not delay, because what it keeps has become less:
   * the minimum spacing of versions does not apply.
   */
  public AccountUpdate attestForcedDecrease(Attestation attestation) {
    return decisions.attest(attestation, /* forced= */ true);
  }

  /**
   * Takes an attester's word that it has done under the running liquidation order what it will do,
   * with an attestation of what is left; spacing does not apply to that. When all attesters that
   * the order names have given it, a proof on what is left ends the liquidation.
   *
   * @return refused also if no liquidation runs under the order that it names
   */
  public AccountUpdate attestExecution(Execution execution) {
    return decisions.execute(execution);
  }

  /**
   * Changes who must attest. The owner asks for it, or the venue demands it; an attester leaves
   * only on its own word.
   *
   * @param account must be the one that a closing attestation names
   */
  public AccountUpdate changeRoster(String account, RosterChange change) {
    return decisions.changeRoster(account, change);
  }

  /**
   * Releases an attester from its versions before the current one: the account is solvent by a
   * proof that took note of the current one (or of the closing one, if the attester has left), so
   * nothing that the venue relies on is in the older ones alone. What the older ones kept may be
   * paid out once the attester has this. Asked again, it is the same bytes, whatever has happened
   * to the account since, until the attester's next version is taken.
   */
  public ReleaseOutcome release(String account, Ed25519PublicKey attester) {
    GateDecisions.ReleaseDecision decided =
        decisions.release(account, Objects.requireNonNull(attester));
    return decided.release().isPresent()
        ? new ReleaseOutcome.Released(VenueSigned.sign(decided.release().get(), signer))
        : decided.refusal().orElseThrow();
  }

  /**
   * The last release of an attester, with its signature, for one that has missed it; empty if there
   * was none or there is no such account.
   */
  public Optional<VenueSigned<Release>> lastRelease(String account, Ed25519PublicKey attester) {
    return store
        .read(view -> view.account(account))
        .map(record -> record.releases().get(attester))
        .map(release -> VenueSigned.sign(release, signer));
  }

  /**
   * Takes a risk round: checks signatures and coefficients, computes its points, and enters it in
   * the log. Rounds are taken in order only. A second round with a number that was published before
   * is kept as evidence, counts no more than the first does from then on, and opens the circuit
   * breaker: every account is suspended until {@link #closeBreaker}, or as long as the policy
   * allows. Sent again it changes nothing.
   */
  public RoundUpdate publishRound(SignedRound signed) {
    return rounds.publish(signed);
  }

  RoundIntake rounds() {
    return rounds;
  }

  /**
   * Takes a proof that the account meets the policy's threshold on a round.
   *
   * <p>What is no proof at all (its bytes are not those of three points) gets its receipt without a
   * record in the journal: nothing was decided, and whoever has the bytes can see so. Of proofs
   * that are rejected, the journal takes {@value JournalBudget#MOST} of an account while one round
   * is the last.
   *
   * @param account as the submitter says
   * @param roundSequence which of the venue's own rounds the proof is about, as the submitter says
   * @param proof from outside; anything at all
   * @return always a verdict, which says whether the account is solvent by this proof, and a
   *     receipt
   * @throws IllegalArgumentException if the account's name has no canonical form
   */
  public Submission submitProof(String account, long roundSequence, byte[] proof) {
    return judgeProofs(List.of(new SubmittedProof(account, roundSequence, ProofBytes.of(proof))))
        .get(0)
        .commit();
  }

  /**
   * Judges proofs together, which takes about half the time that it would singly from a few dozen
   * on. Once they are committed, one after the other and each by itself, verdicts, receipts and
   * journal are those of {@link #submitProof}, called as often in the same order.
   *
   * @param proofs each about an account of its own: what a second one is judged on follows from the
   *     first
   * @return for each, in order, what is left to commit
   * @throws IllegalArgumentException if an account's name has no canonical form or comes twice
   */
  public List<JudgedProof> judgeProofs(List<SubmittedProof> proofs) {
    List<SubmittedProof> submitted = List.copyOf(proofs);
    Set<String> accounts = new HashSet<>();
    for (SubmittedProof each : submitted) {
      requireText("account", each.account());
      if (!accounts.add(each.account())) {
        throw new IllegalArgumentException("account " + each.account() + " comes twice");
      }
    }
    List<ProofJudge.Case> cases =
        store.conclude(view -> submitted.stream().map(each -> received(view, each)).toList());
    List<Verdict> verdicts =
        judge.judgeAll(cases, (sequence, received) -> rounds.prepared(sequence, received.round()));
    List<JudgedProof> judged = new ArrayList<>();
    for (int i = 0; i < submitted.size(); i++) {
      SubmittedProof each = submitted.get(i);
      ProofJudge.Case judgedCase = cases.get(i);
      Verdict verdict = verdicts.get(i);
      judged.add(new JudgedProof(verdict, () -> commit(each, judgedCase, verdict)));
    }
    return List.copyOf(judged);
  }

  private static ProofJudge.Case received(GateStore.View view, SubmittedProof submitted) {
    return new ProofJudge.Case(
        new ProofJudge.Received(
            view.account(submitted.account()),
            view.venue(),
            view.round(submitted.roundSequence()),
            view.nowMillis()),
        submitted.proof().toByteArray());
  }

  private static void requireText(String field, String value) {
    try {
      CanonicalWriter.requireText(field, value);
    } catch (InvalidFormatException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private Submission commit(SubmittedProof submitted, ProofJudge.Case judgedCase, Verdict judged) {
    String account = submitted.account();
    long roundSequence = submitted.roundSequence();
    ProofJudge.Received received = judgedCase.received();
    byte[] proof = judgedCase.proof();
    Digest proofDigest = Digest.of(proof);
    if (received.record().isEmpty() || !budget.records(received, proof, judged)) {
      ProofReceipt receipt = unrecorded(account, roundSequence, proofDigest, received, judged);
      return new Submission(judged, VenueSigned.sign(receipt, signer));
    }
    Recorded recorded =
        store.decide(
            transaction -> {
              Verdict decided =
                  judged instanceof VerifiedSolvency verified
                      ? decisions.accept(transaction, account, roundSequence, verified, proofDigest)
                      : judged;
              Decision.ProofJudged decision =
                  decision(transaction, received, account, roundSequence, proof, decided);
              return new Recorded(decided, transaction.append(decision));
            });
    ProofReceipt receipt =
        ProofReceipt.of(store.venue(), circuitId, recorded.record()).orElseThrow();
    return new Submission(recorded.verdict(), VenueSigned.sign(receipt, signer));
  }

  private record Recorded(Verdict verdict, JournalRecord record) {}

  private Decision.ProofJudged decision(
      GateStore.Transaction transaction,
      ProofJudge.Received received,
      String account,
      long roundSequence,
      byte[] proof,
      Verdict decided) {
    AccountRecord record = received.record().orElseThrow();
    return new Decision.ProofJudged(
        transaction.nowMillis(),
        received.atMillis(),
        account,
        record.version(),
        received.venue().version(),
        record.state().version(),
        record.state().attestationSetDigest(),
        roundSequence,
        policy.threshold(),
        policy.purpose(),
        Digest.of(proof),
        ProofBytes.of(proof),
        rejection(decided),
        decided instanceof VerifiedSolvency
            ? transaction.account(account).orElseThrow().solventUntilMillis()
            : 0);
  }

  private static Optional<RejectionReason> rejection(Verdict verdict) {
    return verdict instanceof Rejected rejected ? Optional.of(rejected.reason()) : Optional.empty();
  }

  private ProofReceipt unrecorded(
      String account,
      long roundSequence,
      Digest proofDigest,
      ProofJudge.Received received,
      Verdict rejected) {
    return new ProofReceipt(
        store.venue(),
        account,
        circuitId,
        received.record().map(record -> record.state().version()).orElse(0L),
        roundSequence,
        proofDigest,
        received.atMillis(),
        received.atMillis(),
        rejection(rejected),
        0,
        0,
        Digest.ZERO);
  }

  /**
   * The receipt of a proof on which a record of the journal decides, once more; empty if that
   * record is about something else or there is none.
   */
  public Optional<VenueSigned<ProofReceipt>> receipt(long journalIndex) {
    return store.read(view -> view.journal(journalIndex, 1)).stream()
        .filter(record -> record.index() == journalIndex)
        .findFirst()
        .flatMap(record -> ProofReceipt.of(store.venue(), circuitId, record))
        .map(receipt -> VenueSigned.sign(receipt, signer));
  }

  /** What may be concluded about an account now. */
  public AccountStatus decide(String account) {
    return store.conclude(
        view ->
            transitions.status(
                GateDecisions.existing(view, account), view.venue(), view.nowMillis()));
  }

  /**
   * Claims the liquidation of an account. Of all concurrent claims and proofs one is committed
   * first, and decides. Of a claimant's refused claims of an account, as of everything else that
   * changes nothing, the journal takes {@value JournalBudget#MOST} while one round is the last.
   *
   * @param claimant named in the order; canonical text
   * @throws IllegalArgumentException if the claimant's name has no canonical form
   */
  public ClaimOutcome claimLiquidation(String account, String claimant) {
    requireText("claimant", claimant);
    GateDecisions.ClaimDecision decided = decisions.claim(account, claimant);
    return decided.order().isPresent()
        ? new ClaimOutcome.Claimed(VenueSigned.sign(decided.order().get(), signer))
        : new ClaimOutcome.Refused(decided.status());
  }

  /** The order under which an account is liquidating now, with its signature, once more. */
  public Optional<VenueSigned<LiquidationOrder>> runningOrder(String account) {
    return decide(account) instanceof AccountStatus.Liquidating running
        ? Optional.of(VenueSigned.sign(running.order(), signer))
        : Optional.empty();
  }

  /**
   * Ends a liquidation that was carried out. The account is in grace anew: what it holds now has
   * not been proven.
   *
   * @return whether this liquidation was running
   */
  public boolean completeLiquidation(LiquidationOrder order) {
    return decisions.end(order, /* completed= */ true);
  }

  /**
   * Ends a liquidation that was not carried out. The account is liquidatable as before, and its
   * owner may prove.
   *
   * @return whether this liquidation was running
   */
  public boolean cancelLiquidation(LiquidationOrder order) {
    return decisions.end(order, /* completed= */ false);
  }

  /**
   * Suspends an account for a fault that is not its owner's. It ends with {@link #resume}, or by
   * itself after the policy's longest time. A suspension that lasts already goes on with its own
   * start. A liquidation that was claimed goes on.
   *
   * @return the account's status now
   * @throws IllegalArgumentException if the cause is a newcomer's fault, which the gate alone sees
   */
  public AccountStatus suspend(String account, SuspensionCause cause) {
    if (cause == SuspensionCause.NEWCOMER_FAULT) {
      throw new IllegalArgumentException("nobody suspends for " + cause + " but the gate");
    }
    return decisions.suspend(account, Objects.requireNonNull(cause));
  }

  /**
   * Ends a suspension that {@link #suspend} or contradictory attestations began. Causes that still
   * hold, such as an expired attestation, go on.
   *
   * @return the account's status now
   */
  public AccountStatus resume(String account) {
    return decisions.resume(account);
  }

  /** Stops judging: every account is suspended. Nothing happens if the breaker is open already. */
  public void openBreaker() {
    decisions.openBreaker();
  }

  /** Judges again. Rounds that are disputed stay so. */
  public void closeBreaker() {
    decisions.closeBreaker();
  }

  /**
   * Revokes an attester's key, for good: it attests no more, no statement is formed with its
   * attestations, and the accounts that it is rostered on are suspended until another key takes its
   * place.
   */
  public void revokeAttester(Ed25519PublicKey attester) {
    decisions.revokeAttester(Objects.requireNonNull(attester));
  }

  /**
   * How much this gate has answered without a record since it began, because there was too much of
   * what changes nothing; only the kinds of which there was any.
   */
  public Map<Unrecorded, Long> unrecorded() {
    return budget.unrecorded();
  }

  /** The contradictions that were recorded, oldest first. */
  public List<Evidence> evidence() {
    return store.read(GateStore.View::evidence);
  }
}
