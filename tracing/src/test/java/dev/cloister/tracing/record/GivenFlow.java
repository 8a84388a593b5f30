package dev.cloister.tracing.record;

import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.Flow;
import org.jspecify.annotations.Nullable;

/** A connection without a reassembler: 192.0.2.1 port 40000 speaks to 198.51.100.2 port 8080. */
public final class GivenFlow implements Flow {
  private static final byte[] CLIENT = {(byte) 192, 0, 2, 1};
  private static final byte[] SERVER = {(byte) 198, 51, 100, 2};

  private final boolean isFromTheBeginning;

  private GivenFlow(boolean isFromTheBeginning) {
    this.isFromTheBeginning = isFromTheBeginning;
  }

  /**
   * Makes a connection that was captured from its first packet on.
   *
   * @return number 7
   */
  public static GivenFlow fromTheBeginning() {
    return new GivenFlow(true);
  }

  /**
   * Makes a connection of which the first packets were not captured.
   *
   * @return number 7
   */
  public static GivenFlow fromTheMiddle() {
    return new GivenFlow(false);
  }

  @Override
  public long number() {
    return 7;
  }

  @Override
  public int addressBytes() {
    return CLIENT.length;
  }

  @Override
  public void sourceAddress(Direction direction, byte[] out, int offset) {
    var address = direction == Direction.CLIENT_TO_SERVER ? CLIENT : SERVER;
    System.arraycopy(address, 0, out, offset, address.length);
  }

  @Override
  public int sourcePort(Direction direction) {
    return direction == Direction.CLIENT_TO_SERVER ? 40_000 : 8080;
  }

  @Override
  public boolean isFromTheBeginning() {
    return isFromTheBeginning;
  }

  @Override
  public @Nullable Object attachment() {
    return null;
  }

  @Override
  public void attach(@Nullable Object state) {
    throw new UnsupportedOperationException("a parser attaches nothing");
  }
}
