package io.plimsoll.prover.cli;

import io.plimsoll.attestation.KeyFiles;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.attestation.StorageSecret;
import io.plimsoll.attester.AccountReport;
import io.plimsoll.attester.AttesterEngine;
import io.plimsoll.attester.AttesterRunner;
import io.plimsoll.attester.AttesterServer;
import io.plimsoll.attester.OperatorDesk;
import io.plimsoll.attester.Pledge;
import io.plimsoll.attester.PledgeId;
import io.plimsoll.attester.VenueLink;
import io.plimsoll.attester.WithdrawalStatus;
import io.plimsoll.circuits.PortfolioReader;
import io.plimsoll.proto.v1.AttesterConfig;
import io.plimsoll.proto.v1.AttesterListen;
import io.plimsoll.proto.v1.DeskAnswer;
import io.plimsoll.proto.v1.QuantityRecord;
import io.plimsoll.rpc.TlsFiles;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code attester}. */
@Command(
    name = "attester",
    description =
        "The attester's service: attests what a custodian's books say, holds it, pays out after"
            + " the venue's release.",
    mixinStandardHelpOptions = true,
    subcommands = {
      AttesterCommand.Run.class,
      AttesterCommand.Status.class,
      AttesterCommand.Withdraw.class,
      AttesterCommand.Settle.class,
      AttesterCommand.Reconcile.class,
      AttesterCommand.Close.class
    })
final class AttesterCommand implements Callable<Integer> {
  private static final Pattern CHANGE =
      Pattern.compile("(?<vector>[^:=]+)(:(?<label>[^=]*))?=(?<quantity>-?[0-9.]+)");

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "run, status, withdraw, settle, reconcile or close is missing");
  }

  /** What every subcommand needs. */
  static final class Home {
    @Option(
        names = "--config",
        required = true,
        paramLabel = "FILE",
        description = "the attester's configuration, as docs/attester.md has it")
    private Path config;

    @Mixin private PasswordOption password;

    /** An engine with what it was made from. */
    private static final class Opened implements AutoCloseable {
      private final AttesterConfigReader config;
      private final SigningIdentity identity;
      private final List<VenueLink> venues;
      private final AttesterEngine engine;

      Opened(
          AttesterConfigReader config,
          SigningIdentity identity,
          List<VenueLink> venues,
          AttesterEngine engine) {
        this.config = config;
        this.identity = identity;
        this.venues = venues;
        this.engine = engine;
      }

      @Override
      public void close() throws IOException {
        engine.close();
        AttesterConfigReader.close(venues);
        identity.destroy();
      }
    }

    private Opened open() throws InvalidFormatException, IOException {
      AttesterConfigReader reader = AttesterConfigReader.read(config);
      AttesterConfig message = reader.message();
      List<Pledge> pledges = reader.pledges();
      char[] asked = message.getStorageKey().isEmpty() ? password.get() : new char[0];
      SigningIdentity identity =
          KeyFiles.readSigning(
              reader.path("identity", message.getIdentity()),
              message.getStorageKey().isEmpty() ? asked::clone : password);
      List<VenueLink> venues = List.of();
      try (StorageSecret secret = secret(reader, message, asked)) {
        venues = reader.venues();
        OperatorDesk desk = desk(reader);
        return new Opened(
            reader,
            identity,
            venues,
            AttesterEngine.open(
                identity,
                pledges,
                venues,
                reader.books(),
                desk,
                desk,
                reader.path("ledger", message.getLedger()),
                secret));
      } catch (InvalidFormatException | IOException | RuntimeException e) {
        AttesterConfigReader.close(venues);
        identity.destroy();
        throw e;
      }
    }

    private static OperatorDesk desk(AttesterConfigReader reader)
        throws InvalidFormatException, IOException {
      return new OperatorDesk(reader.path("desk", reader.message().getDesk()));
    }

    private static StorageSecret secret(
        AttesterConfigReader reader, AttesterConfig message, char[] asked)
        throws InvalidFormatException, IOException {
      if (message.getStorageKey().isEmpty()) {
        if (asked.length == 0) {
          throw new InvalidFormatException(
              "storage_key is missing, and so is a password for the ledger");
        }
        return StorageSecret.password(asked);
      }
      Path file = reader.path("storage_key", message.getStorageKey());
      boolean first = !Files.exists(reader.path("ledger", message.getLedger()));
      return first && !Files.exists(file)
          ? StorageSecret.createKeyFile(file)
          : StorageSecret.readKeyFile(file);
    }
  }

  /** Which account. */
  static final class AccountOptions {
    @Option(names = "--venue", required = true, description = "venue id")
    private String venue;

    @Option(names = "--account", required = true, description = "account at the venue")
    private String account;

    private PledgeId id() {
      return new PledgeId(venue, account);
    }
  }

  private static List<PortfolioReader.Line> changes(String option, List<String> texts)
      throws InvalidFormatException {
    List<PortfolioReader.Line> changes = new ArrayList<>();
    for (String text : texts == null ? List.<String>of() : texts) {
      Matcher matcher = CHANGE.matcher(text);
      if (!matcher.matches()) {
        throw new InvalidFormatException(
            option + " is '" + text + "', not VECTOR:LABEL=QUANTITY or VECTOR=QUANTITY");
      }
      String label = matcher.group("label");
      changes.add(
          new PortfolioReader.Line(
              matcher.group("vector"), label == null ? "" : label, matcher.group("quantity")));
    }
    return changes;
  }

  /** {@code attester run}. */
  @Command(
      name = "run",
      description = "Attests, delivers, executes and pays, until it is told to stop.",
      mixinStandardHelpOptions = true)
  static final class Run implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Home home;

    @Option(
        names = "--interval",
        defaultValue = "PT1S",
        description = "how often to look at books and venues; default ${DEFAULT-VALUE}")
    private Duration interval;

    @Option(names = "--once", description = "does what there is to do now, and ends")
    private boolean once;

    @Override
    public Integer call() throws Exception {
      if (interval.toMillis() < 10 || interval.compareTo(Duration.ofHours(1)) > 0) {
        throw new InvalidFormatException("--interval is " + interval + ", not PT0.01S to PT1H");
      }
      PrintWriter out = spec.commandLine().getOut();
      try (Home.Opened opened = home.open()) {
        out.println("attester " + opened.engine.publicKey());
        if (once) {
          opened.engine.step();
          print(out, opened.engine);
          return PlimsollCommand.ACCEPTED;
        }
        Optional<AttesterServer> server = listen(opened);
        server.ifPresent(each -> out.println("listening on port " + each.port()));
        out.flush();
        AttesterRunner runner = AttesterRunner.start(opened.engine, interval);
        Thread shutdown =
            new Thread(
                () -> {
                  server.ifPresent(AttesterServer::close);
                  runner.close();
                },
                "shutdown");
        Runtime.getRuntime().addShutdownHook(shutdown);
        Optional<Exception> failure = runner.awaitEnd();
        if (failure.isPresent()) {
          server.ifPresent(AttesterServer::close);
          throw failure.get();
        }
        return PlimsollCommand.ACCEPTED;
      }
    }

    private static Optional<AttesterServer> listen(Home.Opened opened)
        throws InvalidFormatException, IOException {
      AttesterConfig config = opened.config.message();
      if (!config.hasListen()) {
        return Optional.empty();
      }
      AttesterListen listen = config.getListen();
      if (Integer.compareUnsigned(listen.getPort(), 65_535) > 0) {
        throw new InvalidFormatException(
            "listen: port is " + Integer.toUnsignedString(listen.getPort()) + ", not 0 to 65535");
      }
      InetSocketAddress address =
          new InetSocketAddress(
              listen.getAddress().isEmpty() ? "127.0.0.1" : listen.getAddress(), listen.getPort());
      if (address.isUnresolved()) {
        throw new InvalidFormatException("listen: address " + listen.getAddress() + " is unknown");
      }
      if (!listen.hasTls() && !address.getAddress().isLoopbackAddress()) {
        throw new InvalidFormatException(
            "listen: address "
                + listen.getAddress()
                + " is not this machine alone: that needs tls");
      }
      Optional<TlsFiles> tls =
          listen.hasTls()
              ? Optional.of(opened.config.tls("listen: tls: ", listen.getTls()))
              : Optional.empty();
      return Optional.of(
          AttesterServer.start(opened.engine, opened.config.clients(), address, tls));
    }
  }

  private static void print(PrintWriter out, AttesterEngine engine) throws InvalidFormatException {
    for (Pledge pledge : engine.pledges()) {
      AccountReport report = engine.report(pledge.id());
      out.println(
          report.id()
              + ": version "
              + report.version().map(String::valueOf).orElse("none")
              + report.notAfterMillis().map(until -> " until " + until).orElse("")
              + ", locked "
              + report.lockedVersions()
              + (report.undelivered() == 0 ? "" : ", undelivered " + report.undelivered())
              + (report.movements().isEmpty() ? "" : ", " + report.movements()));
      report.trouble().ifPresent(trouble -> out.println("  " + trouble));
    }
    out.flush();
  }

  /** {@code attester status}. */
  @Command(
      name = "status",
      description = "Says how the accounts stand by the ledger, while nothing runs on it.",
      mixinStandardHelpOptions = true)
  static final class Status implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Home home;

    @Override
    public Integer call() throws Exception {
      try (Home.Opened opened = home.open()) {
        print(spec.commandLine().getOut(), opened.engine);
        return PlimsollCommand.ACCEPTED;
      }
    }
  }

  /** {@code attester withdraw}. */
  @Command(
      name = "withdraw",
      description =
          "Enters a withdrawal on an owner's behalf, or says how far it is; nothing may run on the"
              + " ledger.",
      mixinStandardHelpOptions = true)
  static final class Withdraw implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Home home;
    @Mixin private AccountOptions account;

    @Option(names = "--id", required = true, description = "the owner's own name for it")
    private String id;

    @Option(
        names = "--change",
        paramLabel = "VECTOR:LABEL=QUANTITY",
        description = "what leaves, negative; none to ask how far it is")
    private List<String> changes;

    @Option(names = "--to", defaultValue = "", description = "for the custodian")
    private String destination;

    @Option(names = "--cancel", description = "calls it off")
    private boolean cancel;

    @Override
    public Integer call() throws Exception {
      List<PortfolioReader.Line> lines = changes("--change", changes);
      try (Home.Opened opened = home.open()) {
        WithdrawalStatus status;
        if (cancel) {
          status = opened.engine.cancelWithdrawal(account.id(), id);
        } else if (lines.isEmpty()) {
          status = opened.engine.withdrawal(account.id(), id);
        } else {
          status = opened.engine.withdraw(account.id(), id, lines, destination);
        }
        spec.commandLine()
            .getOut()
            .println(
                "withdrawal "
                    + status.id()
                    + ": "
                    + status.state()
                    + (status.offeredVersion() == 0
                        ? ""
                        : ", version " + status.offeredVersion() + " is without it"));
        return PlimsollCommand.ACCEPTED;
      }
    }
  }

  /** {@code attester settle}. */
  @Command(
      name = "settle",
      description = "Says what came of a payment or a liquidation that was laid out on the desk.",
      mixinStandardHelpOptions = true)
  static final class Settle implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "as for run")
    private Path config;

    @Mixin private AccountOptions account;

    @Option(names = "--id", required = true, description = "as in the file on the desk")
    private String id;

    @Option(names = "--refused", description = "it was not done and never will be")
    private boolean refused;

    @Option(
        names = "--change",
        paramLabel = "VECTOR:LABEL=QUANTITY",
        description = "of a liquidation: what has changed, proceeds included")
    private List<String> changes;

    @Override
    public Integer call() throws Exception {
      DeskAnswer.Builder answer = DeskAnswer.newBuilder().setId(id).setRefused(refused);
      for (PortfolioReader.Line line : changes("--change", changes)) {
        answer.addChanges(
            QuantityRecord.newBuilder()
                .setVector(line.vector())
                .setLabel(line.label())
                .setQuantity(line.quantity()));
      }
      Home.desk(AttesterConfigReader.read(config)).answer(account.id(), answer.build());
      spec.commandLine().getOut().println("settled " + id);
      return PlimsollCommand.ACCEPTED;
    }
  }

  /** {@code attester reconcile}. */
  @Command(
      name = "reconcile",
      description =
          "After a restored backup: goes on from the version that the venue has. Until that is"
              + " released or expires nothing leaves the custody account.",
      mixinStandardHelpOptions = true)
  static final class Reconcile implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Home home;
    @Mixin private AccountOptions account;

    @Override
    public Integer call() throws Exception {
      try (Home.Opened opened = home.open()) {
        spec.commandLine().getOut().println(opened.engine.acceptVenuesVersion(account.id()));
        return PlimsollCommand.ACCEPTED;
      }
    }
  }

  /** {@code attester close}. */
  @Command(
      name = "close",
      aliases = "migrate",
      description =
          "Attests that nothing is kept for an account any more: to leave it for good, or before"
              + " it moves to another circuit. What is locked stays so until it is released.",
      mixinStandardHelpOptions = true)
  static final class Close implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Home home;
    @Mixin private AccountOptions account;

    @Override
    public Integer call() throws Exception {
      try (Home.Opened opened = home.open()) {
        opened.engine.closeAccount(account.id());
        print(spec.commandLine().getOut(), opened.engine);
        return PlimsollCommand.ACCEPTED;
      }
    }
  }
}
