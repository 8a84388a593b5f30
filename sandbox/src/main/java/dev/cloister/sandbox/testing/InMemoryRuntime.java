package dev.cloister.sandbox.testing;

import dev.cloister.core.policy.Resource;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.image.ImageDigest;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import dev.cloister.sandbox.runtime.Usage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs a function of Java on the host's own thread, for users' tests. It withstands nothing: the
 * function can do whatever the test can. Limits that the host meters (bytes, store, time by the
 * clock on the wall) hold as everywhere, as far as the function makes calls or heeds interruption.
 *
 * <p>Safe for use by many threads as far as the function is.
 */
public final class InMemoryRuntime implements FunctionRuntime {
  private final Function function;

  /** A function of a test. */
  @FunctionalInterface
  public interface Function {

    /**
     * Does the function's work; returning is exiting with 0.
     *
     * @param code what was uploaded as its code
     * @param api all that it may ask
     * @throws Exception to fail
     */
    void run(byte[] code, CellApi api) throws Exception;
  }

  /** Ends a function with a code, as {@code cell.exit} does. */
  public static final class Exit extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What it exits with. */
    private final int code;

    /**
     * Exits.
     *
     * @param code what with
     */
    public Exit(int code) {
      super("exit " + code);
      this.code = code;
    }
  }

  private InMemoryRuntime(Function function) {
    this.function = function;
  }

  /**
   * Makes a runtime.
   *
   * @param function what runs, whatever code is loaded
   * @return a runtime of images of {@link Image.Kind#JAVA}
   */
  public static InMemoryRuntime of(Function function) {
    return new InMemoryRuntime(function);
  }

  /**
   * Makes an image for it, to put into a catalog.
   *
   * @param name what policies and manifests call it
   * @return an image without a directory
   */
  public static Image image(String name) {
    return new Image(
        name,
        Image.Kind.JAVA,
        new ImageDigest("0".repeat(64)),
        Path.of(""),
        List.of(),
        List.of(),
        Set.of());
  }

  @Override
  public RuntimeLabel label() {
    return new RuntimeLabel(
        "in-memory",
        List.of(),
        List.of("the function itself: it is code of this process"),
        List.of(),
        Map.<Resource, RuntimeLabel.Claim>of());
  }

  @Override
  public boolean runs(Image.Kind kind) {
    return kind == Image.Kind.JAVA;
  }

  @Override
  public GuestProcess start(Launch launch) {
    return new Guest(function);
  }

  /** One run of the function. */
  private static final class Guest implements GuestProcess {
    private final Function function;
    private @Nullable Ending ending;

    /** The thread inside {@link #run}, and only while an interruption is the function's. */
    private @Nullable Thread running;

    Guest(Function function) {
      this.function = function;
    }

    @Override
    public Ending run(byte[] code, CellApi api) {
      var how = begin() ? runTo(code, api) : Ending.of(Ending.Cause.CLOSED);
      return ended(how);
    }

    private synchronized boolean begin() {
      if (ending == null) {
        running = Thread.currentThread();
      }
      return ending == null;
    }

    private Ending runTo(byte[] code, CellApi api) {
      try {
        function.run(code.clone(), api);
        return Ending.exited(0);
      } catch (Exit e) {
        return Ending.exited(e.code);
      } catch (Exception | StackOverflowError | OutOfMemoryError e) {
        return Ending.of(Ending.Cause.FAILED, e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }

    /** Keeps the first reason; an interruption that came too late is not the caller's. */
    private synchronized Ending ended(Ending how) {
      if (ending == null) {
        ending = how;
      } else if (running != null) {
        var _ = Thread.interrupted();
      }
      running = null;
      return ending;
    }

    @Override
    public long tick() {
      return Long.MAX_VALUE;
    }

    @Override
    public synchronized void stop(Ending why) {
      if (ending == null) {
        ending = why;
        if (running != null) {
          running.interrupt();
        }
      }
    }

    @Override
    public Usage usage() {
      return Usage.NONE;
    }

    @Override
    public void close() {
      stop(Ending.of(Ending.Cause.CLOSED));
    }
  }
}
