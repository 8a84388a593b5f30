package dev.cloister.sandbox.confine;

import static dev.cloister.core.internal.os.FilterProgram.ALLOW;
import static dev.cloister.core.internal.os.FilterProgram.ENOSYS;
import static dev.cloister.core.internal.os.FilterProgram.EPERM;
import static dev.cloister.core.internal.os.FilterProgram.TELL_LISTENER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.internal.os.Architecture;
import dev.cloister.core.internal.os.SystemCalls;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The programs, run by a machine that does what the kernel's does. */
final class FilterCompilerTest {
  /** Calls whose verdict hangs on their arguments; all zero is what the rest is tried with. */
  private static final Set<String> WITH_RULES =
      Set.of(
          "clone",
          "fcntl",
          "fork",
          "ioctl",
          "prctl",
          "prlimit64",
          "setsockopt",
          "socketpair",
          "vfork");

  private static final SystemCallFilter PYTHON =
      SystemCallFilter.allowing(ImageSystemCalls.python3());

  private static BpfMachine machine(
      SystemCallFilter filter, Architecture architecture, Launch launch, boolean listening) {
    var calls = SystemCalls.of(architecture);
    return new BpfMachine(new FilterCompiler(filter, calls, launch, listening).compile().bytes());
  }

  @ParameterizedTest
  @EnumSource
  void everyNumberIsAllowedExactlyWhenItsNameIsListed(Architecture architecture) {
    var machine = machine(PYTHON, architecture, Launch.DIRECT, true);
    var calls = SystemCalls.of(architecture);
    for (var number = 0; number < 1024; number++) {
      var name = calls.name(architecture.auditNumber(), number);
      if (WITH_RULES.contains(name)) {
        continue;
      }
      var expected =
          name.equals("clone3") ? ENOSYS : PYTHON.allowed().contains(name) ? ALLOW : TELL_LISTENER;
      assertThat(machine.run(architecture.auditNumber(), number)).as(name).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void numbersOfAnotherArchitectureOrX32AreRefused(Architecture architecture) {
    var machine = machine(PYTHON, architecture, Launch.DIRECT, false);
    for (var number = 0; number < 1024; number++) {
      assertThat(machine.run(0x40000003, number)).isEqualTo(EPERM);
      assertThat(machine.run(architecture.auditNumber(), number | 0x40000000)).isEqualTo(EPERM);
      assertThat(machine.run(architecture.auditNumber(), number | 0x80000000)).isEqualTo(EPERM);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // A thread, as the C library makes it; then with a namespace, with another parent; a process.
    "clone,0x3d0f00,0,true",
    "clone,0x103d0f00,0,false",
    "clone,0x3d8f00,0,false",
    "clone,0x11,0,false",
    "clone,0x4111,0,false",
    "clone,0x10000,0,false",
    "socketpair,1,1,true",
    "socketpair,1,0x80801,true",
    "socketpair,1,2,false",
    "socketpair,2,1,false",
    "ioctl,0,0x5401,true",
    "ioctl,0,0x5412,false",
    "ioctl,0,0x100005412,false",
    "ioctl,0,0x541c,false",
    "fcntl,0,1,true",
    "fcntl,0,8,false",
    "fcntl,0,1031,false",
    "prctl,15,0,true",
    "prctl,1,9,true",
    "prctl,1,0,false",
    "prctl,4,1,false",
    "prctl,22,2,false",
    "prctl,8,1,false",
    "prlimit64,0,0,true",
    "prlimit64,1,0,false",
  })
  void argumentsDecide(String name, String first, String second, boolean allowed) {
    for (var architecture : Architecture.values()) {
      var machine = machine(PYTHON, architecture, Launch.DIRECT, true);
      var number = SystemCalls.of(architecture).number(name).orElseThrow();
      var verdict =
          machine.run(architecture.auditNumber(), number, Long.decode(first), Long.decode(second));
      assertThat(verdict).isEqualTo(allowed ? ALLOW : TELL_LISTENER);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0x11,true",
    "0x4111,true",
    "0x10000011,false",
    "0x40000011,false",
    "0x8011,false",
  })
  void whereForksAreAllowedTheyGetNoNamespaceAndNoOtherParent(String flags, boolean allowed) {
    var machine = machine(PYTHON.withForks(), Architecture.X86_64, Launch.DIRECT, true);
    assertThat(machine.run(Architecture.X86_64.auditNumber(), 56, Long.decode(flags)))
        .isEqualTo(allowed ? ALLOW : TELL_LISTENER);
  }

  @Test
  void aSocketIsOfTheUnixFamilyOrNone() {
    var filter = SystemCallFilter.allowing(List.of("socket", "personality"));
    var machine = machine(filter, Architecture.X86_64, Launch.DIRECT, true);
    var audit = Architecture.X86_64.auditNumber();
    assertThat(machine.run(audit, 41, 1)).isEqualTo(ALLOW);
    for (var family : List.of(0, 2, 10, 16, 17, 40)) {
      assertThat(machine.run(audit, 41, family)).isEqualTo(TELL_LISTENER);
    }
    assertThat(machine.run(audit, 135, 0xffffffffL)).isEqualTo(ALLOW);
    assertThat(machine.run(audit, 135, 0x40000)).isEqualTo(TELL_LISTENER);
  }

  @ParameterizedTest
  @CsvSource({
    // Family, type with flags, protocol.
    "2,1,0,true",
    "10,1,6,true",
    "2,0x80801,6,true",
    "1,1,0,false",
    "2,2,0,false",
    "2,3,6,false",
    "10,2,17,false",
    // SCTP; multipath TCP, whose connections the rules would not see whole.
    "2,1,132,false",
    "2,1,262,false",
    "16,3,0,false",
    "17,3,0,false",
    "40,1,0,false",
  })
  void withInternetASocketIsOneOfTcpOrNone(
      String family, String type, String protocol, boolean allowed) {
    var filter = SystemCallFilter.allowing(List.of("socket")).withInternet();
    var machine = machine(filter, Architecture.X86_64, Launch.DIRECT, true);
    var verdict =
        machine.run(
            Architecture.X86_64.auditNumber(),
            41,
            Long.decode(family),
            Long.decode(type),
            Long.decode(protocol));
    assertThat(verdict).isEqualTo(allowed ? ALLOW : TELL_LISTENER);
  }

  @ParameterizedTest
  @CsvSource({"1,1,0,true", "2,1,6,true", "10,1,0,true", "2,2,0,false", "16,3,0,false"})
  void withBothASocketIsOfTcpOrOfTheUnixFamily(
      long family, long type, long protocol, boolean allowed) {
    var filter = SystemCallFilter.allowing(List.of("socket")).withInternetAndUnix();
    var machine = machine(filter, Architecture.X86_64, Launch.DIRECT, true);
    assertThat(machine.run(Architecture.X86_64.auditNumber(), 41, family, type, protocol))
        .isEqualTo(allowed ? ALLOW : TELL_LISTENER);
  }

  @ParameterizedTest
  @CsvSource({"1,9,true", "6,1,true", "1,36,false", "6,31,false", "0,64,false", "41,64,false"})
  void onlyHarmlessOptionsOfASocketCanBeSet(long level, long option, boolean allowed) {
    var filter = SystemCallFilter.allowing(List.of("setsockopt")).withInternet();
    var machine = machine(filter, Architecture.X86_64, Launch.DIRECT, true);
    assertThat(machine.run(Architecture.X86_64.auditNumber(), 54, 3, level, option))
        .isEqualTo(allowed ? ALLOW : TELL_LISTENER);
  }

  @Test
  void whatThePolicyDeniesIsOut() {
    var machine =
        machine(
            PYTHON.without(List.of("getrandom", "ptrace")),
            Architecture.X86_64,
            Launch.DIRECT,
            false);
    assertThat(machine.run(Architecture.X86_64.auditNumber(), 318)).isEqualTo(EPERM);
    assertThat(machine.run(Architecture.X86_64.auditNumber(), 0)).isEqualTo(ALLOW);
  }

  @Test
  void withoutAListenerWhatTheStartNeedsStaysAllowed() {
    var audit = Architecture.X86_64.auditNumber();
    var execve = 59;
    assertThat(machine(PYTHON, Architecture.X86_64, Launch.DIRECT, false).run(audit, execve))
        .isEqualTo(ALLOW);
    assertThat(machine(PYTHON, Architecture.X86_64, Launch.DIRECT, true).run(audit, execve))
        .isEqualTo(TELL_LISTENER);
  }

  @Test
  void theLongestJumpsLandWhereTheShortOnesDo() {
    // Every second call: no two neighbours agree, so the tree is as large as it gets.
    var calls = SystemCalls.of(Architecture.X86_64);
    var listed =
        java.util.stream.IntStream.range(0, 335)
            .filter(number -> number % 2 == 0)
            .mapToObj(number -> calls.name(Architecture.X86_64.auditNumber(), number))
            .filter(name -> !WITH_RULES.contains(name))
            .filter(calls::isKnown)
            .toList();
    var filter = SystemCallFilter.allowing(listed);
    var machine = machine(filter, Architecture.X86_64, Launch.DIRECT, true);
    for (var name : listed) {
      if (!Set.of("socket", "personality").contains(name)) {
        assertThat(machine.run(0xC000003E, calls.number(name).orElseThrow()))
            .as(name)
            .isEqualTo(ALLOW);
      }
    }
  }
}
