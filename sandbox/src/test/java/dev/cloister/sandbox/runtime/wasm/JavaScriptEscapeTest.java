package dev.cloister.sandbox.runtime.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Resource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a script tries beyond the language, against {@code cell}, and against its host's resources.
 */
final class JavaScriptEscapeTest {
  @TempDir private Path directory;
  private GuestRun.World world;

  @BeforeEach
  void layOut() throws Exception {
    world = GuestRun.World.in(directory);
  }

  /** Sends the text of a value. */
  private GuestRun saying(String expression) throws Exception {
    return world.script(
        "const bytes = Uint8Array; const say = text =>"
            + " cell.send(bytes.from(String(text), c => c.charCodeAt(0)));\n"
            + "say((() => { "
            + expression
            + " })());");
  }

  /** Each is there in a common engine, so that its lack here says something. */
  @ParameterizedTest
  @RequiresProgram("node")
  @ValueSource(
      strings = {
        "typeof require === 'function'",
        "typeof process === 'object'",
        "typeof module === 'object'",
        "typeof Buffer === 'function'",
        "typeof fetch === 'function'",
        "typeof WebAssembly === 'object'",
        "typeof setTimeout === 'function'",
        "typeof setImmediate === 'function'",
        "typeof performance === 'object'",
        "typeof structuredClone === 'function'",
        "typeof URL === 'function'",
        "typeof Atomics === 'object'",
        "typeof (new Function('return this')()).process === 'object'",
        "typeof (0, eval)('this').process === 'object'",
        "typeof Error.captureStackTrace === 'function'",
        "(() => { try { return require('fs').readFileSync('/etc/passwd').length > 0 } catch {"
            + " return false } })()",
        "(() => { try { return require('child_process').execSync('id').length > 0 } catch { return"
            + " false } })()",
        "(() => { try { return Object.keys(process.env).length > 0 } catch { return false } })()",
        "Date.now() > 1000000000000",
        "new Date().getFullYear() > 2000"
      })
  void thereIsNothingAmbient(String expression) throws Exception {
    assertThat(inNode("process.stdout.write(String(" + expression + "))")).isEqualTo("true");
    assertThat(saying("return " + expression).said()).isEqualTo("false");
  }

  private static String inNode(String source) throws Exception {
    var node = new ProcessBuilder("node", "-e", source).redirectErrorStream(true).start();
    try (var output = node.getInputStream()) {
      var said = new String(output.readAllBytes(), UTF_8);
      assertThat(node.waitFor(30, TimeUnit.SECONDS)).isTrue();
      return said;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"std", "os", "scriptArgs", "Java", "load", "Worker", "bjson", "gc", "loadScript"})
  void theInterpretersOwnLibraryIsNotThere(String name) throws Exception {
    assertThat(saying("return typeof " + name).said()).isEqualTo("undefined");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"import('std')", "import('os')", "import('/etc/passwd')", "import('data:,1')"})
  void noModuleIsImported(String module) throws Exception {
    var run = world.script(module + ".then(() => cell.send(new Uint8Array(1)), () => {});");
    assertThat(run.sent()).isEmpty();
  }

  /** Each tampers with {@code cell}, and says what a call does afterwards. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cell.poll = () => 'mine'; return cell.poll()                                        | false
          delete cell.poll; return typeof cell.poll                                           | function
          globalThis.cell = null; return typeof cell                                          | object
          delete globalThis.cell; return typeof cell                                          | object
          cell.store.get = () => 'mine'; return cell.store.get('no')                          | null
          cell.more = 1; return typeof cell.more                                              | undefined
          cell.Refused.prototype.grant = 'time'; return typeof cell.Refused.prototype.grant   | undefined
          try { Object.defineProperty(cell, 'poll', {value: 1}) } catch (e) { return e.name } | TypeError
          try { Object.setPrototypeOf(cell, {}) } catch (e) { return e.name }                 | TypeError
          Object.prototype.time = () => 1; try { cell.time() } catch (e) { return e.grant }   | time
          try { throw new cell.Refused('x') } catch {} try { cell.time() } catch (e) { return e.grant } | time
          try { cell.time() } catch (e) { try { e.grant = 'x' } catch {} return e.grant }      | time
          try { cell.time() } catch (e) { return e instanceof cell.Refused && e instanceof Error } | true
          Error.prototype.toString = () => { throw 1 }; try { cell.time() } catch (e) { return e.grant } | time
          Function.prototype.call = () => 'mine'; return cell.store.list().length              | 0
          Array.prototype.push = () => { throw 1 }; return cell.store.list().length            | 0
          Uint8Array = null; return cell.store.get('no')                                       | null
          return cell.poll.call(null)                                                          | false
          try { new cell.poll() } catch (e) { return e.name }                                  | TypeError
          """)
  void cellCannotBeTamperedWith(String attack, String answer) throws Exception {
    var run = saying(attack);
    assertThat(run.said()).as(run.ending().toString()).isEqualTo(answer);
  }

  /** Arguments that are not what is needed, or run code of their own when they are looked at. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cell.send('text')                                                          | TypeError
          cell.send(undefined)                                                       | TypeError
          cell.send({length: 3, 0: 1})                                               | TypeError
          cell.send([1, 2])                                                          | TypeError
          cell.send(new Proxy(new Uint8Array(4), {}))                                | TypeError
          cell.send({get buffer() { throw 1 }})                                      | TypeError
          cell.send(new Uint8Array(17 << 20))                                        | RangeError
          cell.store.put('', new Uint8Array(1))                                      | RangeError
          cell.store.put('x'.repeat(256), new Uint8Array(1))                         | RangeError
          cell.store.put('x'.repeat(1 << 17), new Uint8Array(1))                     | RangeError
          cell.store.put({toString() { return 'x' }}, new Uint8Array(1))             | TypeError
          cell.store.put('x')                                                        | TypeError
          cell.store.get()                                                           | TypeError
          cell.store.get('\\ud800')                                                  | RangeError
          cell.random(-1)                                                            | RangeError
          cell.random(65537)                                                         | RangeError
          cell.random(1e300)                                                         | RangeError
          cell.random({valueOf() { throw new EvalError('x') }})                      | EvalError
          cell.random(Symbol())                                                      | TypeError
          cell.random(10n)                                                           | TypeError
          cell.receive({valueOf() { throw new EvalError('x') }})                     | EvalError
          cell.fetch('http://x/', 'GET', null)                                       | TypeError
          cell.fetch('http://x/', 'GET', {get a() { throw new EvalError('x') }})     | EvalError
          cell.fetch('http://x/', 'GET', {a: 'x'.repeat(70000)})                     | RangeError
          cell.fetch('http://x/', 'GET', {a: {toString() { throw new EvalError() }}}) | EvalError
          cell.fetch('http://x/', 'GET', {}, 'text')                                 | TypeError
          cell.fetch('http://x/', 'GET', new Proxy({}, {ownKeys() { throw new EvalError() }})) | EvalError
          cell.fetch(Symbol())                                                       | TypeError
          cell.fetch('http://x/')                                                    | Refused
          cell.call(new Uint8Array(1), 'text')                                       | TypeError
          cell.call(new Uint8Array(1), new Uint8Array(1))                            | Refused
          cell.tor('x'.repeat(5000))                                                 | RangeError
          cell.tor('GETINFO version')                                                | Refused
          cell.exit(0)                                                               | Refused
          cell.random(1)                                                             | Refused
          """)
  void anArgumentThatIsNoneIsAnErrorOfTheScripts(String call, String error) throws Exception {
    var run = saying("try { " + call + "; return 'done' } catch (e) { return e.name }");
    assertThat(run.said()).as(run.ending().toString()).isEqualTo(error);
  }

  /** Each asks for more than its limit of memory, in its own way, and lets the error out. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "let s = 'x'; for (;;) s += s;",
        "const a = []; for (;;) a.push(new Array(1000).fill(1));",
        "const a = []; for (;;) a.push(new Uint8Array(1 << 16));",
        "new Uint8Array(1 << 30);",
        "new ArrayBuffer(0x7fffffff);",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, {});",
        "let f = () => 0; for (;;) { const g = f; f = () => g; }",
        "const o = {}; for (let i = 0; ; i++) o['k' + i] = i;",
        "'x'.repeat(1 << 28).repeat(3);",
        "const a = []; for (let b = 1n << 100000n; ; b++) a.push(b << 100000n);",
        "const a = []; for (;;) a.push(Symbol('x'.repeat(100)));"
      })
  void memoryThatThereIsNotEndsItByItsLimit(String source) throws Exception {
    var limits = GuestRun.limits().with(Resource.CPU_SECONDS, "60");
    var run = GuestRun.of(world.javaScript(), source.getBytes(UTF_8), limits);
    assertThat(run.ending().limit()).as(run.ending().toString()).contains(Resource.MEMORY_BYTES);
    assertThat(run.usage().memoryPeakBytes()).isLessThanOrEqualTo(64L << 20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "for (;;);",
        "for (;;) cell.poll();",
        "for (;;) try { cell.time() } catch {}",
        "(function f() { try { f() } finally { f() } })()",
        "/(a+)+b/.test('a'.repeat(60));",
        "/^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(100));",
        "const g = (function* () { for (;;) yield })(); for (const _ of g);",
        "const again = () => Promise.resolve().then(again); again();",
        "(async () => { for (;;) await 0 })();",
        "throw {toString() { for (;;); }};",
        "({get a() { for (;;); }}).a;",
        "[1, 2].sort(() => { for (;;); });",
        "JSON.stringify({toJSON() { for (;;); }});",
        "while (true) { try { throw 1 } catch { continue } }",
        "new Proxy({}, {get() { for (;;); }}).x;"
      })
  void whatNeverEndsIsEndedByItsLimitOfTime(String source) throws Exception {
    var limits = GuestRun.limits().with(Resource.CPU_SECONDS, "0.5");
    var run = GuestRun.of(world.javaScript(), source.getBytes(UTF_8), limits);
    assertThat(run.ending().limit())
        .as(run.ending().toString())
        .isEqualTo(Optional.of(Resource.CPU_SECONDS));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "const f = () => f(); f();",
        "const f = () => [1].map(f); f();",
        "JSON.parse('['.repeat(200000));",
        "eval('('.repeat(200000));",
        "new RegExp('('.repeat(200000));",
        "let a = []; for (let i = 0; i < 100000; i++) a = [a]; JSON.stringify(a);",
        "let a = []; for (let i = 0; i < 100000; i++) a = [a]; String(a);",
        "const o = {toString() { return '' + this }}; '' + o;",
        "let p = {}; for (let i = 0; i < 100000; i++) p = new Proxy(p, {}); p.x;",
        "class A { constructor() { new A() } } new A();",
        "const o = {get a() { return this.a }}; o.a;"
      })
  void deepRecursionIsAnErrorOfTheScripts(String source) throws Exception {
    var run = world.script(source);
    assertThat(run.ending().cause()).as(run.ending().toString()).isEqualTo(Cause.FAILED);
    assertThat(run.ending().detail())
        .containsPattern("stack overflow|call stack exhausted|SyntaxError|InternalError");
    assertThat(saying("return 'next'").said()).isEqualTo("next");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          throw null                                         | null
          throw undefined                                    | undefined
          throw Symbol('x')                                  | an error whose text cannot be had
          throw {toString() { throw 1 }}                     | an error whose text cannot be had
          throw new Proxy({}, {get() { throw 1 }})           | an error whose text cannot be had
          throw 'x'.repeat(100000)                           | xxx
          throw new Error('one\\ntwo')                       | Error: one two
          Promise.reject(new TypeError('unheard'))           | TypeError: unheard
          (async () => { throw new TypeError('unheard') })() | TypeError: unheard
          }                                                  | SyntaxError
          cell.time()                                        | Refused: time
          """)
  void whateverIsThrownIsABoundedLine(String source, String words) throws Exception {
    var ending = world.script(source).ending();
    assertThat(ending.cause()).isEqualTo(Cause.FAILED);
    assertThat(ending.detail()).contains(words).hasSizeLessThan(600).doesNotContain("\n");
  }

  @Test
  void nothingIsLeftOfOneScriptForTheNext() throws Exception {
    world.script(
        "globalThis.secret = 'kept'; Array.prototype.secret = 'kept'; cell.store.put('secret', new"
            + " Uint8Array(1));");
    assertThat(saying("return typeof secret + [].secret + cell.store.list()").said())
        .isEqualTo("undefinedundefined");
  }

  @Test
  void aHugeScriptIsRefusedOrRun() throws Exception {
    var source = "let x = [" + "1,".repeat(1_000_000) + "]; cell.send(new Uint8Array(1));";
    var run = world.script(source);
    assertThat(List.of(Cause.EXITED, Cause.FAILED, Cause.LIMIT)).contains(run.ending().cause());
    assertThat(saying("return 'next'").ending()).isEqualTo(Ending.exited(0));
  }
}
