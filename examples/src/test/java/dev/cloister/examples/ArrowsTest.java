package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.lang.module.ModuleDescriptor.Requires;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which room and which package may know which: the arrows of the design, and no other. */
final class ArrowsTest {
  private static final Map<String, Set<String>> MODULES =
      Map.of(
          "core", Set.of(),
          "crypto", Set.of("core"),
          "sandbox", Set.of("core", "crypto"),
          "tracing", Set.of("core", "crypto"),
          "tor", Set.of("core", "crypto", "sandbox"));

  /** Each package, and what it may know besides the JDK and libraries. */
  private static final Map<String, Set<String>> PACKAGES =
      table(
          """
          core:
          core.internal: core
          core.internal.os: core
          core.ledger: core
          core.policy: core
          core.posture: core
          core.key: core, core.internal.os
          core.token: core, core.key, core.ledger
          core.gate: core, core.key, core.ledger, core.posture
          core.process: core, core.internal.os, core.key, core.posture
          core.context: core, core.gate, core.internal, core.key, core.ledger, core.posture, core.process
          core.testing: core, core.context, core.gate, core.internal, core.key, core.ledger, core.posture, core.process
          crypto.identity: core, core.key
          crypto.pseudonym: core, core.key
          crypto.storage: core, core.gate, core.internal, core.key, core.ledger, core.posture
          crypto.testing: core, core.gate, core.key, core.ledger, crypto.storage
          sandbox.internal:
          sandbox.vaultfs: core, core.gate, core.internal, core.key, core.posture, sandbox.internal
          sandbox.image: core, core.internal, core.policy
          sandbox.runtime: core, core.policy, sandbox.image
          sandbox.guest: core, core.internal, core.ledger, sandbox.runtime
          sandbox.confine: core, core.internal.os
          sandbox.cgroup: core, core.internal, core.internal.os, sandbox.internal
          sandbox.firewall: core.internal, core.policy, sandbox.internal
          sandbox.fuse: core, core.internal, core.internal.os, core.ledger, sandbox.internal
          sandbox.runtime.spawned: core, core.internal, core.internal.os, core.policy, sandbox.cgroup, sandbox.confine, sandbox.firewall, sandbox.guest, sandbox.image, sandbox.runtime
          sandbox.runtime.process: core, core.policy, sandbox.cgroup, sandbox.confine, sandbox.image, sandbox.runtime, sandbox.runtime.spawned
          sandbox.runtime.container: core, core.internal, core.internal.os, core.policy, sandbox.cgroup, sandbox.confine, sandbox.firewall, sandbox.image, sandbox.runtime, sandbox.runtime.spawned
          sandbox.runtime.wasm: core.policy, sandbox.guest, sandbox.image, sandbox.runtime
          sandbox.host: core, core.context, core.gate, core.internal, core.key, core.ledger, core.policy, core.posture, core.process, core.token, sandbox.fuse, sandbox.image, sandbox.runtime, sandbox.vaultfs
          sandbox.session: core, core.gate, core.internal, core.key, core.ledger, core.policy, core.token, sandbox.host, sandbox.runtime
          sandbox.transport: core, core.internal, crypto.identity, sandbox.session
          sandbox.testing: core, core.key, core.policy, sandbox.image, sandbox.runtime, sandbox.session, sandbox.vaultfs
          tracing: core.ledger
          tracing.capture: core, core.gate, core.internal.os, core.ledger, core.posture, tracing
          tracing.packet: tracing.capture
          tracing.flow: tracing.packet
          tracing.record: core, core.gate, core.ledger, tracing.flow
          tracing.internal: tracing.record
          tracing.http: core.ledger, tracing, tracing.flow, tracing.internal, tracing.record
          tracing.anonymize: core, core.gate, core.key, core.policy, core.posture, crypto.pseudonym, tracing.internal, tracing.record
          tracing.sink: core, core.gate, core.internal, core.ledger
          tracing.testing: core, core.gate, core.ledger, tracing, tracing.capture, tracing.flow, tracing.record
          tracing.tracer: core, core.context, core.gate, core.ledger, crypto.storage, tracing, tracing.capture, tracing.flow, tracing.internal, tracing.packet, tracing.record
          tor: core, core.key, core.policy, crypto.identity
          tor.client: core, core.internal, crypto.identity, sandbox.session, sandbox.transport, tor, tor.control, tor.onion, tor.socks
          tor.control: core.internal, core.key, tor
          tor.node: core, core.internal, core.ledger, crypto.identity, sandbox.session, sandbox.transport, tor, tor.control, tor.internal, tor.onion, tor.socks
          tor.mediation: core, core.gate, core.internal, core.key, core.ledger, core.policy, tor, tor.control
          tor.onion: core, core.internal, tor, tor.control, tor.socks
          tor.onionproxy: core, core.internal, core.ledger, core.policy, sandbox.cgroup, sandbox.confine, sandbox.guest, sandbox.image, sandbox.runtime, sandbox.runtime.container, sandbox.runtime.spawned, tor.internal, tor.socks
          tor.internal:
          tor.testing: core, core.internal, core.testing, tor, tor.control, tor.internal, tor.socks
          tor.socks: core, core.internal, core.ledger, core.policy, sandbox.session, tor.internal
          tor.exitpolicy: core, core.policy
          tor.function: core, core.internal, core.policy, core.token, sandbox.host, sandbox.session
          """);

  private static Map<String, Set<String>> table(String text) {
    var table = new LinkedHashMap<String, Set<String>>();
    for (var line : text.lines().toList()) {
      var parts = line.split(":", -1);
      var known =
          Arrays.stream(parts[1].split(",", -1))
              .map(String::strip)
              .filter(name -> !name.isEmpty())
              .collect(Collectors.toSet());
      table.put(parts[0], known);
    }
    return table;
  }

  /** Returns, for each package, every other one of ours that it really knows. */
  private static Map<String, Set<String>> known() {
    var known = new TreeMap<String, Set<String>>();
    for (var type : Library.CLASSES) {
      var others = known.computeIfAbsent(Library.room(type), _ -> new TreeSet<>());
      type.getDirectDependenciesFromSelf().stream()
          .map(dependency -> dependency.getTargetClass().getBaseComponentType())
          .filter(Library::isOurs)
          .map(Library::room)
          .filter(room -> !room.equals(Library.room(type)))
          .forEach(others::add);
    }
    return known;
  }

  @Test
  void everyModuleIsSeen() {
    assertThat(Library.CLASSES.stream().map(Library::module).distinct())
        .containsExactlyInAnyOrderElementsOf(Library.MODULES);
  }

  @Test
  void modulesRequireWhatTheDesignSaysAndNoMore() {
    for (var module : Library.DESCRIPTORS) {
      var name = module.getName().substring("dev.cloister.".length());
      var required =
          module.getDescriptor().requires().stream()
              .map(Requires::name)
              .filter(other -> other.startsWith("dev.cloister."))
              .map(other -> other.substring("dev.cloister.".length()))
              .toList();
      assertThat(MODULES.get(name)).as(name).containsAll(required);
    }
  }

  @Test
  void modulesKnowWhatTheDesignSaysAndNoMore() {
    known()
        .forEach((room, others) -> {
          var module = room.split("\\.", -1)[0];
          assertThat(others)
              .as(room)
              .map(other -> other.split("\\.", -1)[0])
              .allMatch(other ->
                  other.equals(module) || MODULES.getOrDefault(module, Set.of()).contains(other));
        });
  }

  @Test
  void packagesKnowWhatTheTableSaysAndNoMore() {
    var known = known();
    assertThat(known.keySet()).isEqualTo(new TreeSet<>(PACKAGES.keySet()));
    known.forEach((room, others) ->
        assertThat(PACKAGES.get(room)).as("what %s may know", room).containsAll(others));
  }

  @ParameterizedTest
  @ValueSource(strings = {"core", "crypto", "sandbox", "tracing", "tor"})
  void noPackagesKnowEachOtherInACircle(String module) {
    SlicesRuleDefinition.slices()
        .matching("dev.cloister." + module + ".(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(Library.CLASSES);
  }

  @Test
  void whatIsInternalIsExportedToOurOwnModulesAlone() {
    for (var module : Library.DESCRIPTORS) {
      for (var exports : module.getDescriptor().exports()) {
        if (exports.source().contains(".internal")) {
          assertThat(exports.targets())
              .as(exports.source())
              .isNotEmpty()
              .allMatch(t -> t.startsWith("dev.cloister."));
        }
      }
    }
  }

  @Test
  void everyPackageTellsItsDuty() {
    for (var room : PACKAGES.keySet()) {
      var sources =
          Path.of("..", room.split("\\.", -1)[0], "src", "main", "java", "dev", "cloister");
      assertThat(sources.resolve(room.replace('.', '/')).resolve("package-info.java"))
          .content()
          .contains("/**");
    }
  }

  @Test
  void nothingKnowsTheExamples() {
    assertThat(
            Library.CLASSES.stream().flatMap(type -> type.getDirectDependenciesFromSelf().stream()))
        .map(dependency -> dependency.getTargetClass())
        .map(JavaClass::getPackageName)
        .noneMatch(name -> name.startsWith("dev.cloister.examples"));
  }
}
