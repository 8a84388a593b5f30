package dev.cloister.core.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.Ed25519;
import dev.cloister.core.PolicyRejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What must be signed is read only as its author left it. */
final class DetachedSignatureTest {
  private static final KeyPair AUTHOR = pair("Ed25519");
  private static final String KEY = Ed25519.hex(AUTHOR.getPublic());

  @TempDir private Path directory;
  private Path policy = Path.of("");

  private static KeyPair pair(String algorithm) {
    try {
      return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void sign() throws IOException {
    policy = Files.writeString(directory.resolve("node.yaml"), "version: 1\n");
    DetachedSignature.sign(policy, AUTHOR.getPrivate());
  }

  private void assertRefused(String key, String message) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> NodePolicy.load(policy, key))
        .withMessage(message);
  }

  @Test
  void aSignedPolicyIsReadAndNamesItsSigner() throws IOException {
    assertThat(NodePolicy.load(policy, KEY).signer()).contains(KEY);
    assertThat(NodePolicy.load(policy).signer()).isEmpty();
  }

  @Test
  void whatIsHandedOnIsWhatWasVerified() throws IOException {
    var document = NodePolicy.load(policy, KEY).document();
    var signature = document.signature().orElseThrow();
    assertThat(document.bytes()).isEqualTo(Files.readAllBytes(policy));
    assertThat(document.isJson()).isFalse();
    var read = Document.parse("there.yaml", document.bytes(), signature, KEY);
    assertThat(read.digest()).isEqualTo(document.digest());
    document.bytes()[0]++;
    signature[0]++;
    assertThat(document.bytes()).isEqualTo(read.bytes());
    assertThat(document.signature().orElseThrow()).isEqualTo(read.signature().orElseThrow());
    assertThat(NodePolicy.load(policy).document().signature()).isEmpty();
  }

  /** RFC 8032 says what 64 bytes are a signature; whoever has another tool can make the file. */
  @Test
  void theSignatureIsBase64OfTheSignedBytesInAFileBeside() throws IOException {
    var text = Files.readString(directory.resolve("node.yaml.sig"));
    assertThat(text).hasLineCount(1);
    var signature = Base64.getDecoder().decode(text.strip());
    assertThat(Ed25519.verifies(KEY, Files.readAllBytes(policy), signature)).isTrue();
    assertThat(Document.parse("p", Files.readAllBytes(policy), signature, KEY).signer())
        .contains(KEY);
  }

  @Test
  void oneChangedByteIsRefused() throws IOException {
    Files.writeString(policy, "version: 1 \n");
    assertRefused(
        KEY,
        "node.yaml: its signature is not one of key %s over these bytes: take it from its author"
                .formatted(KEY)
            + " again");
  }

  @Test
  void anotherKeyIsRefused() {
    var other = Ed25519.hex(pair("Ed25519").getPublic());
    assertRefused(
        other,
        "node.yaml: its signature is not one of key %s over these bytes: take it from its author"
                .formatted(other)
            + " again");
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> NodePolicy.load(policy, "no key"));
  }

  @Test
  void aSignatureThatIsNotThereOrNoneIsRefused() throws IOException {
    var signature = directory.resolve("node.yaml.sig");
    for (var text : new String[] {"", "!", "AAAA", "AAAA".repeat(100)}) {
      Files.writeString(signature, text);
      assertRefused(KEY, "node.yaml.sig: no signature: allowed is base64 of 64 bytes");
    }
    Files.delete(signature);
    assertRefused(KEY, "node.yaml.sig: not there: the document has to be signed");
  }

  @Test
  void keysOfAnotherKindAreRefused() {
    var other = pair("X25519");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ed25519.sign(other.getPrivate(), new byte[0]))
        .withMessageContaining("must be one of Ed25519");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ed25519.hex(other.getPublic()))
        .withMessageContaining("must be one of Ed25519");
  }

  private static String manifest(String signature) {
    return """
    name: echo
    codeDigest: %s
    image: python
    signature: %s
    """
        .formatted("0".repeat(64), signature);
  }

  @Test
  void aManifestThatNamesAKeyMustBeSignedByIt() throws IOException {
    var file = Files.writeString(directory.resolve("function.yaml"), manifest(KEY));
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Manifest.load(file))
        .withMessage("function.yaml.sig: not there: the document has to be signed");
    DetachedSignature.sign(file, pair("Ed25519").getPrivate());
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Manifest.load(file))
        .withMessageStartingWith("function.yaml: its signature is not one of key " + KEY);
    DetachedSignature.sign(file, AUTHOR.getPrivate());
    assertThat(Manifest.load(file).signer()).contains(KEY);
  }

  @Test
  void aManifestThatNamesAKeyIsNotTakenWithoutItsSignature() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> Manifest.parse("function.yaml", manifest(KEY)))
        .withMessage(
            "function.yaml:4 signature: %s: its signature was not given: read it from a file"
                .formatted(KEY));
    var signedByAnother = manifest("0".repeat(64)).getBytes(UTF_8);
    var signature = Ed25519.sign(AUTHOR.getPrivate(), signedByAnother);
    var document = Document.parse("function.yaml", signedByAnother, signature, KEY);
    assertThatExceptionOfType(PolicyRejected.class).isThrownBy(() -> Manifest.of(document));
  }

  @Test
  void aManifestWithoutASignatureNamesNobody() {
    assertThat(Manifest.parse("function.yaml", manifest("none")).signer()).isEmpty();
  }
}
