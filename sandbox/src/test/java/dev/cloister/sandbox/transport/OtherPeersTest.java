package dev.cloister.sandbox.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.crypto.identity.TransportPin;
import dev.cloister.sandbox.session.CellChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Future;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both sides against the JDK's sockets and OpenSSL, which have keys of their own. */
@RequiresProgram("openssl")
final class OtherPeersTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final String PASSWORD = "changeit";
  private static final String SAID = "there and back\n";

  private final Ends ends = new Ends();
  private final List<Process> processes = new ArrayList<>();

  @TempDir Path directory;

  @BeforeEach
  void makeTheOthersKey() throws Exception {
    openssl("genpkey -algorithm ed25519 -out key");
    openssl("req -x509 -new -key key -out certificate -subj /CN=anything -days 1");
    openssl("pkey -in key -pubout -outform DER -out public");
    openssl("pkcs12 -export -inkey key -in certificate -out store -passout pass:" + PASSWORD);
  }

  @AfterEach
  void end() throws InterruptedException {
    for (var process : processes) {
      process.destroyForcibly().waitFor();
    }
    ends.close();
  }

  private void openssl(String arguments) throws IOException, InterruptedException {
    var process = started(arguments);
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private Process started(String arguments) throws IOException {
    var process =
        new ProcessBuilder(("openssl " + arguments).split(" ", -1))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    processes.add(process);
    return process;
  }

  private TransportPin othersPin() throws IOException, GeneralSecurityException {
    var key = Files.readAllBytes(directory.resolve("public"));
    return new TransportPin(
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key)));
  }

  /** The JDK's sockets as anybody sets them up who takes whatever certificate comes. */
  private SSLContext othersContext() throws IOException, GeneralSecurityException {
    var store = KeyStore.getInstance(directory.resolve("store").toFile(), PASSWORD.toCharArray());
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), new TrustManager[] {new Credulous()}, new SecureRandom());
    return context;
  }

  private static final class Credulous implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** Has a node of ours give back what it is sent, to one client. */
  private Future<Boolean> echoing(ServerSocket listening) {
    return ends.executor.submit(() -> {
      try (var channel = ends.accept(new BlockingEnd(listening.accept()))) {
        var bytes = ByteBuffer.allocate(SAID.length());
        var count = 0;
        while (count >= 0 && bytes.hasRemaining()) {
          count = channel.read(bytes);
        }
        channel.write(bytes.flip());
        return channel.read(ByteBuffer.allocate(1)) < 0;
      }
    });
  }

  private static String carriedBack(CellChannel channel) throws IOException {
    channel.write(ByteBuffer.wrap(SAID.getBytes(StandardCharsets.UTF_8)));
    var answer = ByteBuffer.allocate(SAID.length());
    while (answer.hasRemaining() && channel.read(answer) >= 0) {
      assertThat(answer.position()).isPositive();
    }
    return StandardCharsets.UTF_8.decode(answer.flip()).toString();
  }

  @Test
  void aSocketOfTheJdkIsServed() throws Exception {
    try (var listening = new ServerSocket(0, 1, LOOPBACK)) {
      var echo = echoing(listening);
      var sockets = othersContext().getSocketFactory();
      try (var socket = sockets.createSocket(LOOPBACK, listening.getLocalPort())) {
        socket.getOutputStream().write(SAID.getBytes(StandardCharsets.UTF_8));
        assertThat(socket.getInputStream().readNBytes(SAID.length())).asString().isEqualTo(SAID);
      }
      assertThat(Ends.got(echo)).isTrue();
    }
  }

  @Test
  void aServerOfTheJdkWithThePinIsTaken() throws Exception {
    var sockets = othersContext().getServerSocketFactory();
    try (var listening = sockets.createServerSocket(0, 1, LOOPBACK)) {
      var echo =
          ends.executor.submit(() -> {
            try (var socket = (SSLSocket) listening.accept()) {
              socket.getOutputStream().write(socket.getInputStream().readNBytes(SAID.length()));
              return socket.getInputStream().read() < 0;
            }
          });
      try (var channel = ends.connect(to(listening.getLocalPort()), othersPin())) {
        assertThat(carriedBack(channel)).isEqualTo(SAID);
      }
      assertThat(Ends.got(echo)).isTrue();
    }
  }

  private static BlockingEnd to(int port) throws IOException {
    return new BlockingEnd(new Socket(LOOPBACK, port));
  }

  /** Starts OpenSSL's server, which gives back each line with its letters turned around. */
  private int opensslServer() throws IOException {
    var server = started("s_server -accept 127.0.0.1:0 -key key -cert certificate -rev -naccept 1");
    var said = new BufferedReader(server.inputReader(StandardCharsets.UTF_8));
    for (var line = said.readLine(); line != null; line = said.readLine()) {
      if (line.startsWith("ACCEPT")) {
        return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
      }
    }
    throw new AssertionError("openssl s_server did not start");
  }

  @Test
  void opensslsServerWithThePinIsTaken() throws Exception {
    try (var channel = ends.connect(to(opensslServer()), othersPin())) {
      assertThat(carriedBack(channel).strip())
          .isEqualTo(new StringBuilder(SAID.strip()).reverse().toString());
    }
  }

  @Test
  void opensslsServerWithAnotherPinIsRefused() throws IOException {
    var server = to(opensslServer());
    assertThatThrownBy(() -> ends.connect(server)).isInstanceOf(SSLHandshakeException.class);
  }

  private String opensslClient(ServerSocket listening, String options) throws IOException {
    var client =
        started(
            "s_client -connect 127.0.0.1:%d -msg %s".formatted(listening.getLocalPort(), options));
    client.getOutputStream().write(SAID.getBytes(StandardCharsets.UTF_8));
    client.getOutputStream().flush();
    var said = new StringBuilder();
    var lines =
        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      said.append(line).append('\n');
      if (line.equals(SAID.strip())) {
        client.getOutputStream().close();
      }
    }
    return said.toString();
  }

  @Test
  void opensslsClientIsServedAndGetsNoTicket() throws IOException {
    try (var listening = new ServerSocket(0, 1, LOOPBACK)) {
      var echo = echoing(listening);
      assertThat(opensslClient(listening, "-tls1_3"))
          .contains("Cipher is TLS_AES_256_GCM_SHA384", "X25519", SAID)
          .contains("<<< TLS 1.3, Handshake [length 0034], Finished")
          .doesNotContain("NewSessionTicket");
      assertThat(Ends.got(echo)).isTrue();
    }
  }

  @Test
  void opensslsClientWithAnOlderProtocolIsRefused() throws IOException {
    try (var listening = new ServerSocket(0, 1, LOOPBACK)) {
      var echo = echoing(listening);
      assertThat(opensslClient(listening, "-tls1_2")).contains("alert protocol version");
      assertThatThrownBy(() -> Ends.got(echo)).isInstanceOf(SSLException.class);
    }
  }
}
