package dev.cloister.tracing.testing;

import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.Flow;
import org.jspecify.annotations.Nullable;

/** The connection of a {@link ParserHarness}. */
final class HarnessFlow implements Flow {
  private static final Endpoint CLIENT = Endpoint.of("10.0.0.1", 2000);
  private static final Endpoint SERVER = Endpoint.of("192.0.2.80", 80);

  private @Nullable Object attachment;

  private static Endpoint sender(Direction direction) {
    return direction == Direction.CLIENT_TO_SERVER ? CLIENT : SERVER;
  }

  @Override
  public long number() {
    return 0;
  }

  @Override
  public int addressBytes() {
    return CLIENT.bytes().length;
  }

  @Override
  public void sourceAddress(Direction direction, byte[] out, int offset) {
    System.arraycopy(sender(direction).bytes(), 0, out, offset, addressBytes());
  }

  @Override
  public int sourcePort(Direction direction) {
    return sender(direction).port();
  }

  @Override
  public boolean isFromTheBeginning() {
    return true;
  }

  @Override
  public @Nullable Object attachment() {
    return attachment;
  }

  @Override
  public void attach(@Nullable Object state) {
    attachment = state;
  }
}
