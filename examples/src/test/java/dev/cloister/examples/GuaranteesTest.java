package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Document;
import dev.cloister.core.policy.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that may make no native call has no memory for its root secret, and cannot see what
 * becomes of core files: what it does for want of them.
 */
final class GuaranteesTest {
  private static final List<String> WITHOUT_NATIVE_ACCESS = List.of("--illegal-native-access=deny");

  @TempDir private Path directory;

  private Path output() {
    return directory.resolve("output");
  }

  private Run trace(String... options) throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of("--out=" + output()));
    arguments.addAll(List.of(options));
    return JavaChild.run(
        JavaChild.onModulePath(WITHOUT_NATIVE_ACCESS, "Trace", arguments.toArray(String[]::new)),
        directory);
  }

  private Node header() throws IOException {
    var line = Files.readAllLines(output().resolve("trace.jsonl")).getFirst();
    return Document.parse("header.json", line).root();
  }

  private List<String> waived() throws IOException {
    return header().required("waivers").items().stream()
        .map(waiver -> waiver.required("guarantee").text())
        .toList();
  }

  private String capture() throws IOException {
    return "--in=" + Shipped.capture();
  }

  @Test
  void eachLackIsALineThatSaysWhatToDoAndNothingIsLeft() throws Exception {
    var run = trace(capture());
    assertThat(run.exit()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    assertThat(run.errLines())
        .anyMatch(line ->
            line.startsWith("root-secret-protected is ABSENT (")
                && line.contains("--enable-native-access=dev.cloister.core"))
        .anyMatch(line -> line.startsWith("no-core-file is WEAKENED ("))
        .allMatch(line -> line.matches("[a-z-]+ is (WEAKENED|ABSENT) \\(.*\\): .+"));
    assertThat(output()).doesNotExist();
  }

  @Test
  void whatIsAcceptedByNameIsNoLackAndTheOthersStay() throws Exception {
    var run = trace(capture(), "--accept=no-core-file,heap-in-ram");
    assertThat(run.exit()).isEqualTo(3);
    assertThat(run.errLines()).singleElement().asString().startsWith("root-secret-protected is");
  }

  @Test
  void whatIsAcceptedStandsInTheHeaderWithItsReason() throws Exception {
    var run = trace(capture(), "--accept=no-core-file,heap-in-ram,root-secret-protected");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(waived())
        .contains("root-secret-protected", "no-core-file")
        .doesNotContain("nothing-raw-on-disk");
    assertThat(header().required("waivers").items())
        .allMatch(waiver -> waiver.required("reason").text().equals("accepted by --accept"));
    assertThat(header().required("mode").text()).isEqualTo("sealed");
  }

  @Test
  void allAcceptsAll() throws Exception {
    var run = trace(capture(), "--accept=all");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(waived()).contains("root-secret-protected", "no-core-file");
  }

  @Test
  void whatIsRequiredByNameIsRequiredWhateverElseIsAccepted() throws Exception {
    for (var options :
        List.of(
            List.of(capture(), "--require=no-core-file", "--accept=all"),
            List.of("--require=no-core-file"))) {
      var run = trace(options.toArray(String[]::new));
      assertThat(run.exit()).as(run.err()).isEqualTo(3);
      assertThat(run.errLines()).singleElement().asString().startsWith("no-core-file is");
    }
  }

  @Test
  void toRequireAndToAcceptTheSameIsABadOption() throws Exception {
    var run = trace(capture(), "--require=no-core-file", "--accept=no-core-file");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.errLines())
        .containsExactly("--accept no-core-file: --require names it too: leave one out");
  }

  @Test
  void theShippedCaptureIsTracedAnywayAndTheHeaderSaysSo() throws Exception {
    var run = trace();
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains("root-secret-protected    ABSENT");
    assertThat(waived()).contains("root-secret-protected", "no-core-file");
    var posture = Document.read(output().resolve("posture.json")).root();
    assertThat(posture.items().getFirst().required("state").text()).isEqualTo("ABSENT");
  }

  @Test
  void aLabNeedsNothingButWhatIsRequiredOfIt() throws Exception {
    assertThat(trace(capture(), "--lab").exit()).isZero();
    assertThat(header().required("mode").text()).isEqualTo("lab");
    var run = trace(capture(), "--lab", "--require=root-secret-protected");
    assertThat(run.exit()).isEqualTo(3);
    assertThat(run.errLines()).singleElement().asString().startsWith("root-secret-protected is");
  }
}
