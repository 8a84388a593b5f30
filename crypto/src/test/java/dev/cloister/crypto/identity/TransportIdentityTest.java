package dev.cloister.crypto.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TransportIdentityTest {
  /** A ClientHello's random stands behind the record's and the message's heads and the version. */
  private static final int RANDOM_OFFSET = 5 + 4 + 2;

  private static final int RANDOM_BYTES = 32;
  private static final int SESSION_ID_OFFSET = RANDOM_OFFSET + RANDOM_BYTES;

  private final SecretMemory memory = SecretMemory.onHeap(4096);
  private final TransportIdentity node = TransportIdentity.bornIn(memory);

  @AfterEach
  void close() {
    memory.close();
  }

  private EnginePair connected() throws SSLException {
    return new EnginePair(node.pin().connecting(), node.accepting()).shakeHands();
  }

  private static X509Certificate certificate(EnginePair pair) throws SSLException {
    return (X509Certificate) pair.client.getSession().getPeerCertificates()[0];
  }

  @Test
  void aClientWithTheNodesPinIsConnected() throws SSLException {
    var pair = connected();
    assertThat(pair.isDone()).isTrue();
    assertThat(EnginePair.carry(pair.client, pair.server, "asked")).isEqualTo("asked");
    assertThat(EnginePair.carry(pair.server, pair.client, "answered")).isEqualTo("answered");
  }

  @Test
  void allConnectionsAreOfOneProtocolAndOneCipher() throws SSLException {
    var session = connected().client.getSession();
    assertThat(session.getProtocol()).isEqualTo("TLSv1.3");
    assertThat(session.getCipherSuite()).isEqualTo("TLS_AES_256_GCM_SHA384");
  }

  @Test
  void anotherNodesKeyIsRefusedByNameOfBothPins() {
    var other = TransportIdentity.bornIn(memory);
    var pair = new EnginePair(other.pin().connecting(), node.accepting());
    assertThatThrownBy(pair::shakeHands)
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining(node.pin().hex())
        .hasMessageContaining("allowed is " + other.pin().hex());
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.1", "TLSv1.2"})
  void olderProtocolsAreRefused(String protocol) throws Exception {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new PinnedTrust(node.pin())}, null);
    var client = context.createSSLEngine();
    client.setUseClientMode(true);
    client.setEnabledProtocols(new String[] {protocol});
    var pair = new EnginePair(client, node.accepting());
    assertThatThrownBy(pair::shakeHands).isInstanceOf(SSLException.class);
    assertThat(pair.fromServer).isEmpty();
  }

  /** A refusing node would tell that it is one, so the client must look like any other. */
  @Test
  void clientsDifferInNothingButWhatIsRandom() throws SSLException {
    var first = hello(node.pin().connecting());
    var second = hello(TransportIdentity.bornIn(memory).pin().connecting());
    assertThat(blanked(first)).isEqualTo(blanked(second));
  }

  private byte[] hello(SSLEngine client) throws SSLException {
    var pair = new EnginePair(client, node.accepting());
    try {
      pair.shakeHands();
    } catch (SSLHandshakeException _) {
      // Of another node: its first record is all that is looked at.
    }
    return pair.fromClient.getFirst();
  }

  /** Overwrites the random, the session's identifier, and the key share at the end. */
  private static byte[] blanked(byte[] hello) {
    var blank = hello.clone();
    Arrays.fill(blank, RANDOM_OFFSET, SESSION_ID_OFFSET, (byte) 0);
    Arrays.fill(blank, SESSION_ID_OFFSET + 1, SESSION_ID_OFFSET + 1 + 32, (byte) 0);
    Arrays.fill(blank, keyShare(blank), keyShare(blank) + 32, (byte) 0);
    return blank;
  }

  /** Finds x25519's share by its frame: the group's number, and a length of 32. */
  private static int keyShare(byte[] hello) {
    var at = HexFormat.of().formatHex(hello).indexOf("001d0020");
    assertThat(at).isPositive();
    return at / 2 + 4;
  }

  @Test
  void noTwoConnectionsShareARandomOrASessionOrAShare() throws SSLException {
    var randoms = new HashSet<String>();
    var sessions = new HashSet<String>();
    var shares = new HashSet<String>();
    var client = node.pin();
    for (var i = 0; i < 20; i++) {
      var pair = new EnginePair(client.connecting(), node.accepting()).shakeHands();
      var hello = pair.fromClient.getFirst();
      var hex = HexFormat.of();
      randoms.add(hex.formatHex(hello, RANDOM_OFFSET, SESSION_ID_OFFSET));
      sessions.add(hex.formatHex(hello, SESSION_ID_OFFSET + 1, SESSION_ID_OFFSET + 33));
      shares.add(hex.formatHex(hello, keyShare(hello), keyShare(hello) + 32));
      assertThat(hex.formatHex(hello)).as("pre_shared_key, 41").doesNotContain("0029007");
    }
    assertThat(List.of(randoms, sessions, shares)).allMatch(seen -> seen.size() == 20);
  }

  /** The JDK would send one by itself after the client's last word. */
  @Test
  void aNodeHandsOutNoTicket() throws SSLException {
    assertThat(connected().endedWithTheClient()).isTrue();
  }

  @Test
  void theCertificateTellsNothingButTheKey() throws SSLException {
    var one = certificate(connected());
    var other = TransportIdentity.bornIn(memory);
    var two = certificate(new EnginePair(other.pin().connecting(), other.accepting()).shakeHands());
    assertThat(one.getPublicKey()).isNotEqualTo(two.getPublicKey());
    assertThat(List.of(one.getSerialNumber(), one.getIssuerX500Principal(), one.getNotAfter()))
        .isEqualTo(List.of(two.getSerialNumber(), two.getIssuerX500Principal(), two.getNotAfter()));
    assertThat(one.getSubjectX500Principal()).hasToString("CN=node");
    assertThat(one.getCriticalExtensionOIDs()).isNull();
    assertThat(one.getNonCriticalExtensionOIDs()).isNull();
  }

  @Test
  @RequiresProgram("openssl")
  void opensslReadsTheCertificateAndCountsThePinAlike(@TempDir Path directory) throws Exception {
    var file = directory.resolve("node.der");
    Files.write(file, certificate(connected()).getEncoded());
    var pem = directory.resolve("node.pem").toString();
    run("openssl", "x509", "-inform", "DER", "-in", file.toString(), "-out", pem);
    assertThat(run("openssl", "verify", "-check_ss_sig", "-CAfile", pem, pem)).endsWith("OK");
    var key = directory.resolve("key.der");
    run(
        "sh",
        "-c",
        "openssl x509 -in %s -pubkey -noout | openssl pkey -pubin -outform DER -out %s"
            .formatted(pem, key));
    assertThat(run("openssl", "dgst", "-sha256", key.toString())).endsWith(node.pin().hex());
  }

  private static String run(String... command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  @Test
  void aClosedIdentityAcceptsNobody() {
    var accepting = node.accepting();
    node.close();
    node.close();
    var pair = new EnginePair(node.pin().connecting(), accepting);
    assertThatThrownBy(pair::shakeHands).isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void textsTellNoKey() {
    assertThat(node).hasToString("TransportIdentity[" + node.pin().hex() + "]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef ",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg"
      })
  void whatIsNoPinIsRefused(String text) {
    assertThatThrownBy(() -> new TransportPin(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be 64 of 0-9 and a-f");
  }
}
