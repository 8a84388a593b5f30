package dev.cloister.tor.onionproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Resource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.RuntimeLabel.Claim;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the runtime says of itself, before any function. */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
final class OnionProxyRuntimeTest {
  @TempDir private Path directory;

  private ProxiedCells cells() throws IOException {
    return new ProxiedCells(directory, List.of(), OnionProxyLimits.standard());
  }

  @Test
  void itsLabelSaysWhatItsGateCannotJudgeAndWhatItsTorReaches() throws IOException {
    try (var cells = cells()) {
      var label = cells.runtime().label();
      assertThat(label.name()).isEqualTo("onion-proxy");
      assertThat(label.withstands())
          .anyMatch(line -> line.contains("a gate before its own tor"))
          .anyMatch(line -> line.contains("the host's addresses and ports but one"));
      assertThat(label.fallsTo())
          .anyMatch(line -> line.startsWith("which address a name has"))
          .anyMatch(line -> line.contains("reaches what the host reaches by TCP"));
      assertThat(label.claims())
          .containsEntry(Resource.BYTES_IN, Claim.ENFORCED)
          .containsEntry(Resource.BYTES_OUT, Claim.ENFORCED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void itRunsImagesOfItsOneKind(Image.Kind kind) throws IOException {
    try (var cells = cells()) {
      assertThat(cells.runtime().runs(kind)).isEqualTo(kind == Image.Kind.PYTHON_OP);
    }
  }

  @Test
  void openingAndClosingLeavesNothing() throws Exception {
    var before = HostTraces.now(directory);
    cells().close();
    assertThat(HostTraces.now(directory)).isEqualTo(before);
    assertThat(directory.resolve("op")).doesNotExist();
  }
}
