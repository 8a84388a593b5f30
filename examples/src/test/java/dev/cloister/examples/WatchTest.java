package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.FakePolicy;
import dev.cloister.core.testing.FakePolicy.Line;
import dev.cloister.tracing.sink.JsonLines;
import dev.cloister.tracing.sink.Push;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A box as its operator sees it, from a process outside. */
@Timeout(60)
final class WatchTest {
  @TempDir private Path directory;
  private @Nullable Process watch;

  @AfterEach
  void endIt() {
    if (watch != null) {
      watch.destroyForcibly();
    }
  }

  private Path socket() {
    return directory.resolve("socket");
  }

  private void watching(String... arguments) throws IOException {
    watch =
        new ProcessBuilder(JavaChild.onModulePath(List.of(), "Watch", arguments))
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();
  }

  private void listening(String... more) throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of("--listen=" + socket()));
    arguments.addAll(List.of(more));
    watching(arguments.toArray(String[]::new));
    // Of unix sockets, see proc_net(5): those that take connections have this flag.
    var listens =
        Pattern.compile("\\S+ \\S+ \\S+ 00010000 .* " + Pattern.quote(socket().toString()));
    while (!listens.matcher(Files.readString(Path.of("/proc/net/unix"))).find()) {
      Thread.sleep(1);
    }
  }

  private String said(String stream) throws IOException {
    return Files.readString(directory.resolve(stream));
  }

  private void awaitSaid(String stream, String words) throws IOException, InterruptedException {
    while (!said(stream).contains(words)) {
      Thread.sleep(1);
    }
  }

  private Run end() throws IOException, InterruptedException {
    return new Run(watch == null ? -1 : watch.waitFor(), said("out"), said("err"));
  }

  private static SealedContext seal(Declaration<Egress> egress) throws IOException {
    return ContextPlan.named("box", Guarantees.lab())
        .host(new FakeHost())
        .heartbeat(Duration.ofMillis(1))
        .parse(FakePolicy.lines())
        .release(FakePolicy.keepingLines())
        .egress(egress)
        .seal();
  }

  private static void publish(SealedContext box, String line) throws IOException {
    try (var batch = box.releases().batch()) {
      batch.add(new Line(line));
      box.publish(batch.take());
    }
  }

  /** Heartbeats of a box that lived: sealed, alive, closed. */
  private List<String> heartbeats(String name) throws IOException, InterruptedException {
    try (var box = seal(JsonLines.to(directory.resolve(name)))) {
      Thread.sleep(2);
      box.tick();
    }
    var lines = Files.readAllLines(directory.resolve(name).resolve(JsonLines.HEARTBEATS));
    assertThat(lines).hasSize(3);
    return lines;
  }

  private SocketChannel saying(String... lines) throws IOException {
    var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()));
    for (var line : lines) {
      channel.write(ByteBuffer.wrap((line + "\n").getBytes(UTF_8)));
    }
    return channel;
  }

  @Test
  void aBoxThatPushesIsFollowedToItsEnd() throws IOException, InterruptedException {
    listening();
    try (var box = seal(Push.to(socket().toString()))) {
      publish(box, "one");
      box.tick();
      publish(box, "two");
    }
    var run = end();
    assertThat(run.out()).isEqualTo("valid\n");
    assertThat(run.exit()).isZero();
    assertThat(run.err()).contains("heartbeat 0: it says: sealed").contains("it says: closed");
    assertThat(socket()).doesNotExist();
  }

  @Test
  void aTraceThatIsPushedIsFollowedToItsEnd() throws IOException, InterruptedException {
    listening();
    var trace = Run.of(new Trace(), "--out=" + directory.resolve("trace"), "--push=" + socket());
    assertThat(trace.exit()).as(trace.err()).isZero();
    assertThat(end().out()).isEqualTo("valid\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "no/such/socket"})
  void aTraceWithNobodyToPushToWritesNothing(String target) {
    var out = directory.resolve("trace");
    var run = Run.of(new Trace(), "--out=" + out, "--push=" + target);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.errLines()).hasSize(1);
    assertThat(out).doesNotExist();
  }

  @Test
  void silenceIsToldAndSoIsItsEnd() throws IOException, InterruptedException {
    listening("--every=0.05");
    try (var box = seal(Push.to(socket().toString()))) {
      awaitSaid("out", "stalled\nheartbeat:2: 3 periods are over without it\n");
      box.tick();
      awaitSaid("err", "heartbeat 1: heartbeats come again");
    }
    var run = end();
    assertThat(run.exit()).isZero();
    assertThat(run.outLines()).startsWith("stalled").endsWith("valid");
  }

  @Test
  void aFileIsFollowedWhileItIsWritten() throws IOException, InterruptedException {
    var lines = heartbeats("lived");
    var file = Files.writeString(directory.resolve("growing"), lines.getFirst() + "\n");
    watching("--in=" + file);
    awaitSaid("err", "it says: sealed");
    var rest = String.join("\n", lines.subList(1, 3)) + "\n";
    for (var i = 0; i < rest.length(); i += 100) {
      Files.writeString(
          file, rest.substring(i, Math.min(rest.length(), i + 100)), StandardOpenOption.APPEND);
    }
    assertThat(end().out()).isEqualTo("valid\n");
  }

  @Test
  void aHeartbeatThatIsMissingEndsTheWatch() throws IOException, InterruptedException {
    var lines = heartbeats("lived");
    var file =
        Files.writeString(directory.resolve("cut"), lines.get(0) + "\n" + lines.get(2) + "\n");
    watching("--in=" + file);
    assertThat(end())
        .isEqualTo(
            new Run(1, "gap\nheartbeat:2: heartbeat 2 stands where 1 should\n", said("err")));
  }

  @Test
  void aBoxThatIsGoneIsUnclosedAndAnotherInItsPlaceARestart()
      throws IOException, InterruptedException {
    var first = heartbeats("first");
    var second = heartbeats("second");
    var header = Files.readAllLines(directory.resolve("first").resolve(JsonLines.TRACE)).getFirst();
    listening();
    try (var _ = saying(header, first.getFirst())) {
      awaitSaid("err", "it says: sealed");
    }
    awaitSaid("out", "unclosed\nheartbeat:2: the connection ended before it\n");
    try (var _ = saying(second.getFirst())) {
      var run = end();
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.outLines().get(2)).isEqualTo("restart");
    }
  }

  @Test
  void aLineThatWasChangedOnItsWayIsTold() throws IOException, InterruptedException {
    var first = heartbeats("first");
    listening();
    try (var _ = saying("{\"record\":\"header\"}", first.getFirst())) {
      var run = end();
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.out())
          .isEqualTo("altered\nheartbeat:1: lines 1 to 1 are not those it binds\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--in=x --listen=y",
        "--in=missing",
        "--listen=no/such/directory",
        "--listen=s --every=0",
        "--listen=s --every=NaN",
        "--listen=s --key=12",
      })
  void whatCannotBeWatchedIsRefusedInOneLine(String options) {
    var arguments = options.isEmpty() ? new String[0] : options.split(" ", -1);
    var run = Run.of(new Watch(), arguments);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.errLines()).hasSize(1);
    assertThat(run.out()).isEmpty();
  }
}
