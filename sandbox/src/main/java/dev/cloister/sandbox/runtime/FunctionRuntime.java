package dev.cloister.sandbox.runtime;

import dev.cloister.sandbox.image.Image;
import java.io.IOException;

/**
 * What runs functions: it keeps one inside its boundary, carries its calls to the host, limits and
 * accounts it. What it withstands is in its {@link #label()}, and it withstands nothing else.
 *
 * <p>Safe for use by many threads. Users may implement it; {@code
 * dev.cloister.sandbox.testing.FunctionRuntimeContract} is what every one does.
 */
public interface FunctionRuntime {

  /**
   * Says what this runtime is on this host.
   *
   * @return its name, what it withstands, and what it does about each limit
   */
  RuntimeLabel label();

  /**
   * Tells whether this runtime runs an image.
   *
   * @param kind the image's kind
   * @return whether {@link #start} would take it
   */
  boolean runs(Image.Kind kind);

  /**
   * Starts a guest up to the point where it waits for its function's code; its limits hold from
   * here.
   *
   * @param launch what to start, and within which limits
   * @return the guest, which the caller closes
   * @throws IOException when it did not start; then nothing is left of it
   */
  GuestProcess start(Launch launch) throws IOException;
}
