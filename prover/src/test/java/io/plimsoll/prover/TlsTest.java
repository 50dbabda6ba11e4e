package io.plimsoll.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.stub.StreamObserver;
import io.plimsoll.proto.v1.GetStatusRequest;
import io.plimsoll.proto.v1.GetStatusResponse;
import io.plimsoll.proto.v1.ProverGrpc;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TlsTest {
  private static final char[] PASSWORD = "password".toCharArray();

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
      Path store = directory.resolve(name + ".p12");
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  name,
                  "-keyalg",
                  "EC",
                  "-groupname",
                  "secp256r1",
                  "-dname",
                  "CN=" + name,
                  "-ext",
                  "san=ip:127.0.0.1",
                  "-storetype",
                  "PKCS12",
                  "-keystore",
                  store.toString(),
                  "-storepass",
                  new String(PASSWORD))
              .redirectErrorStream(true)
              .start();
      keytool.getInputStream().readAllBytes();
      assertEquals(0, keytool.waitFor());
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(store)) {
        keys.load(in, PASSWORD);
      }
      pem(certificate(name), "CERTIFICATE", keys.getCertificate(name).getEncoded());
      pem(key(name), "PRIVATE KEY", keys.getKey(name, PASSWORD).getEncoded());
    }
  }

  private static void pem(Path file, String type, byte[] content) throws Exception {
    Files.writeString(
        file,
        "-----BEGIN "
            + type
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
            + "\n-----END "
            + type
            + "-----\n");
  }

  private static Path certificate(String name) {
    return directory.resolve(name + ".crt");
  }

  private static Path key(String name) {
    return directory.resolve(name + ".key");
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
      assertEquals(7, proofsSeenBy(server, TlsFiles.client(certificate("server"))));
      assertEquals(
          ProverException.Kind.UNAVAILABLE,
          failureOf(server, TlsFiles.client(certificate("stranger"))));
      assertEquals(ProverException.Kind.UNAVAILABLE, failureOf(server, null));
    }
  }

  @Test
  void mutualTlsAsksTheClientForACertificate() throws Exception {
    try (ProverServer server =
        ProverServer.builder()
            .tls(TlsFiles.mutual(certificate("server"), key("server"), certificate("client")))
            .start(new Answering(), () -> {})) {
      assertEquals(
          7,
          proofsSeenBy(
              server,
              TlsFiles.mutual(certificate("client"), key("client"), certificate("server"))));
      assertEquals(
          ProverException.Kind.UNAVAILABLE,
          failureOf(server, TlsFiles.client(certificate("server"))));
      assertEquals(
          ProverException.Kind.UNAVAILABLE,
          failureOf(
              server,
              TlsFiles.mutual(certificate("stranger"), key("stranger"), certificate("server"))));
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
        () -> ProverServer.builder().tls(TlsFiles.client(certificate("server"))));
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
