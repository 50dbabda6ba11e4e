package io.plimsoll.prover.cli;

import io.plimsoll.attestation.KeyFiles;
import io.plimsoll.attestation.SigningIdentity;
import io.plimsoll.nativeprover.CeremonyReport;
import io.plimsoll.nativeprover.ProvingException;
import io.plimsoll.nativeprover.SetupCeremony;
import io.plimsoll.verifier.CeremonyRecord;
import io.plimsoll.verifier.Digest;
import io.plimsoll.verifier.Ed25519PublicKey;
import io.plimsoll.verifier.InvalidFormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ceremony begin}, {@code contribute}, {@code seal} and {@code verify}. */
@Command(
    name = "ceremony",
    description =
        "Makes production keys with several independent parties: as long as one contributor to each"
            + " phase is honest, nobody can forge proofs. docs/ceremony.md says who does what.",
    mixinStandardHelpOptions = true,
    subcommands = {
      CeremonyCommand.Begin.class,
      CeremonyCommand.Contribute.class,
      CeremonyCommand.Seal.class,
      CeremonyCommand.Verify.class
    })
final class CeremonyCommand implements Callable<Integer> {
  private static final String KEYS = "keys";

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "'begin', 'contribute', 'seal' or 'verify' is missing");
  }

  /** Where the ceremony is. */
  static final class DirectoryOption {
    @Option(
        names = "--dir",
        required = true,
        paramLabel = "DIR",
        description = "the ceremony's directory")
    private Path directory;
  }

  @Command(
      name = "begin",
      description = "The coordinator's first step: fixes the model and how beacons will be taken.",
      mixinStandardHelpOptions = true)
  static final class Begin implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ModelOptions model;

    @Option(
        names = "--beacon-rule",
        required = true,
        paramLabel = "TEXT",
        description =
            "how both beacons will be taken, from public randomness that does not exist before the"
                + " last contributions; every contributor signs it")
    private String beaconRule;

    @Option(
        names = "--out",
        required = true,
        paramLabel = "DIR",
        description = "where to make the ceremony's directory")
    private Path out;

    @Override
    public Integer call() throws InvalidFormatException, ProvingException {
      PrintWriter stdout = spec.commandLine().getOut();
      print(stdout, SetupCeremony.begin(model.build().toByteArray(), beaconRule, out));
      return PlimsollCommand.ACCEPTED;
    }
  }

  @Command(
      name = "contribute",
      description =
          "A contributor's step: checks everything so far, multiplies the open phase's secret by"
              + " fresh numbers, forgets them, and adds a signed file.",
      mixinStandardHelpOptions = true)
  static final class Contribute implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DirectoryOption at;

    @Option(
        names = "--identity",
        required = true,
        paramLabel = "FILE",
        description = "the contributor's signing key file")
    private Path identity;

    @Mixin private PasswordOption password;

    @Override
    public Integer call() throws InvalidFormatException, IOException, ProvingException {
      SigningIdentity signer = KeyFiles.readSigning(identity, password);
      CeremonyReport report;
      try (SetupCeremony.Contribution contribution =
          SetupCeremony.contribute(at.directory, Ed25519PublicKey.fromBytes(signer.publicKey()))) {
        report = contribution.append(signer.sign(contribution.message()));
      } finally {
        signer.destroy();
      }
      CeremonyReport.Phase phase = report.phases().get(openPhase(report) - 1);
      CeremonyReport.Contribution added =
          phase.contributions().get(phase.contributions().size() - 1);
      PrintWriter out = spec.commandLine().getOut();
      printSubject(out, report);
      out.println("added             " + at.directory.resolve(added.file()));
      out.println("identity          " + added.identity());
      out.println("state             " + added.state());
      out.println("Publish the state under your name, and give the file to the coordinator.");
      return PlimsollCommand.ACCEPTED;
    }
  }

  @Command(
      name = "seal",
      description =
          "The coordinator's step after the last contribution to a phase: ends it with the beacon."
              + " After phase 2 it writes the keys.",
      mixinStandardHelpOptions = true)
  static final class Seal implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DirectoryOption at;

    @Option(
        names = "--beacon",
        required = true,
        paramLabel = "HEX",
        description = "public random bytes, taken as the beacon rule says")
    private String beacon;

    @Override
    public Integer call() throws InvalidFormatException, IOException, ProvingException {
      CeremonyReport report = SetupCeremony.seal(at.directory, beaconBytes());
      PrintWriter out = spec.commandLine().getOut();
      print(out, report);
      printKeys(out, at.directory, report);
      return PlimsollCommand.ACCEPTED;
    }

    private byte[] beaconBytes() throws InvalidFormatException {
      if (beacon.length() % 2 != 0 || !beacon.chars().allMatch(HexFormat::isHexDigit)) {
        throw new InvalidFormatException("--beacon is not an even number of hexadecimal digits");
      }
      int bytes = beacon.length() / 2;
      if (bytes < CeremonyRecord.LEAST_BEACON_BYTES || bytes > CeremonyRecord.MOST_BEACON_BYTES) {
        throw new InvalidFormatException(
            "--beacon has "
                + bytes
                + " bytes, not "
                + CeremonyRecord.LEAST_BEACON_BYTES
                + " to "
                + CeremonyRecord.MOST_BEACON_BYTES);
      }
      return HexFormat.of().parseHex(beacon);
    }
  }

  @Command(
      name = "verify",
      description =
          "An auditor's step: computes everything again from the files, and compares the keys with"
              + " those that follow.",
      mixinStandardHelpOptions = true)
  static final class Verify implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DirectoryOption at;

    @Option(
        names = "--so-far",
        description = "accept a ceremony that has not ended, if all that is there is right")
    private boolean soFar;

    @Override
    public Integer call() throws InvalidFormatException, IOException, ProvingException {
      PrintWriter err = spec.commandLine().getErr();
      CeremonyReport report;
      try {
        report = SetupCeremony.verify(at.directory);
      } catch (ProvingException e) {
        if (e.kind() != ProvingException.Kind.CEREMONY_REJECTED) {
          throw e;
        }
        err.println("rejected: " + e.getMessage());
        return PlimsollCommand.REJECTED;
      }
      PrintWriter out = spec.commandLine().getOut();
      print(out, report);
      if (report.circuitId().isEmpty()) {
        if (!soFar) {
          err.println("rejected: the ceremony has not ended; what is there is right");
          return PlimsollCommand.REJECTED;
        }
        out.println("right so far: every contribution, beacon and signature");
        return PlimsollCommand.ACCEPTED;
      }
      printKeys(out, at.directory, report);
      out.println(
          "accepted: every contribution, beacon and signature, and the keys that follow from them");
      return PlimsollCommand.ACCEPTED;
    }
  }

  private static int openPhase(CeremonyReport report) {
    return report.phases().get(0).beacon().isEmpty() ? 1 : 2;
  }

  private static void printSubject(PrintWriter out, CeremonyReport report) {
    out.println("model             " + report.model());
    out.println("model digest      " + report.modelDigest());
    out.println("constraint system " + report.constraintSystemDigest());
    out.println("constraints       " + report.constraints() + ", FFT size " + report.fftSize());
    out.println("beacon rule       " + report.beaconRule());
  }

  private static void print(PrintWriter out, CeremonyReport report) {
    printSubject(out, report);
    List<CeremonyReport.Phase> phases = report.phases();
    for (int number = 1; number <= openPhase(report); number++) {
      CeremonyReport.Phase phase = phases.get(number - 1);
      int count = phase.contributions().size();
      out.println(
          "phase "
              + number
              + "           "
              + count
              + (count == 1 ? " contribution" : " contributions")
              + (phase.beacon().isEmpty() ? ", open" : ""));
      int place = 1;
      for (CeremonyReport.Contribution each : phase.contributions()) {
        out.println("  " + place++ + " by " + each.identity() + ", state " + each.state());
      }
      phase.beacon().ifPresent(beacon -> out.println("  beacon " + beacon));
    }
  }

  /** Reads the keys as a verifier does, the signatures in their record included. */
  private static void printKeys(PrintWriter out, Path directory, CeremonyReport report)
      throws InvalidFormatException, IOException {
    if (report.circuitId().isEmpty()) {
      return;
    }
    Digest circuitId = report.circuitId().get();
    Path path = directory.resolve(KEYS).resolve(circuitId.toString());
    Digest read = KeyDirectory.read(path).key().circuitId();
    if (!read.equals(circuitId)) {
      throw new InvalidFormatException(path + ": the keys are of circuit " + read);
    }
    out.println("circuit id        " + circuitId);
    out.println("keys              " + path);
  }
}
