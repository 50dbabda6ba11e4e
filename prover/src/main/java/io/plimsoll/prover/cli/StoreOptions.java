package io.plimsoll.prover.cli;

import io.plimsoll.venue.JdbcGateStore;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A venue's store on the command line. */
final class StoreOptions {
  @Option(
      names = "--store",
      required = true,
      paramLabel = "URL",
      description = "jdbc:h2:file:PATH or jdbc:postgresql://HOST/DATABASE")
  private String url;

  @Option(names = "--store-user", paramLabel = "NAME", description = "database user")
  private String user = "";

  @Mixin private PasswordOption password;

  /** Changes nothing about the store. */
  JdbcGateStore openExisting() {
    return JdbcGateStore.openExisting(url, user, secret());
  }

  private String secret() {
    return user.isEmpty() ? "" : new String(password.get());
  }
}
