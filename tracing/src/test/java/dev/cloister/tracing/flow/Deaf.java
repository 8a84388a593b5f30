package dev.cloister.tracing.flow;

/** Hears everything and keeps nothing; a test overrides what it wants to know. */
class Deaf implements StreamListener {
  @Override
  public void data(
      Flow flow,
      Direction direction,
      long position,
      byte[] bytes,
      int offset,
      int length,
      long timeNanos) {}

  @Override
  public void gap(Flow flow, Direction direction, long position, long length, long timeNanos) {}

  @Override
  public void end(Flow flow, EndCause cause, long timeNanos) {}
}
