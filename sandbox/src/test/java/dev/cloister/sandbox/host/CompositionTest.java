package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.core.token.InvocationToken;
import dev.cloister.core.token.Terms;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A fetcher composed into a store, which a third invocation reads. */
@RequiresProgram(
    value = {"python3", "bwrap"},
    root = true)
final class CompositionTest {
  private static final String FETCHER =
      """
      import cell
      store = cell.store.get("data")
      url = cell.receive().decode()
      status, headers, body = cell.fetch(url)
      cell.send(cell.call(store, b"put page " + body.upper()))
      """;

  private static final String STORE =
      """
      import cell
      while (message := cell.receive()) is not None:
          verb, name, *value = message.split(b" ", 2)
          if verb == b"put":
              cell.store.put(name.decode(), value[0])
              cell.send(b"kept %d bytes" % len(value[0]))
          else:
              cell.send(cell.store.get(name.decode()) or b"")
      """;

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(names = {"PROCESS", "CONTAINER"})
  void aPageGoesFromTheFetcherThroughTheStoreToAThird(RealRuntime kind) throws Exception {
    var server = ScriptedServer.plain();
    server.open();
    server.answer("HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nthe page");
    var network = "accept 127.0.0.1:" + server.port();
    var policy =
        PythonWorld.POLICY
            .replace("time, exit]", "time, exit, fetch, call]")
            .replace("accept 198.51.100.0/24:80", network);
    try (var world = new PythonWorld(directory, policy, kind.open(), TimeSource.system())) {
      var store = started(world, STORE, "api: [receive, send, store]", new byte[0]);
      var once =
          world.host.delegate(
              PythonWorld.shown(store), Terms.lasting(Duration.ofMinutes(1)).uses(1).undelegable());
      var fetcher =
          started(
              world,
              FETCHER,
              "api: [receive, send, store, fetch, call]\nnetwork: [%s]".formatted(network),
              bytesOf(once));
      var url = "http://127.0.0.1:%d/page".formatted(server.port());
      world.host.send(PythonWorld.shown(fetcher), url.getBytes(UTF_8));
      assertThat(world.next(world.attached(fetcher))).asString().isEqualTo("kept 8 bytes");

      var third =
          world.host.delegate(PythonWorld.shown(store), Terms.lasting(Duration.ofMinutes(1)));
      var page = world.host.call(Shown.now(third), "get page".getBytes(UTF_8), PythonWorld.LONG);
      assertThat(page).asString().isEqualTo("THE PAGE");
    } finally {
      server.close();
    }
  }

  private static byte[] bytesOf(InvocationToken token) {
    return token.use(SecretAccess.granted(), byte[]::clone);
  }

  private static StartedCell started(PythonWorld world, String code, String asks, byte[] data)
      throws IOException {
    var source = code.getBytes(UTF_8);
    var manifest =
        Manifest.parse(
            "manifest.yaml",
            "name: test\ncodeDigest: %s\nimage: python\n%s\n"
                .formatted(Description.sha256Hex(source), asks));
    var cell = world.host.start(manifest);
    world.host.load(PythonWorld.shown(cell), source, data);
    return cell;
  }
}
