package dev.cloister.tracing.capture;

/** Takes frames, one at a time. */
@FunctionalInterface
public interface FrameHandler {

  /**
   * Takes one.
   *
   * @param frame valid until this returns
   */
  void frame(Frame frame);
}
