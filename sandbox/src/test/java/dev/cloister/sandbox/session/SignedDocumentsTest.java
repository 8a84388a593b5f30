package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Ed25519;
import dev.cloister.core.PolicyRejected;
import dev.cloister.core.policy.DetachedSignature;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies and manifests arrive with the signatures that their authors made. */
final class SignedDocumentsTest {
  private static final String OTHER_KEY = "ab".repeat(32);

  private final KeyPair keys = keys();

  @TempDir private Path directory;

  private static KeyPair keys() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private String key() {
    return Ed25519.hex(keys.getPublic());
  }

  private Path signed(String name, String text) throws IOException {
    var file = Files.writeString(directory.resolve(name), text);
    DetachedSignature.sign(file, keys.getPrivate());
    return file;
  }

  private Node node(NodePolicy policy) throws IOException {
    return new Node(
        directory.resolve("cells"), policy, (_, api) -> api.send("ran".getBytes(UTF_8)));
  }

  private NodePolicy signedPolicy() throws IOException {
    return NodePolicy.load(signed("policy.yaml", Node.POLICY), key());
  }

  @Test
  void aPolicyArrivesSigned() throws IOException {
    try (var node = node(signedPolicy())) {
      assertThat(node.client().policySigner(key()).policy().signer()).contains(key());
      assertThat(node.client().policy().signer()).contains(key());
    }
  }

  @Test
  void aPolicyOfAnotherSignerIsRefused() throws IOException {
    try (var node = node(signedPolicy())) {
      assertThatExceptionOfType(PolicyRejected.class)
          .isThrownBy(() -> node.client().policySigner(OTHER_KEY).admit(Node.manifest()))
          .withMessageContaining(OTHER_KEY);
    }
  }

  @Test
  void soIsOneThatIsNotSigned() throws IOException {
    try (var node = node(NodePolicy.parse("policy.yaml", Node.POLICY))) {
      assertThatExceptionOfType(PolicyRejected.class)
          .isThrownBy(() -> node.client().policySigner(OTHER_KEY).policy())
          .withMessageContaining("not signed");
    }
  }

  @Test
  void aSignedManifestStartsACell() throws IOException {
    var text = new String(Node.manifest().document().bytes(), UTF_8) + "signature: " + key() + "\n";
    var manifest = Manifest.load(signed("manifest.yaml", text));
    try (var node = node(signedPolicy());
        var cell = node.client().admit(manifest).start()) {
      cell.load(Node.CODE, new byte[0]);
      assertThat(cell.receive(Node.LONG).orElseThrow().bytes()).asString(UTF_8).isEqualTo("ran");
    }
  }

  @Test
  void aManifestInJsonArrivesAsJson() throws IOException {
    var yaml = Node.manifest();
    var json =
        "{\"name\": \"test\", \"codeDigest\": \"%s\", \"image\": \"java\", \"api\": [\"send\"]}"
            .formatted(yaml.codeDigest());
    try (var node = node(signedPolicy());
        var cell = node.client().admit(Manifest.parse("manifest.json", json)).start()) {
      cell.load(Node.CODE, new byte[0]);
      assertThat(cell.receive(Node.LONG)).isPresent();
    }
  }
}
