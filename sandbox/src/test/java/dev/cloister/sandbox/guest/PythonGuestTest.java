package dev.cloister.sandbox.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.guest.GuestEnd.Broken;
import dev.cloister.sandbox.guest.GuestEnd.Exited;
import dev.cloister.sandbox.guest.GuestEnd.Raised;
import dev.cloister.sandbox.runtime.FetchRequest.Header;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@RequiresProgram("python3")
final class PythonGuestTest {
  @TempDir private Path directory;
  private final ScriptedApi api = new ScriptedApi();

  private GuestEnd run(String code) throws IOException, InterruptedException {
    try (var python = new PythonRun(directory, api)) {
      return python.serve(code);
    }
  }

  private void succeeds(String code) throws IOException, InterruptedException {
    assertThat(run(code)).isEqualTo(new Exited(0));
  }

  @Test
  void messagesOfAnySizeAndByteComeThrough() throws IOException, InterruptedException {
    var all = new byte[256];
    for (var i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    for (var message : new byte[][] {all, {}, new byte[1 << 20]}) {
      api.toFunction.add(message);
    }
    succeeds(
        """
        import cell
        assert cell.poll()
        for length in 256, 0, 1 << 20:
            message = cell.receive(5)
            assert len(message) == length
            cell.send(message)
        assert not cell.poll() and cell.receive(0.01) is None and cell.receive(-1) is None
        """);
    assertThat(api.fromFunction).containsExactly(all, new byte[0], new byte[1 << 20]);
  }

  @Test
  void whatWasCompiledRunsWithoutItsSources() throws IOException, InterruptedException {
    PythonGuest.install(directory);
    PythonGuest.compile(directory, PythonRun.PYTHON);
    Files.delete(directory.resolve("guest.py"));
    Files.writeString(directory.resolve("cell.py"), "this is no Python");
    succeeds("import cell; cell.send(b'x')");
    assertThat(api.fromFunction).containsExactly("x".getBytes(UTF_8));
  }

  @Test
  void byteCodeOfAnotherInterpreterIsPassedOver() throws IOException, InterruptedException {
    PythonGuest.install(directory);
    Files.writeString(directory.resolve("guest.cpython-20"), "of a very old one");
    succeeds("import cell; cell.send(b'x')");
  }

  @Test
  void whatWasNotInstalledCannotBeCompiled() {
    assertThatIOException()
        .isThrownBy(() -> PythonGuest.compile(directory, PythonRun.PYTHON))
        .withMessageContaining("install it there first");
  }

  @Test
  void theStoreKeepsBytesByAnyName() throws IOException, InterruptedException {
    api.store.put("data", "uploaded".getBytes(UTF_8));
    succeeds(
        """
        import cell
        assert cell.store.get("data") == b"uploaded"
        names = ["a", "../../etc/passwd", "\\u00fc\\u4e2d\\U0001f600", "n" * 255, "\\U0001f600" * 255, "a\\0b"]
        for name in names:
            cell.store.put(name, bytearray(name.encode()))
            assert cell.store.get(name) == name.encode()
        cell.store.put("empty", b"")
        cell.store.put("large", bytes(1 << 20))
        assert cell.store.get("empty") == b"" and len(cell.store.get("large")) == 1 << 20
        assert set(cell.store.list()) == set(names + ["data", "empty", "large"])
        assert cell.store.delete("a") and not cell.store.delete("a") and cell.store.get("a") is None
        """);
    assertThat(api.store).containsKey("../../etc/passwd").hasSize(8);
  }

  @Test
  void theOtherCallsComeThrough() throws IOException, InterruptedException {
    succeeds(
        """
        import cell
        assert cell.random(0) == b"" and cell.random(65536) == bytes(65536)
        assert cell.time() == 1772600767.5, cell.time()
        assert cell.call(b"grant", bytes(range(256))) == b"grant" + bytes(range(256))
        assert cell.tor("GETINFO version") == "250 GETINFO version"
        status, headers, body = cell.fetch("http://a.example/", "POST", {"X-A": "1"}, b"body")
        assert (status, body) == (418, b"body")
        assert headers["content-type"] == headers.get("CONTENT-TYPE") == "text/plain"
        assert headers["Via"] == "a, b" and len(headers.pairs) == 3 and "VIA" in headers
        assert dict(headers) == {"Content-Type": "text/plain", "Via": "a, b"}
        assert cell.fetch("http://a.example/")[2] == b""
        """);
    assertThat(api.fetched.getFirst().url()).isEqualTo("http://a.example/");
    assertThat(api.fetched.getFirst().method()).isEqualTo("POST");
    assertThat(api.fetched.getFirst().headers()).containsExactly(new Header("X-A", "1"));
  }

  @Test
  void whatTheHostTriedInVainIsAnError() throws IOException, InterruptedException {
    assertThat(run("import cell\ncell.fetch('http://a.example/unreachable')"))
        .isEqualTo(new Raised("OSError: no route"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "receive, cell.receive(0)",
        "poll, cell.poll()",
        "send, cell.send(b'')",
        "get, cell.store.get('a')",
        "put, \"cell.store.put('a', b'')\"",
        "delete, cell.store.delete('a')",
        "list, cell.store.list()",
        "random, cell.random(1)",
        "time, cell.time()",
        "fetch, cell.fetch('http://a.example/')",
        "call, \"cell.call(b'', b'')\"",
        "tor, cell.tor('')",
        "exit, cell.exit(0)"
      })
  void aCallWithoutItsGrantIsRefusedByNameAndTheFunctionGoesOn(String grant, String call)
      throws IOException, InterruptedException {
    api.refused.add(grant);
    succeeds(
        """
        import cell
        try:
            %s
        except cell.Refused as refused:
            assert refused.grant == "%s"
        else:
            raise Exception("was done")
        """
            .formatted(call, grant));
    assertThat(api.calls).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cell.store.put('', b'')",
        "cell.store.get('n' * 256)",
        "cell.store.put('\\ud800', b'')",
        "cell.random(65537)",
        "cell.random(-1)",
        "cell.send('text')",
        "cell.send(5)",
        "cell.send(bytes(1 << 24))",
        "cell.call(bytes(65536), b'')",
        "cell.receive(float('nan'))",
        "cell.fetch('http://a.example/', headers=[('a', 'b')] * 129)"
      })
  void whatNoCallCanCarryIsRefusedBeforeItIsSent(String call)
      throws IOException, InterruptedException {
    succeeds(
        """
        import cell
        try:
            %s
        except (ValueError, TypeError):
            cell.poll()
        else:
            raise Exception("was done")
        """
            .formatted(call));
    assertThat(api.calls).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({
    "pass, 0",
    "import cell; cell.exit(7), 7",
    "import sys; sys.exit(), 0",
    "import sys; sys.exit(3), 3",
    "import sys; sys.exit('no'), 1",
    "raise SystemExit(-1), 255"
  })
  void aFunctionThatComesToItsEndHasACode(String code, int exit)
      throws IOException, InterruptedException {
    assertThat(run(code)).isEqualTo(new Exited(exit));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 / 0 | ZeroDivisionError: division by zero",
        "def f(: pass | SyntaxError: invalid syntax (<function>, line 1)",
        "raise KeyError('a\\x1b[31m') | KeyError: 'a\\x1b[31m'",
        "raise Exception('\\x1b[31m') | Exception: ?[31m",
        "import os; os.open('/nowhere', 0) | FileNotFoundError: [Errno 2] No such file or"
            + " directory: '/nowhere'"
      })
  void anUncaughtErrorIsToldByItsLastLine(String code, String line)
      throws IOException, InterruptedException {
    assertThat(run(code)).isEqualTo(new Raised(line));
  }

  @Test
  void aLongErrorIsCut() throws IOException, InterruptedException {
    assertThat(run("raise Exception('\\u4e2d' * 10000)"))
        .isInstanceOfSatisfying(
            Raised.class, raised -> assertThat(raised.error()).hasSizeBetween(150, 512));
  }

  @Test
  void runningOutOfMemoryIsNamed() throws IOException, InterruptedException {
    var end =
        run(
            """
            import resource
            resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20))
            kept = []
            while True:
                kept.append(b"x" * 1000 + str(len(kept)).encode())
            """);
    assertThat(end)
        .isInstanceOfSatisfying(Raised.class, raised -> assertThat(raised.outOfMemory()).isTrue());
  }

  @Test
  void aStrayPrintReachesStandardErrorAndNotTheChannel() throws IOException, InterruptedException {
    try (var python = new PythonRun(directory, api)) {
      var end =
          python.serve(
              """
              import cell, os, sys
              print("printed")
              os.write(1, b"raw")
              sys.__stdout__.write("kept")
              assert sys.stdin.read() == "" and os.read(0, 1) == b""
              cell.send(b"x")
              print("last", end="")
              """);
      assertThat(end).isEqualTo(new Exited(0));
      assertThat(python.errors()).contains("printed", "raw", "kept").endsWith("last");
    }
    assertThat(api.fromFunction).hasSize(1);
  }

  @Test
  void theTracebackReachesStandardErrorWithoutTheLoader() throws IOException, InterruptedException {
    try (var python = new PythonRun(directory, api)) {
      python.serve("def f():\n  1 / 0\nf()");
      assertThat(python.errors())
          .contains("<function>\", line 2, in f", "ZeroDivisionError")
          .doesNotContain("loader");
    }
  }

  @Test
  void nothingOfTheHostIsThere() throws IOException, InterruptedException {
    succeeds(
        """
        import os, sys, ctypes
        assert dict(os.environ) == {}, os.environ
        libc = ctypes.CDLL(None)
        libc.getenv.restype = ctypes.c_char_p
        assert libc.getenv(b"SECRET") is None
        assert sys.argv == ["function"]
        assert sorted(map(int, os.listdir("/proc/self/fd")))[:-1] == [0, 1, 2, 3, 4]
        assert __name__ == "__main__" and "__file__" not in globals()
        assert sys.modules["__main__"].os is os
        """);
  }

  @Test
  void theHostsDeathIsAskedToBeItsOwn() throws IOException, InterruptedException {
    succeeds(
        """
        import ctypes
        signal = ctypes.c_int()
        assert ctypes.CDLL(None).prctl(2, ctypes.byref(signal)) == 0 and signal.value == 9
        """);
  }

  @Test
  void threadsTakeTurns() throws IOException, InterruptedException {
    succeeds(
        """
        import cell, threading
        def work(own):
            for turn in range(100):
                value = ("%d %d" % (own, turn)).encode() * 1000
                cell.store.put(str(own), value)
                assert cell.store.get(str(own)) == value
        threads = [threading.Thread(target=work, args=(own,)) for own in range(8)]
        for thread in threads:
            thread.start()
        """);
    assertThat(api.calls).hasValue(1600);
    assertThat(api.store).hasSize(8);
  }

  @Test
  void aForkedChildHasNoHost() throws IOException, InterruptedException {
    succeeds(
        """
        import cell, os
        child = os.fork()
        if not child:
            try:
                cell.send(b"of the child")
            except RuntimeError:
                os._exit(5)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            cell.send(b"of the parent")
        """);
    assertThat(api.fromFunction).containsExactly("of the parent".getBytes(UTF_8));
  }

  @Test
  void aChildThatSpeaksBesideItsParentIsNoticed() throws IOException, InterruptedException {
    var end =
        run(
            """
            import cell, os
            kept = os.dup(cell._channel.sink), os.dup(cell._channel.source)
            cell.send(b"first")
            if not os.fork():
                os.write(kept[0], b"\\0\\0\\0\\6\\x12\\0\\0\\0\\2c")
                os.read(kept[1], 9)
                os._exit(0)
            os.wait()
            cell.send(b"of the parent")
            """);
    assertThat(end).isEqualTo(new Broken(Breach.OUT_OF_TURN));
  }

  @Test
  void aFunctionThatDiesIsBroken() throws IOException, InterruptedException {
    assertThat(run("import os; os.kill(os.getpid(), 9)")).isEqualTo(new Broken(Breach.CLOSED));
  }

  @Test
  void aFunctionThatClosesTheChannelAndLivesIsBroken() throws IOException, InterruptedException {
    try (var python = new PythonRun(directory, api)) {
      var end =
          python.serve(
              """
              import cell, os, time
              os.close(cell._channel.sink)
              time.sleep(600)
              """);
      assertThat(end).isEqualTo(new Broken(Breach.CLOSED));
      assertThat(python.process.isAlive()).isTrue();
    }
  }

  /** It holds the serving thread until the runtime destroys it, as the channel says. */
  @Test
  void aFunctionThatReadsNoAnswersIsToldSoWhenItIsGone() throws Exception {
    api.store.put("large", new byte[1 << 20]);
    try (var python = new PythonRun(directory, api)) {
      var served =
          new FutureTask<>(() ->
              python.serve(
                  """
                  import cell, os, time
                  os.write(cell._channel.sink, b"\\0\\0\\0\\x0a\\x13\\0\\0\\0\\1large" * 2)
                  time.sleep(600)
                  """));
      var serving = Thread.ofPlatform().start(served);
      while (api.calls.get() == 0) {
        Thread.onSpinWait();
      }
      serving.join(Duration.ofMillis(50));
      assertThat(served.isDone()).isFalse();
      python.process.destroyForcibly();
      assertThat(served.get(30, TimeUnit.SECONDS)).isEqualTo(new Broken(Breach.NOT_READING));
    }
  }
}
