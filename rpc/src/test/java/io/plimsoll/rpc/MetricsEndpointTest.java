package io.plimsoll.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MetricsEndpointTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private MetricsEndpoint endpoint;

  @BeforeEach
  void start() throws IOException {
    endpoint = MetricsEndpoint.start(0);
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    String host = InetAddress.getLoopbackAddress().getHostAddress();
    return client.send(
        HttpRequest.newBuilder(URI.create("http://" + host + ":" + endpoint.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void metersOfTheProcessAndOfItsVirtualMachineAreScraped() throws Exception {
    endpoint.registry().counter("plimsoll.test", "kind", "heron").increment(3);
    HttpResponse<String> answer = send("GET", "/metrics");
    assertEquals(200, answer.statusCode());
    assertTrue(answer.body().contains("plimsoll_test_total{kind=\"heron\"} 3.0"), answer.body());
    assertTrue(answer.body().contains("jvm_memory_used_bytes"), answer.body());
    assertTrue(
        answer.headers().firstValue("Content-Type").orElse("").startsWith("text/plain"),
        answer.headers().toString());
  }

  @Test
  void nothingElseIsServed() throws Exception {
    assertEquals(404, send("GET", "/").statusCode());
    assertEquals(404, send("GET", "/metrics/../etc/passwd").statusCode());
    assertEquals(405, send("POST", "/metrics").statusCode());
    assertEquals(405, send("DELETE", "/metrics").statusCode());
  }

  @Test
  void aClosedEndpointDoesNotListen() {
    endpoint.close();
    assertThrows(IOException.class, () -> send("GET", "/metrics"));
  }

  @Test
  void callsAreCountedByMethodAndStatus() throws Exception {
    try (RpcServer server =
            RpcServer.builder("texts")
                .service(new TextService())
                .intercept(endpoint.calls())
                .start();
        RpcChannel channel =
            RpcChannel.builder("127.0.0.1:" + server.port()).plaintext().connect()) {
      ClientCalls.blockingUnaryCall(
          channel.channel(), TextService.WHO, CallOptions.DEFAULT, "hello");
    }
    String metrics = send("GET", "/metrics").body();
    assertTrue(
        metrics
            .lines()
            .anyMatch(
                line ->
                    line.startsWith("grpc_server_processing_duration_seconds_count")
                        && line.contains("method=\"Who\"")
                        && line.contains("statusCode=\"OK\"")
                        && line.endsWith(" 1")),
        metrics);
  }
}
