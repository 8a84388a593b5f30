package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions of this process, on a machine that has no program for them. */
final class WasmCellsTest {
  /** A module that exits with 3 by WASI's {@code proc_exit}. */
  private static final String EXITS_WITH_3 =
      "0061736d0100000001080260017f0060000002240116776173695f736e617073"
          + "686f745f70726576696577310970726f635f6578697400000302010105030100"
          + "01071302066d656d6f72790200065f737461727400010a08010600410310000b";

  @TempDir private Path directory;

  private Run cells(String image, byte[] code, String... input) throws IOException {
    var file = Files.write(directory.resolve("function"), code);
    var arguments = new String[3 + input.length];
    arguments[0] = "--runtime=wasm";
    arguments[1] = "--image=" + image;
    arguments[2] = "--code=" + file;
    System.arraycopy(input, 0, arguments, 3, input.length);
    return Run.of(new Cells(), arguments);
  }

  @Test
  void aScriptSendsWhatItReceived() throws IOException {
    var input = Files.writeString(directory.resolve("input"), "some words");
    var script = "cell.send(cell.receive(5).map(c => c == 32 ? 32 : c - 32));";
    var run = cells("javascript", script.getBytes(UTF_8), "--input=" + input);
    assertThat(run.out()).isEqualTo("SOME WORDS");
    assertThat(run.exit()).isZero();
  }

  @Test
  void aModuleRunsAndItsEndIsReported() throws IOException {
    var run = cells("webassembly", HexFormat.of().parseHex(EXITS_WITH_3));
    assertThat(run.errLines().getLast()).startsWith("{\"reason\":\"exited\",\"exitCode\":3,");
    assertThat(run.exit()).isEqualTo(1);
  }
}
