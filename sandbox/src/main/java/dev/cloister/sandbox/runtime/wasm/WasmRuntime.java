package dev.cloister.sandbox.runtime.wasm;

import dev.cloister.core.policy.Resource;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.image.ImageDigest;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import dev.cloister.sandbox.runtime.RuntimeLabel.Claim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * Runs functions as WebAssembly within this process: modules for WASI preview 1, and JavaScript by
 * an interpreter that is such a module. A function reaches its own memory and the cell's API and
 * nothing else; it does not withstand a bug of the engine or of the JVM's compiler, and it shares
 * the heap, the processors and their caches with its host.
 *
 * <p>Needs no root, no program of the host and no native code: it works wherever the JVM does. The
 * engine is Chicory (Apache-2.0), which an application adds. Compiled modules run at a fair part of
 * the speed of Java; JavaScript is interpreted, some 50 times slower than by python3, unless the
 * JVM is told {@code -XX:-DontCompileHugeMethods}: then some 10 times. Safe for use by many
 * threads.
 */
public final class WasmRuntime implements FunctionRuntime {
  /**
   * The stack that a guest's thread is recommended to have: 8 MiB, of which JavaScript can use what
   * its interpreter allows. With less, deep recursion ends a function where it could have been
   * caught.
   */
  public static final long STACK_BYTES = 8L << 20;

  private final ThreadFactory threads;
  private final Map<ImageDigest, Engine> interpreters = new HashMap<>();

  private WasmRuntime(ThreadFactory threads) {
    this.threads = threads;
  }

  /**
   * Makes the runtime; there is nothing to close.
   *
   * @param threads makes a platform thread for each guest, whose stack bounds the guest's: {@link
   *     #STACK_BYTES}
   * @return the runtime
   */
  public static WasmRuntime create(ThreadFactory threads) {
    return new WasmRuntime(threads);
  }

  @Override
  public RuntimeLabel label() {
    return new RuntimeLabel(
        "wasm",
        List.of(
            "memory that is not its own: the engine compiles to bytecode, whose bounds the JVM"
                + " checks",
            "the host's network, clock, environment and processes: they are not imported",
            "files outside the directory that the launch gives, if it gives one: every path is"
                + " walked name by name",
            "other functions: each has an instance of its own and shares nothing that can be"
                + " written",
            "endless loops, deep recursion and hostile modules: interrupted, bounded, refused"),
        List.of(
            "whoever else changes the launch's directory while a path is walked",
            "a bug of the engine, of the JVM's verifier or of its compilers",
            "side channels within one process: caches, timing, branch prediction",
            "the host's heap is shared: what a function may use is taken from it",
            "whoever can read this process's memory"),
        GuestThread.isMeasured()
            ? List.of()
            : List.of("CPU time of threads: run a JVM that measures it"),
        claims());
  }

  private static Map<Resource, Claim> claims() {
    var claims = new EnumMap<Resource, Claim>(Resource.class);
    if (GuestThread.isMeasured()) {
      claims.put(Resource.CPU_SECONDS, Claim.ENFORCED);
    }
    claims.put(Resource.MEMORY_BYTES, Claim.ENFORCED);
    // There are none to be had.
    claims.put(Resource.PROCESSES, Claim.ENFORCED);
    claims.put(Resource.OPEN_FILES, Claim.ENFORCED);
    return claims;
  }

  @Override
  public boolean runs(Image.Kind kind) {
    return kind == Image.Kind.WEBASSEMBLY || kind == Image.Kind.JAVASCRIPT;
  }

  /**
   * {@inheritDoc}
   *
   * <p>An interpreter is compiled at the first start of its image, which takes seconds, and kept.
   */
  @Override
  public GuestProcess start(Launch launch) throws IOException {
    var image = launch.image();
    var interpreter =
        image.kind() == Image.Kind.JAVASCRIPT
            ? Optional.of(interpreter(image))
            : Optional.<Engine>empty();
    // An interpreter opens no file, and is given none.
    var directory = interpreter.isPresent() ? Optional.<Path>empty() : launch.writable();
    return new WasmGuest(threads, launch.limits(), interpreter, directory);
  }

  private synchronized Engine interpreter(Image image) throws IOException {
    var known = interpreters.get(image.digest());
    if (known == null) {
      var file = Path.of(image.commandIn(image.directory()).getFirst());
      try {
        known = Engine.load(Files.readAllBytes(file));
      } catch (ModuleRejected e) {
        throw new IOException(file + ": " + e.getMessage(), e);
      }
      interpreters.put(image.digest(), known);
    }
    return known;
  }
}
