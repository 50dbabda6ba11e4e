package io.plimsoll.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.stub.StreamObserver;
import io.plimsoll.proto.v1.GetStatusRequest;
import io.plimsoll.proto.v1.GetStatusResponse;
import io.plimsoll.proto.v1.ProverGrpc;
import io.plimsoll.rpc.TestCertificates;
import io.plimsoll.rpc.TlsFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TlsTest {
  @TempDir static Path directory;

  private static final class Answering extends ProverGrpc.ProverImplBase {
    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> answer) {
      answer.onNext(GetStatusResponse.newBuilder().setProofs(7).build());
      answer.onCompleted();
    }
  }

  @BeforeAll
  static void makeCertificates() throws Exception {
    for (String name : List.of("server", "client", "stranger")) {
      TestCertificates authority = new TestCertificates(directory, name);
      authority.issue("it");
    }
  }

  private static Path trust(String name) {
    return directory.resolve(name + ".crt");
  }

  private static Path certificate(String name) {
    return directory.resolve(name + "-it.crt");
  }

  private static Path key(String name) {
    return directory.resolve(name + "-it.key");
  }

  private static long proofsSeenBy(ProverServer server, TlsFiles files) throws Exception {
    ProverClient.Builder builder =
        ProverClient.builder("127.0.0.1:" + server.port()).deadline(Duration.ofSeconds(20));
    try (ProverClient client =
        (files == null ? builder.plaintext() : builder.tls(files)).connect()) {
      return client.status().getProofs();
    }
  }

  private static ProverException.Kind failureOf(ProverServer server, TlsFiles files) {
    return assertThrows(ProverException.class, () -> proofsSeenBy(server, files)).kind();
  }

  @Test
  void aServerWithTlsServesClientsThatTrustItAlsoBeyondLoopback() throws Exception {
    try (ProverServer server =
        ProverServer.builder()
            .address(new InetSocketAddress("0.0.0.0", 0))
            .tls(TlsFiles.server(certificate("server"), key("server")))
            .start(new Answering(), () -> {})) {
      assertEquals(7, proofsSeenBy(server, TlsFiles.client(trust("server"))));
      assertEquals(
          ProverException.Kind.UNAVAILABLE, failureOf(server, TlsFiles.client(trust("stranger"))));
      assertEquals(ProverException.Kind.UNAVAILABLE, failureOf(server, null));
    }
  }

  @Test
  void mutualTlsAsksTheClientForACertificate() throws Exception {
    try (ProverServer server =
        ProverServer.builder()
            .tls(TlsFiles.mutual(certificate("server"), key("server"), trust("client")))
            .start(new Answering(), () -> {})) {
      assertEquals(
          7,
          proofsSeenBy(
              server, TlsFiles.mutual(certificate("client"), key("client"), trust("server"))));
      assertEquals(
          ProverException.Kind.UNAVAILABLE, failureOf(server, TlsFiles.client(trust("server"))));
      assertEquals(
          ProverException.Kind.UNAVAILABLE,
          failureOf(
              server, TlsFiles.mutual(certificate("stranger"), key("stranger"), trust("server"))));
    }
  }

  @Test
  void aMissingFileOrAnUndecidedClientIsAnError() {
    assertThrows(
        Exception.class,
        () ->
            ProverServer.builder()
                .tls(TlsFiles.server(directory.resolve("none"), key("server")))
                .start(new Answering(), () -> {}));
    assertThrows(IllegalStateException.class, () -> ProverClient.builder("127.0.0.1:1").connect());
    assertThrows(
        IllegalArgumentException.class,
        () -> ProverServer.builder().tls(TlsFiles.client(trust("server"))));
  }

  @Test
  void aTlsFileThatIsNoCertificateIsAnIoErrorAsDocumented() throws Exception {
    Path nothing = directory.resolve("nothing.pem");
    Files.writeString(nothing, "nothing");
    assertThrows(
        IOException.class,
        () ->
            ProverServer.builder()
                .tls(TlsFiles.server(nothing, nothing))
                .start(new Answering(), () -> {}));
  }
}
