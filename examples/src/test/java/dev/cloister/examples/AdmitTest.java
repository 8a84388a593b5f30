package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.policy.ApiCall;
import dev.cloister.core.policy.Document;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.Node;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.policy.Resource;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped policy and manifest say what they mean, and a script can tell yes from no. */
final class AdmitTest {
  private static final Path POLICY = Path.of("policies", "node.yaml");
  private static final Path MANIFEST = Path.of("policies", "function.yaml");

  @TempDir private Path directory;

  private static Run admit(Path policy, Path manifest) {
    return Run.of(new Admit(), "--policy=" + policy, "--manifest=" + manifest);
  }

  private Path edited(Path file, String old, String replacement) throws IOException {
    var text = Files.readString(file);
    assertThat(text).contains(old);
    return Files.writeString(directory.resolve(file.getFileName()), text.replace(old, replacement));
  }

  @Test
  void theShippedManifestIsAdmittedByTheShippedPolicy() {
    assertThat(admit(POLICY, MANIFEST)).isEqualTo(new Run(0, "yes\n", ""));
  }

  @Test
  void eachUnmetNeedHasALineWithTheRuleThatRefusedIt() throws IOException {
    var policy = edited(POLICY, "exit, fetch]", "exit]").toAbsolutePath();
    var manifest = edited(MANIFEST, "memoryBytes: 134217728", "memoryBytes: 9007199254740992");
    var run = admit(policy, manifest);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).isEmpty();
    assertThat(run.outLines())
        .hasSize(2)
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .matches(
                        "api fetch \\(function.yaml:\\d+ api\\[2]\\): refused by api: \\[receive,"
                            + " .*, exit] \\(node.yaml:\\d+ api\\)"),
            line ->
                assertThat(line)
                    .matches(
                        "limits memoryBytes 9007199254740992 \\(function.yaml:\\d+"
                            + " limits.memoryBytes\\): refused by perFunction.memoryBytes:"
                            + " 268435456 \\(node.yaml:\\d+ perFunction.memoryBytes\\)"));
  }

  @Test
  void aBadPolicyOrManifestIsOneLineAndExitTwo() throws IOException {
    var manifest = edited(MANIFEST, "limits:", "limit:");
    var run = admit(POLICY, manifest);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.errLines())
        .singleElement()
        .asString()
        .matches("function.yaml:\\d+ limit: unknown field \"limit\": allowed are .*");
    var policy = edited(POLICY, "accept *4:80", "accept *4:70000");
    assertThat(admit(policy, MANIFEST).errLines())
        .singleElement()
        .asString()
        .matches(
            "node.yaml:\\d+ network\\[8]: port 70000 in \"accept \\*4:70000\": allowed 1-65535");
  }

  @Test
  void aMissingFileOrOptionIsOneLineAndExitTwo() {
    var run = admit(POLICY, directory.resolve("none.yaml"));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.errLines()).singleElement().asString().endsWith("there is no such file");
    assertThat(Run.of(new Admit(), "--policy=" + POLICY).exit()).isEqualTo(2);
    assertThat(Run.of(new Admit(), "--help").out()).contains("--policy", "--manifest");
  }

  @Test
  void aManifestWhoseSignatureIsMissingIsNotRead() throws IOException {
    var manifest = edited(MANIFEST, "signature: none", "signature: " + "0".repeat(64));
    assertThat(admit(POLICY, manifest))
        .isEqualTo(new Run(2, "", "function.yaml.sig: not there: the document has to be signed\n"));
  }

  @Test
  void theShippedFilesHaveEveryField() throws IOException {
    var node = Document.read(POLICY).root();
    var function = Document.read(MANIFEST).root();
    var labels = Arrays.stream(Resource.values()).map(Resource::label).toList();
    for (var limits :
        new Node[] {
          node.required("perFunction"), node.required("total"), function.required("limits")
        }) {
      assertThat(limits.members().keySet()).containsExactlyElementsOf(labels);
    }
    assertThat(node.members())
        .containsOnlyKeys(
            "version",
            "validity",
            "images",
            "api",
            "network",
            "systemCalls",
            "perFunction",
            "total",
            "lifetime",
            "attestation");
    assertThat(function.members())
        .containsOnlyKeys("name", "codeDigest", "image", "api", "network", "limits", "signature");
    for (var call : ApiCall.values()) {
      assertThat(Files.readString(MANIFEST)).contains(call.label());
    }
  }

  @Test
  void theShippedManifestIsOfTheCodeInItsComment() throws IOException {
    var code =
        """
        import cell
        status, headers, body = cell.fetch(cell.receive(10).decode())
        cell.send(str(len(body)).encode())
        """;
    assertThat(Files.readString(MANIFEST)).contains("#   " + code.strip().replace("\n", "\n#   "));
    assertThat(Manifest.load(MANIFEST).codeDigest())
        .isEqualTo(Description.sha256Hex(code.getBytes(UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1", "10.0.0.1", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0",
        "100.100.100.200", "168.63.129.16", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1",
        "::", "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::1", "::7f00:1"
      })
  void theShippedPolicyKeepsFunctionsFromNetworksThatAreNotPublic(String address)
      throws IOException {
    var network = NodePolicy.load(POLICY).network();
    for (var port : new int[] {80, 443}) {
      assertThat(network.decide(InetAddress.ofLiteral(address), port).accepted()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "93.184.215.14, 80, true",
    "93.184.215.14, 443, true",
    "93.184.215.14, 22, false",
    "2606:2800:21f::1, 443, true",
    "2606:2800:21f::1, 25, false",
  })
  void theShippedPolicyLetsFunctionsFetchFromThePublicWebAlone(
      String address, int port, boolean accepted) throws IOException {
    var network = NodePolicy.load(POLICY).network();
    assertThat(network.decide(InetAddress.ofLiteral(address), port).accepted()).isEqualTo(accepted);
  }
}
