package dev.cloister.core.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.internal.os.FakeLibc;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.key.MemoryOver;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A machine made of files: proc(5) and cgroups(7) as a test writes them. */
final class ThisHostTest {
  private static final String NO_AREA = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
  private static final String ONE_AREA =
      NO_AREA + "/dev/zram0                              partition\t8388604\t\t0\t\t100\n";

  @TempDir private Path directory;
  private final FakeLibc libc = new FakeLibc();

  @BeforeEach
  void aMachineThatGuaranteesAll() throws IOException {
    proc("swaps", NO_AREA);
    proc("self/cgroup", "0::/user.slice/box.service\n");
    proc("sys/kernel/core_pattern", "core\n");
  }

  private void proc(String name, String content) throws IOException {
    write("proc/" + name, content);
  }

  private void cgroup(String name, String content) throws IOException {
    write("cgroup/" + name, content);
  }

  private void write(String name, String content) throws IOException {
    var file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private Finding found(Guarantee guarantee) {
    return found(guarantee, libc.system());
  }

  private Finding found(Guarantee guarantee, OperatingSystem system) {
    var host =
        new ThisHost(
            system,
            bytes -> MemoryOver.system(system, bytes),
            directory.resolve("proc"),
            directory.resolve("cgroup"));
    return host.probe().stream()
        .filter(finding -> finding.guarantee() == guarantee)
        .findFirst()
        .orElseThrow();
  }

  private static Finding heap(State state, String evidence) {
    return new Finding(Guarantee.HEAP_IN_RAM, state, evidence);
  }

  private static Finding core(State state, String evidence) {
    return new Finding(Guarantee.NO_CORE_FILE, state, evidence);
  }

  @Test
  void withoutSwapTheHeapStaysInRam() {
    assertThat(found(Guarantee.HEAP_IN_RAM))
        .isEqualTo(heap(State.ENFORCED, "/proc/swaps lists no area"));
  }

  @Test
  void withSwapItDoesNot() throws IOException {
    proc("swaps", ONE_AREA);
    assertThat(found(Guarantee.HEAP_IN_RAM))
        .isEqualTo(heap(State.ABSENT, "/proc/swaps lists /dev/zram0"));
  }

  @Test
  void aCgroupThatMayNotSwapKeepsItInRam() throws IOException {
    proc("swaps", ONE_AREA);
    cgroup("user.slice/box.service/memory.swap.max", "0\n");
    assertThat(found(Guarantee.HEAP_IN_RAM))
        .isEqualTo(heap(State.ENFORCED, "memory.swap.max of this cgroup is 0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"max\n", "4096\n", "00\n", "", "\n"})
  void aCgroupThatMaySwapALittleDoesNot(String limit) throws IOException {
    proc("swaps", ONE_AREA);
    cgroup("user.slice/box.service/memory.swap.max", limit);
    assertThat(found(Guarantee.HEAP_IN_RAM).state()).isEqualTo(State.ABSENT);
  }

  @Test
  void theLimitOfAnotherCgroupDoesNotCount() throws IOException {
    proc("swaps", ONE_AREA);
    cgroup("user.slice/other.service/memory.swap.max", "0\n");
    cgroup("memory.swap.max", "0\n");
    assertThat(found(Guarantee.HEAP_IN_RAM).state()).isEqualTo(State.ABSENT);
  }

  @Test
  void onAHostOfCgroupV1TheLimitIsNotRead() throws IOException {
    proc("swaps", ONE_AREA);
    proc("self/cgroup", "4:memory:/box\n1:cpu:/box\n");
    cgroup("box/memory.swap.max", "0\n");
    assertThat(found(Guarantee.HEAP_IN_RAM).state()).isEqualTo(State.ABSENT);
  }

  @Test
  void swapThatCannotBeObservedIsNoGuarantee() throws IOException {
    Files.delete(directory.resolve("proc/swaps"));
    var blind = found(Guarantee.HEAP_IN_RAM);
    assertThat(blind.state()).isEqualTo(State.ABSENT);
    assertThat(blind.evidence()).startsWith("swap cannot be observed: ").contains("swaps");

    proc("swaps", ONE_AREA);
    Files.delete(directory.resolve("proc/self/cgroup"));
    assertThat(found(Guarantee.HEAP_IN_RAM).state()).isEqualTo(State.ABSENT);
  }

  @Test
  void aLimitOfZeroLeavesNoCoreFile() {
    assertThat(found(Guarantee.NO_CORE_FILE))
        .isEqualTo(core(State.ENFORCED, "getrlimit(RLIMIT_CORE) is 0"));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "9223372036854775807,unlimited"})
  void anyOtherLimitLeavesOne(long limit, String said) {
    libc.coreLimit(limit);
    assertThat(found(Guarantee.NO_CORE_FILE))
        .isEqualTo(core(State.WEAKENED, "getrlimit(RLIMIT_CORE) is " + said));
  }

  @ParameterizedTest
  @ValueSource(strings = {"|/usr/lib/systemd/systemd-coredump %P\n", "@/run/coredump.socket\n"})
  void whatIsHandedToAProgramNoLimitStops(String pattern) throws IOException {
    proc("sys/kernel/core_pattern", pattern);
    assertThat(found(Guarantee.NO_CORE_FILE))
        .isEqualTo(
            core(State.WEAKENED, "core_pattern hands it to a program, which no limit stops"));
  }

  @Test
  void aProcessThatTheKernelNeverDumpsLeavesNoneWhateverElseIsSet() throws IOException {
    proc("sys/kernel/core_pattern", "|/bin/catch\n");
    libc.coreLimit(Long.MAX_VALUE).dumpable(0);
    assertThat(found(Guarantee.NO_CORE_FILE))
        .isEqualTo(core(State.ENFORCED, "prctl(PR_GET_DUMPABLE) is 0"));
    libc.dumpable(2);
    assertThat(found(Guarantee.NO_CORE_FILE).state()).isEqualTo(State.WEAKENED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"prctl", "getrlimit"})
  void aCoreFileThatCannotBeRuledOutIsNotRuledOut(String call) {
    libc.failing(call, 1);
    assertThat(found(Guarantee.NO_CORE_FILE))
        .isEqualTo(
            core(State.WEAKENED, "core files cannot be observed: " + call + " failed: EPERM"));
  }

  @Test
  void aPatternThatCannotBeReadRulesNothingOut() throws IOException {
    Files.delete(directory.resolve("proc/sys/kernel/core_pattern"));
    assertThat(found(Guarantee.NO_CORE_FILE).state()).isEqualTo(State.WEAKENED);
  }

  @Test
  void aSystemWithoutNativeCallsRulesNothingOut() {
    assertThat(found(Guarantee.NO_CORE_FILE, FakeLibc.none("not granted")))
        .isEqualTo(core(State.WEAKENED, "core files cannot be observed: not granted"));
  }

  @ParameterizedTest
  @CsvSource({
    "SECRET,ENFORCED,memfd_secret; pread of /proc/self/mem: EIO",
    "LOCKED,WEAKENED,'memfd_secret, yet pread of /proc/self/mem read it'",
  })
  void theRootSecretIsAsSafeAsItsMemory(
      SecretMemory.Protection protection, State state, String evidence) {
    if (protection == SecretMemory.Protection.SECRET) {
      libc.failing("pread", 5);
    }
    assertThat(found(Guarantee.ROOT_SECRET_PROTECTED))
        .isEqualTo(new Finding(Guarantee.ROOT_SECRET_PROTECTED, state, evidence));
    assertThat(libc.leaks()).isEmpty();
  }

  @Test
  void aRootSecretOnTheHeapIsNotProtected() {
    var finding = found(Guarantee.ROOT_SECRET_PROTECTED, FakeLibc.none("not granted"));
    assertThat(finding.state()).isEqualTo(State.ABSENT);
    assertThat(finding.evidence()).contains("not granted").endsWith("on the heap");
  }

  @Test
  void theMachineUnderThisTestTellsOfEachGuaranteeOnceAndNamesWhatItSaw() {
    assertThat(Host.thisOne().probe())
        .extracting(Finding::guarantee)
        .containsExactly(
            Guarantee.ROOT_SECRET_PROTECTED, Guarantee.HEAP_IN_RAM, Guarantee.NO_CORE_FILE);
    assertThat(Host.thisOne().probe())
        .allSatisfy(finding -> assertThat(finding.evidence()).isNotBlank())
        .noneMatch(finding -> finding.state() == State.SIMULATED);
  }
}
