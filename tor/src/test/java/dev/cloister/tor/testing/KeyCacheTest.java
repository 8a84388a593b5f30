package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.testing.FakeTime;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys are made once, whole, and for their user alone. */
@RequiresProgram({"tor", "tor-gencert"})
@Timeout(120)
final class KeyCacheTest {
  @TempDir private Path directory;

  private static FakeTime time() {
    return FakeTime.startingAt(Instant.parse("2026-12-31T23:00:00Z"));
  }

  private List<NodePlan> nodes() throws IOException {
    try (var ports = new HeldPorts()) {
      var nodes = new ArrayList<NodePlan>();
      for (var role : TorRole.values()) {
        nodes.add(NodePlan.of(role, 0, nodes.size(), directory, ports));
      }
      return nodes;
    }
  }

  private KeyCache cache(FakeTime time) throws IOException {
    return new KeyCache(directory.resolve("keys"), TorPrograms.find(), time);
  }

  private Map<String, String> files() throws IOException {
    var contents = new TreeMap<String, String>();
    try (var all = Files.walk(directory.resolve("keys"))) {
      for (var file : all.filter(Files::isRegularFile).toList()) {
        contents.put(
            directory.resolve("keys").relativize(file).toString(),
            Files.readString(file, ISO_8859_1));
      }
    }
    return contents;
  }

  @Test
  void keysAreMadeOnceAndOnlyForRelays() throws IOException {
    var cache = cache(time());
    cache.provide(nodes());
    var made = files();
    assertThat(made.keySet())
        .anyMatch(name -> name.startsWith("authority0-"))
        .anyMatch(name -> name.startsWith("relay0-"))
        .anyMatch(name -> name.startsWith("exit0-"))
        .noneMatch(name -> name.startsWith("client0-"))
        .noneMatch(name -> name.startsWith("making-"));
    cache.provide(nodes());
    assertThat(files()).isEqualTo(made);
  }

  @Test
  void inAnotherYearKeysAreMadeAnew() throws IOException {
    var time = time();
    var relay = nodes().subList(1, 2);
    cache(time).provide(relay);
    var before = cache(time).fingerprint(relay.getFirst());
    time.advance(Duration.ofHours(2));
    cache(time).provide(relay);
    assertThat(cache(time).fingerprint(relay.getFirst())).isNotEqualTo(before);
  }

  @Test
  void twoWhoMakeTheSameKeysGetTheSame()
      throws IOException, InterruptedException, ExecutionException {
    var nodes = nodes();
    var first = cache(time());
    var second = cache(time());
    var other =
        new FutureTask<>(() -> {
          second.provide(nodes);
          return true;
        });
    Thread.ofPlatform().start(other);
    first.provide(nodes);
    other.get();
    for (var node : nodes.subList(0, 3)) {
      assertThat(first.fingerprint(node)).isEqualTo(second.fingerprint(node));
    }
    assertThat(files().keySet()).noneMatch(name -> name.startsWith("making-"));
  }

  @Test
  void aDirectoryThatOthersMayEnterIsRefused() throws IOException {
    Files.createDirectory(
        directory.resolve("keys"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    assertThatThrownBy(() -> cache(time()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("directory " + directory.resolve("keys") + " belongs to user ")
        .hasMessageContaining("rwxr-xr-x")
        .hasMessageEndingWith("(chmod 700), or another one named");
  }
}
