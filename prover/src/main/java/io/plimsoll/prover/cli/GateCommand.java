package io.plimsoll.prover.cli;

import io.plimsoll.attestation.AttestationConversions;
import io.plimsoll.gate.AccountStatus;
import io.plimsoll.gate.ClaimOutcome;
import io.plimsoll.gate.JournalRecord;
import io.plimsoll.gate.ReleaseOutcome;
import io.plimsoll.gate.SuspensionCause;
import io.plimsoll.gate.VenueSigned;
import io.plimsoll.gate.rpc.GateClient;
import io.plimsoll.gate.rpc.GateException;
import io.plimsoll.gate.rpc.RoundOutcome;
import io.plimsoll.gate.rpc.Watch;
import io.plimsoll.proto.v1.RiskRound;
import io.plimsoll.proto.v1.SolvencyProof;
import io.plimsoll.rpc.TlsFiles;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import io.plimsoll.verifier.SignedRound;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code gate} and what can be asked of a venue's gate. */
@Command(
    name = "gate",
    description = "Asks a venue's gate, as whoever the client certificate says.",
    mixinStandardHelpOptions = true,
    subcommands = {
      GateCommand.Status.class,
      GateCommand.Watching.class,
      GateCommand.Open.class,
      GateCommand.Account.class,
      GateCommand.Publish.class,
      GateCommand.Submit.class,
      GateCommand.Claim.class,
      GateCommand.End.class,
      GateCommand.Release.class,
      GateCommand.Suspend.class,
      GateCommand.Resume.class,
      GateCommand.Breaker.class,
      GateCommand.Revoke.class
    })
final class GateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "what to ask of the gate is missing");
  }

  /** What all of them have: where the gate is, and one question. */
  abstract static class Asking implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
        names = "--gate",
        required = true,
        paramLabel = "HOST:PORT",
        description = "the venue's gate")
    private String target;

    @Option(
        names = "--gate-key",
        paramLabel = "HEX",
        description = "the venue's public key: what it signs is checked by it")
    private String venueKey;

    @Option(names = "--tls-certificate", paramLabel = "FILE", description = "PEM: who calls")
    private Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "PEM")
    private Path tlsKey;

    @Option(
        names = "--tls-trust",
        paramLabel = "FILE",
        description = "PEM of the authorities that the venue's certificate must come from")
    private Path trust;

    @Option(
        names = "--insecure",
        paramLabel = "PARTY",
        description = "without TLS, calling as this party: for demonstrations on one machine")
    private String party;

    @Option(
        names = "--deadline",
        defaultValue = "PT30S",
        paramLabel = "DURATION",
        description = "how long a call may take; default ${DEFAULT-VALUE}")
    private Duration deadline;

    abstract int ask(GateClient gate, PrintWriter out)
        throws GateException, InvalidFormatException, IOException, InterruptedException;

    @Override
    public Integer call() throws InvalidFormatException, IOException, InterruptedException {
      if (deadline.isNegative() || deadline.isZero()) {
        throw new InvalidFormatException("--deadline is " + deadline + ", not above zero");
      }
      PrintWriter out = spec.commandLine().getOut();
      try (GateClient gate = connect()) {
        return ask(gate, out);
      } catch (GateException e) {
        spec.commandLine()
            .getErr()
            .println("plimsoll: " + target + ": " + e.kind() + ": " + e.getMessage());
        return e.kind() == GateException.Kind.INTERNAL
            ? PlimsollCommand.FAULT
            : PlimsollCommand.BAD_INPUT;
      } finally {
        out.flush();
      }
    }

    private GateClient connect() throws InvalidFormatException, IOException {
      GateClient.Builder client = GateClient.builder(target).deadline(deadline);
      if (venueKey != null) {
        client.venueKey(KeyOption.publicKey("--gate-key", venueKey));
      }
      if (party != null) {
        if (certificate != null || tlsKey != null || trust != null) {
          throw new InvalidFormatException("--insecure goes without TLS");
        }
        return client.insecure(party).connect();
      }
      if (certificate == null || tlsKey == null || trust == null) {
        throw new InvalidFormatException(
            "--gate needs --tls-certificate, --tls-key and --tls-trust, or --insecure");
      }
      return client.tls(TlsFiles.mutual(certificate, tlsKey, trust)).connect();
    }
  }

  /** What of most has one account. */
  static final class AccountOption {
    @Option(names = "--account", required = true, description = "account id")
    private String account;
  }

  private static String said(AccountStatus status) {
    if (status instanceof AccountStatus.Solvent solvent) {
      return "solvent until " + time(solvent.untilMillis());
    }
    if (status instanceof AccountStatus.InGrace grace) {
      return "in grace since "
          + time(grace.sinceMillis())
          + ", liquidatable at "
          + time(grace.liquidatableAtMillis());
    }
    if (status instanceof AccountStatus.Liquidatable liquidatable) {
      return "liquidatable since "
          + time(liquidatable.sinceMillis())
          + ", "
          + liquidatable.fraction()
          + " of each position";
    }
    if (status instanceof AccountStatus.Liquidating liquidating) {
      return "liquidating by "
          + liquidating.order().claimant()
          + ", order "
          + liquidating.order().gateVersion()
          + ", not after "
          + time(liquidating.order().notAfterMillis());
    }
    AccountStatus.Suspended suspended = (AccountStatus.Suspended) status;
    return "suspended for "
        + suspended.cause()
        + " since "
        + time(suspended.sinceMillis())
        + ", at most until "
        + time(suspended.untilMillis());
  }

  private static String time(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  private static void write(Path file, VenueSigned<?> signed) throws IOException {
    Files.write(file, signed.toByteArray());
  }

  @Command(
      name = "status",
      description = "The venue, its policy and the accounts that the caller may see.",
      mixinStandardHelpOptions = true)
  static final class Status extends Asking {
    @Option(names = "--account", description = "this account alone")
    private String account;

    @Override
    int ask(GateClient gate, PrintWriter out) throws GateException {
      if (account != null) {
        out.println(said(gate.status(account)));
        return PlimsollCommand.ACCEPTED;
      }
      GateClient.Venue venue = gate.venue();
      out.println("venue " + venue.name() + ", circuit " + venue.circuitId());
      out.println("signs with " + venue.key());
      out.println("asks for " + venue.policy().threshold() + " " + venue.policy().purpose());
      out.println("you are " + venue.caller() + ": " + String.join(", ", venue.callerRoles()));
      if (venue.callerRoles().stream()
          .anyMatch(role -> List.of("liquidator", "auditor", "operator").contains(role))) {
        gate.accounts(listed -> out.println(listed.account() + ": " + said(listed.status())));
      }
      return PlimsollCommand.ACCEPTED;
    }
  }

  /** What can be watched. */
  enum Stream {
    DECISIONS,
    ROUNDS,
    RELEASES,
    ORDERS
  }

  @Command(
      name = "watch",
      description =
          "Tells what happens until it is stopped; a line each, which begins with the index to go"
              + " on behind.",
      mixinStandardHelpOptions = true)
  static final class Watching extends Asking {
    @Option(
        names = "--stream",
        defaultValue = "DECISIONS",
        description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}")
    private Stream stream;

    @Option(
        names = "--from",
        defaultValue = "1",
        paramLabel = "INDEX",
        description = "first index that is told; default ${DEFAULT-VALUE}")
    private long from;

    @Option(names = "--account", description = "decisions about this account alone")
    private String account = "";

    @Option(
        names = "--count",
        paramLabel = "N",
        description = "stops after so many; without end by default")
    private Long count;

    @Override
    int ask(GateClient gate, PrintWriter out) throws GateException, InterruptedException {
      CompletableFuture<Void> end = new CompletableFuture<>();
      try (Watch watch =
          switch (stream) {
            case DECISIONS ->
                gate.watchDecisions(
                    from, account, new Printing<JournalRecord>(out, end, Watching::line));
            case ROUNDS ->
                gate.watchRounds(
                    from, new Printing<SignedRound>(out, end, round -> round.round().toString()));
            case RELEASES ->
                gate.watchReleases(
                    from, new Printing<>(out, end, signed -> signed.message().toString()));
            case ORDERS ->
                gate.watchOrders(
                    from, new Printing<>(out, end, signed -> signed.message().toString()));
          }) {
        end.get();
        return watch == null ? PlimsollCommand.FAULT : PlimsollCommand.ACCEPTED;
      } catch (ExecutionException e) {
        throw (GateException) e.getCause();
      }
    }

    private static String line(JournalRecord record) {
      return time(record.decision().atMillis())
          + " "
          + record.decision().getClass().getSimpleName()
          + " "
          + record.decision().account()
          + " "
          + record.decision().outcome();
    }

    private final class Printing<T> implements Watch.Listener<T> {
      private final PrintWriter out;
      private final CompletableFuture<Void> end;
      private final java.util.function.Function<T, String> line;
      private long told;

      Printing(
          PrintWriter out,
          CompletableFuture<Void> end,
          java.util.function.Function<T, String> line) {
        this.out = out;
        this.end = end;
        this.line = line;
      }

      @Override
      public void on(long index, T what) {
        if (count != null && told >= count) {
          return;
        }
        out.println(index + " " + line.apply(what));
        out.flush();
        told++;
        if (count != null && told >= count) {
          end.complete(null);
        }
      }

      @Override
      public void ended(GateException why) {
        end.completeExceptionally(why);
      }
    }
  }

  @Command(
      name = "open",
      description = "Opens an account. For operators.",
      mixinStandardHelpOptions = true)
  static final class Open extends Asking {
    @Mixin private AccountOption account;

    @Option(
        names = "--attester",
        required = true,
        split = ",",
        paramLabel = "HEX",
        description = "keys of those who must attest")
    private List<String> attesters;

    @Override
    int ask(GateClient gate, PrintWriter out) throws GateException, InvalidFormatException {
      List<Ed25519PublicKey> keys = new ArrayList<>();
      for (String hex : attesters) {
        keys.add(KeyOption.publicKey("--attester", hex));
      }
      gate.openAccount(account.account, keys);
      out.println("opened " + account.account);
      return PlimsollCommand.ACCEPTED;
    }
  }

  @Command(
      name = "account",
      description = "Writes what a proof is made for: roster and attestations.",
      mixinStandardHelpOptions = true)
  static final class Account extends Asking {
    @Mixin private AccountOption account;

    @Option(
        names = "--out",
        required = true,
        paramLabel = "FILE",
        description = "account state, as 'prove --state' takes it")
    private Path file;

    @Override
    int ask(GateClient gate, PrintWriter out) throws GateException, IOException {
      var state = gate.account(gate.venue().circuitId(), account.account);
      MessageFiles.write(file, AttestationConversions.toProto(state));
      out.println(
          "account version "
              + state.version()
              + ", "
              + state.attestations().size()
              + " of "
              + state.roster().attesters().size()
              + " attestations");
      return PlimsollCommand.ACCEPTED;
    }
  }

  @Command(
      name = "publish",
      description = "Publishes a signed round. For publishers.",
      mixinStandardHelpOptions = true)
  static final class Publish extends Asking {
    @Option(names = "--keys", required = true, paramLabel = "DIR", description = "key directory")
    private Path keys;

    @Option(names = "--round", required = true, paramLabel = "FILE", description = "signed round")
    private Path round;

    @Override
    int ask(GateClient gate, PrintWriter out)
        throws GateException, InvalidFormatException, IOException {
      SignedRound signed =
          AttestationConversions.fromProto(
              KeyDirectory.read(keys).model(),
              MessageFiles.read("round", round, RiskRound.getDefaultInstance()));
      RoundOutcome outcome = gate.publishRound(signed);
      if (outcome instanceof RoundOutcome.Published published) {
        out.println("published round " + published.sequence() + " " + published.digest());
        published
            .deviation()
            .ifPresent(deviation -> out.println("the circuit breaker is open: " + deviation));
        return PlimsollCommand.ACCEPTED;
      }
      out.println(
          outcome instanceof RoundOutcome.Refused refused
              ? "refused: " + refused.reason() + ": " + refused.detail()
              : "conflict: another round has this number; the circuit breaker is open");
      return PlimsollCommand.REJECTED;
    }
  }

  @Command(
      name = "submit",
      description = "Submits a proof. For the account's owner.",
      mixinStandardHelpOptions = true)
  static final class Submit extends Asking {
    @Option(
        names = "--proof",
        required = true,
        paramLabel = "FILE",
        description = "proof, as 'prove' writes it")
    private Path proof;

    @Option(
        names = "--out",
        paramLabel = "FILE",
        description = "the venue's receipt, as 'audit --receipt' takes it")
    private Path file;

    @Override
    int ask(GateClient gate, PrintWriter out)
        throws GateException, InvalidFormatException, IOException {
      SolvencyProof message = MessageFiles.read("proof", proof, SolvencyProof.getDefaultInstance());
      GateClient.Submitted submitted =
          gate.submitProof(
              message.getAccount(), message.getRoundSequence(), message.getProof().toByteArray());
      if (file != null) {
        write(file, submitted.receipt());
      }
      if (submitted.accepted()) {
        out.println(
            "accepted: solvent until " + time(submitted.receipt().message().solventUntilMillis()));
        return PlimsollCommand.ACCEPTED;
      }
      out.println(
          "rejected: "
              + submitted.receipt().message().rejection().orElseThrow()
              + ": "
              + submitted.detail());
      return PlimsollCommand.REJECTED;
    }
  }

  @Command(
      name = "claim",
      description = "Claims a liquidation. For liquidators.",
      mixinStandardHelpOptions = true)
  static final class Claim extends Asking {
    @Mixin private AccountOption account;

    @Option(names = "--out", paramLabel = "FILE", description = "the venue's signed order")
    private Path file;

    @Override
    int ask(GateClient gate, PrintWriter out) throws GateException, IOException {
      ClaimOutcome outcome = gate.claimLiquidation(account.account);
      if (outcome instanceof ClaimOutcome.Claimed claimed) {
        if (file != null) {
          write(file, claimed.signed());
        }
        out.println(
            "claimed: order "
                + claimed.order().gateVersion()
                + ", "
                + claimed.order().fraction()
                + " of each position, not after "
                + time(claimed.order().notAfterMillis()));
        return PlimsollCommand.ACCEPTED;
      }
      out.println("refused: " + said(((ClaimOutcome.Refused) outcome).status()));
      return PlimsollCommand.REJECTED;
    }
  }

  @Command(
      name = "end",
      description = "Ends a liquidation. For its claimant and operators.",
      mixinStandardHelpOptions = true)
  static final class End extends Asking {
    @Mixin private AccountOption account;

    @Option(
        names = "--order",
        required = true,
        paramLabel = "VERSION",
        description = "the order's number, as 'claim' says it")
    private long order;

    @Option(names = "--cancelled", description = "it was not carried out; by default it was")
    private boolean cancelled;

    @Override
    int ask(GateClient gate, PrintWriter out) throws GateException {
      boolean ended =
          cancelled
              ? gate.cancelLiquidation(account.account, order)
              : gate.completeLiquidation(account.account, order);
      out.println(ended ? "ended" : "no such liquidation is running");
      return ended ? PlimsollCommand.ACCEPTED : PlimsollCommand.REJECTED;
    }
  }

  @Command(
      name = "release",
      description = "Asks to be released from older attestations. For attesters.",
      mixinStandardHelpOptions = true)
  static final class Release extends Asking {
    @Mixin private AccountOption account;

    @Option(names = "--out", paramLabel = "FILE", description = "the venue's signed release")
    private Path file;

    @Override
    int ask(GateClient gate, PrintWriter out) throws GateException, IOException {
      ReleaseOutcome outcome = gate.requestRelease(account.account);
      if (outcome instanceof ReleaseOutcome.Released released) {
        if (file != null) {
          write(file, released.release());
        }
        out.println("released through version " + released.release().message().throughVersion());
        return PlimsollCommand.ACCEPTED;
      }
      ReleaseOutcome.Refused refused = (ReleaseOutcome.Refused) outcome;
      out.println("refused: " + refused.reason() + ": " + refused.detail());
      return PlimsollCommand.REJECTED;
    }
  }

  @Command(
      name = "suspend",
      description = "Suspends an account. For operators.",
      mixinStandardHelpOptions = true)
  static final class Suspend extends Asking {
    @Mixin private AccountOption account;

    @Option(
        names = "--cause",
        defaultValue = "VENUE_FAULT",
        description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}")
    private SuspensionCause cause;

    @Override
    int ask(GateClient gate, PrintWriter out) throws GateException {
      out.println(said(gate.suspend(account.account, cause)));
      return PlimsollCommand.ACCEPTED;
    }
  }

  @Command(
      name = "resume",
      description = "Ends a suspension. For operators.",
      mixinStandardHelpOptions = true)
  static final class Resume extends Asking {
    @Mixin private AccountOption account;

    @Override
    int ask(GateClient gate, PrintWriter out) throws GateException {
      out.println(said(gate.resume(account.account)));
      return PlimsollCommand.ACCEPTED;
    }
  }

  @Command(
      name = "breaker",
      description = "Closes the circuit breaker, or opens it. For operators.",
      mixinStandardHelpOptions = true)
  static final class Breaker extends Asking {
    @Option(names = "--open", description = "stop judging; by default judge again")
    private boolean open;

    @Override
    int ask(GateClient gate, PrintWriter out) throws GateException {
      if (open) {
        gate.openBreaker();
      } else {
        gate.closeBreaker();
      }
      out.println(open ? "open: no account is judged" : "closed: accounts are judged");
      return PlimsollCommand.ACCEPTED;
    }
  }

  @Command(
      name = "revoke",
      description = "Revokes an attester's key, for good. For operators.",
      mixinStandardHelpOptions = true)
  static final class Revoke extends Asking {
    @Option(names = "--attester", required = true, paramLabel = "HEX", description = "key")
    private String attester;

    @Override
    int ask(GateClient gate, PrintWriter out) throws GateException, InvalidFormatException {
      gate.revokeAttester(KeyOption.publicKey("--attester", attester));
      out.println("revoked " + attester);
      return PlimsollCommand.ACCEPTED;
    }
  }
}
