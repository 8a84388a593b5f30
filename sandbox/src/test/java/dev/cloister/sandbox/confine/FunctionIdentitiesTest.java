package dev.cloister.sandbox.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.Denied;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FunctionIdentitiesTest {
  @TempDir private Path processes;

  private void process(int pid, int real, int effective) throws IOException {
    var directory = Files.createDirectory(processes.resolve(Integer.toString(pid)));
    Files.writeString(
        directory.resolve("status"),
        "Name:\tx\nUid:\t%d\t%d\t0\t0\nGid:\t0\t0\t0\t0\n".formatted(real, effective));
  }

  @Test
  void anIdIsLentToOneAtATimeAndComesBack() {
    var lender = new FunctionIdentities(5000, 2, processes, _ -> false);
    var one = lender.lend();
    var two = lender.lend();
    assertThat(List.of(one.id(), two.id())).containsExactlyInAnyOrder(5000, 5001);
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(lender::lend)
        .withMessageContaining("5000 to 5001");
    one.close();
    assertThat(lender.lend().id()).isEqualTo(one.id());
  }

  @Test
  void anIdThatAProcessHasIsPassedOver() throws IOException {
    process(1, 5000, 0);
    process(2, 0, 5002);
    Files.createDirectory(processes.resolve("3"));
    Files.createDirectory(processes.resolve("self"));
    Files.delete(processes.resolve("3"));
    var lender = new FunctionIdentities(5000, 3, processes, _ -> false);
    assertThat(lender.lend().id()).isEqualTo(5001);
    assertThatExceptionOfType(Denied.class).isThrownBy(lender::lend);
  }

  @Test
  void anIdThatAProcessTookSinceTheFirstLookIsPassedOver() {
    var taken = new HashSet<Integer>();
    var lender = new FunctionIdentities(5000, 2, processes, taken::contains);
    var first = lender.lend().id();
    taken.add(first == 5000 ? 5001 : 5000);
    assertThatExceptionOfType(Denied.class).isThrownBy(lender::lend);
  }

  @Test
  void anIdThatWasInUseAtTheFirstLookIsLentOnceItIsFree() throws IOException {
    process(1, 0, 5000);
    var lender = new FunctionIdentities(5000, 2, processes, _ -> false);
    assertThat(lender.lend().id()).isEqualTo(5001);
    Files.delete(processes.resolve("1/status"));
    Files.delete(processes.resolve("1"));
    assertThat(lender.lend().id()).isEqualTo(5000);
  }

  @Test
  @RequiresProgram(value = "python3", root = true)
  void anIdThatAProcessHasIsNotLentAgain() throws IOException {
    var id = 1_000_007;
    var lender = FunctionIdentities.range(id, 1);
    lender.lend().close();
    var script = "import os; os.setuid(%d); print('ready', flush=True); input()".formatted(id);
    var process = new ProcessBuilder("/usr/bin/python3", "-I", "-S", "-c", script).start();
    try {
      assertThat(process.getInputStream().read()).isEqualTo('r');
      assertThatExceptionOfType(Denied.class).isThrownBy(lender::lend);
    } finally {
      process.destroyForcibly().onExit().join();
    }
    assertThat(lender.lend().id()).isEqualTo(id);
  }

  @Test
  void aRangeThatIsNoneIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> FunctionIdentities.range(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> FunctionIdentities.range(1, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FunctionIdentities.range(Integer.MAX_VALUE, 1));
  }
}
