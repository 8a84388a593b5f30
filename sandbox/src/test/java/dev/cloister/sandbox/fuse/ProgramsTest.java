package dev.cloister.sandbox.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real programs find in a mount what they find in a plain directory. */
@RequiresProgram(
    value = {"python3", "tar", "cp", "dd", "sh"},
    root = true)
@Timeout(120)
final class ProgramsTest {
  @TempDir private Path directory;
  private Path root;
  private Path plain;
  private Served served;

  @BeforeEach
  void mount() throws IOException {
    root = Files.createDirectory(directory.resolve("root"));
    plain = Files.createDirectory(directory.resolve("plain"));
    served = Served.at(directory.resolve("mount"), root);
  }

  @AfterEach
  void unmount() throws IOException {
    served.close();
  }

  /** Runs a program to its end; what it says, and its exit. */
  private static String said(String... command) throws Exception {
    var process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(List.of(command) + " does not end");
    }
    return said + "exit " + process.exitValue();
  }

  @Test
  void everyCallOfPythonAnswersAsInAPlainDirectory() throws Exception {
    var script =
        Path.of(Objects.requireNonNull(ProgramsTest.class.getResource("calls.py")).toURI());
    var python = "/usr/bin/python3";
    var expected = said(python, script.toString(), plain.toString());
    assertThat(expected).endsWith("exit 0");
    assertThat(said(python, script.toString(), served.place.toString())).isEqualTo(expected);
    assertThat(served.mount.counts()).containsEntry(FuseCounter.FAILED, 0L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cp -a %1$s/. %2$s/copy",
        "tar -C %1$s -cf - . | (mkdir %2$s/copy && tar -C %2$s/copy -xpf -)",
        "cp -r %1$s %2$s/copy0 && mv %2$s/copy0 %2$s/copy && touch -r %1$s %2$s/copy",
      })
  void aTreeIsCopiedInAndOut(String command) throws Exception {
    grow(plain);
    assertThat(said("sh", "-c", command.formatted(plain, served.place))).isEqualTo("exit 0");
    assertThat(said("diff", "-r", "--no-dereference", plain.toString(), served.place + "/copy"))
        .isEqualTo("exit 0");
    var back = "cp -a " + served.place + "/copy " + directory + "/back";
    assertThat(said("sh", "-c", back)).isEqualTo("exit 0");
    assertThat(new Script(directory.resolve("back"), 0, true).all())
        .isEqualTo(new Script(plain, 0, true).all());
    assertThat(said("rm", "-r", served.place + "/copy")).isEqualTo("exit 0");
    assertThat(root).isEmptyDirectory();
  }

  private static void grow(Path top) {
    var script = new Script(top, 5, true);
    for (var step = 0; step < 400; step++) {
      script.step();
    }
  }

  @Test
  @RequiresProgram(value = "sqlite3", root = true)
  void aDatabaseIsWhole() throws Exception {
    var statements =
        "create table t(n integer primary key, text); begin;"
            + "with recursive c(n) as (select 1 union all select n + 1 from c where n < 20000)"
            + " insert into t select n, hex(randomblob(40)) from c; commit;"
            + "delete from t where n % 3 = 0; update t set text = 'x' where n % 5 = 0;"
            + "vacuum; pragma integrity_check; select count(*) from t;";
    assertThat(said("sqlite3", served.place.resolve("data").toString(), statements))
        .isEqualTo("ok\n13334\nexit 0");
    var wal = "pragma journal_mode = wal; insert into t values (1000000, 'y'); select 'done'";
    assertThat(said("sqlite3", served.place.resolve("data").toString(), wal))
        .isEqualTo("wal\ndone\nexit 0");
  }

  @Test
  void aLargeFileIsWhole() throws Exception {
    var made = directory.resolve("made");
    assertThat(said("dd", "if=/dev/urandom", "of=" + made, "bs=1M", "count=96", "status=none"))
        .isEqualTo("exit 0");
    var copied = "of=" + served.place.resolve("large");
    assertThat(said("dd", "if=" + made, copied, "bs=300k", "conv=fsync", "status=none"))
        .isEqualTo("exit 0");
    assertThat(Files.mismatch(made, root.resolve("large"))).isEqualTo(-1);
    assertThat(said("cmp", made.toString(), served.place.resolve("large").toString()))
        .isEqualTo("exit 0");
    var direct = "if=" + served.place.resolve("large");
    var again = directory.resolve("again");
    assertThat(said("dd", direct, "of=" + again, "bs=1M", "iflag=direct", "status=none"))
        .isEqualTo("exit 0");
    assertThat(Files.mismatch(made, again)).isEqualTo(-1);
  }
}
