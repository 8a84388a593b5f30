package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.sandbox.host.MediatedFetchTest.CountingTraffic;
import dev.cloister.sandbox.runtime.FetchRequest;
import dev.cloister.sandbox.runtime.FetchResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server whose certificate is for {@code a.example} and no other name. */
final class SecureFetchTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private static Path scratch;

  private final CountingTraffic traffic = new CountingTraffic();
  private ScriptedServer server;
  private SSLSocketFactory trusting;

  @BeforeEach
  void open() throws IOException, GeneralSecurityException, InterruptedException {
    var keys = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(keyStore())) {
      keys.load(in, PASSWORD);
    }
    var identity = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    identity.init(keys, PASSWORD);
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    var context = SSLContext.getInstance("TLS");
    context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
    trusting = context.getSocketFactory();
    server = new ScriptedServer(context.getServerSocketFactory().createServerSocket());
    server.open();
  }

  /** Made once, by the JDK's own tool; the JDK has no interface that makes certificates. */
  private static Path keyStore()
      throws IOException, GeneralSecurityException, InterruptedException {
    var store = scratch.resolve("keys.p12");
    if (!Files.exists(store)) {
      var keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "server",
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=test",
                  "-ext",
                  "san=dns:a.example",
                  "-validity",
                  "3650",
                  "-storetype",
                  "PKCS12",
                  "-storepass",
                  new String(PASSWORD),
                  "-keystore",
                  store.toString())
              .inheritIO()
              .start();
      assertThat(keytool.waitFor()).isZero();
      var certificates = KeyStore.getInstance(store.toFile(), PASSWORD);
      certificates.setCertificateEntry("trusted", certificates.getCertificate("server"));
      try (var out = Files.newOutputStream(store)) {
        certificates.store(out, PASSWORD);
      }
    }
    return store;
  }

  @AfterEach
  void close() throws IOException, InterruptedException {
    server.close();
  }

  private FetchResponse get(String host, String path, SSLSocketFactory security)
      throws IOException {
    var port = server.port();
    var fetcher =
        new MediatedFetch(
            NetworkPolicy.parse("test", List.of("accept 127.0.0.1:" + port)),
            _ -> List.of(InetAddress.ofLiteral("127.0.0.1")),
            security,
            TimeSource.system(),
            FetchLimits.USUAL);
    var url = "https://" + host + ":" + port + path;
    return fetcher.fetch(new FetchRequest(url, "GET", List.of(), new byte[0]), traffic);
  }

  private static String ok(String body) {
    return "HTTP/1.1 200 Ok\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  @Test
  void aPageComesOverAProvenConnection() throws IOException {
    server.answer(ok("page"));
    assertThat(get("a.example", "/x", trusting).body()).isEqualTo("page".getBytes(UTF_8));
    assertThat(server.heard()).startsWith("GET /x HTTP/1.1\r\nHost: a.example:");
    assertThat(traffic.in).as("with the handshake").isGreaterThan(500);
  }

  @ParameterizedTest
  @ValueSource(strings = {"b.example", "127.0.0.1"})
  void aCertificateForAnotherNameIsRefused(String host) {
    assertThatExceptionOfType(SSLException.class).isThrownBy(() -> get(host, "/", trusting));
    assertThat(server.heard()).isEmpty();
  }

  @Test
  void aCertificateOfAnUnknownIssuerIsRefused() {
    var publicIssuers = (SSLSocketFactory) SSLSocketFactory.getDefault();
    assertThatExceptionOfType(SSLException.class)
        .isThrownBy(() -> get("a.example", "/", publicIssuers));
    assertThat(server.heard()).isEmpty();
  }

  @Test
  void aRedirectThatGivesUpEncryptionIsHandedToTheFunction() throws IOException {
    server.answer(
        "HTTP/1.1 302 Found\r\nLocation: http://a.example/\r\nContent-Length: 1\r\n\r\nx");
    var response = get("a.example", "/", trusting);
    assertThat(response.status()).isEqualTo(302);
    assertThat(response.body()).hasSize(1);
  }

  @Test
  void trafficBeyondTheLimitIsDeniedThroughTheEncryptionToo() {
    server.answer(ok("x".repeat(1 << 20)));
    traffic.inLimit = 100_000;
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(() -> get("a.example", "/", trusting))
        .satisfies(denied -> assertThat(denied.rule()).isEqualTo("limits.bytesIn"));
  }
}
