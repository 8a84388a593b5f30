package dev.cloister.tracing.capture;

import dev.cloister.core.Description;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.internal.os.OperatingSystem.UnsupportedHere;
import dev.cloister.core.internal.os.PcapHandle;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import java.io.IOException;
import java.util.List;

/**
 * Declares a network interface as the input of a context, as {@link LiveLink} does, by way of
 * libpcap: slower, for systems whose kernel has no ring that this project knows. Like that one it
 * does not run in a lab, counts what it loses by cause, and ends with a removed interface.
 * Immutable: each setting gives another declaration.
 *
 * <p>What it has not: a fanout; word of an interface that is down; a socket that only receives.
 * Code within the process could send by libpcap's, so that connections are confined no better than
 * {@link State#WEAKENED}. It was tried on Linux; libpcap's pages say how other systems differ.
 *
 * @param device the interface's name, as libpcap knows it
 * @param snapBytes how much of a frame is captured at most
 * @param promiscuous whether frames for other machines are captured
 * @param bufferBytes how much waits for the reader before frames are lost
 * @param filter decides which frames are captured
 */
public record PortableLink(
    String device, int snapBytes, boolean promiscuous, int bufferBytes, PacketFilter filter)
    implements AnyLink {

  /** What {@code bufferBytes} is unless set: 64 MiB, half a second at 1 Gbit/s. */
  public static final int BUFFER_BYTES_DEFAULT = 64 << 20;

  /** More libpcap does not take. */
  private static final int SNAP_BYTES_MOST = 256 << 10;

  private static final int BUFFER_BYTES_LEAST = 1 << 20;

  /** A frame of no length is none. */
  private static final PacketFilter NOTHING = PacketFilter.parse("1\n6 0 0 0");

  /** Checks the settings. */
  public PortableLink {
    if (device.isBlank()) {
      throw new IllegalArgumentException("interface \"" + device + "\": must be named");
    }
    if (snapBytes < SNAP_BYTES_LEAST || snapBytes > SNAP_BYTES_MOST) {
      throw new IllegalArgumentException(
          "snapBytes %d: allowed are %d to %d"
              .formatted(snapBytes, SNAP_BYTES_LEAST, SNAP_BYTES_MOST));
    }
    if (bufferBytes < BUFFER_BYTES_LEAST) {
      throw new IllegalArgumentException(
          "bufferBytes " + bufferBytes + ": must be at least " + BUFFER_BYTES_LEAST);
    }
  }

  /**
   * Declares an interface.
   *
   * @param device its name
   * @return the declaration with the defaults: promiscuous, everything, whole
   */
  public static PortableLink on(String device) {
    return new PortableLink(
        device, SNAP_BYTES_MOST, true, BUFFER_BYTES_DEFAULT, PacketFilter.everything());
  }

  /**
   * Sets how much of a frame is captured.
   *
   * @param bytes 64 to 256 KiB, which is what it is unless set
   * @return a declaration with that
   */
  public PortableLink snapBytes(int bytes) {
    return new PortableLink(device, bytes, promiscuous, bufferBytes, filter);
  }

  /**
   * Sets whether frames for other machines are captured.
   *
   * @param wanted true unless set
   * @return a declaration with that
   */
  public PortableLink promiscuous(boolean wanted) {
    return new PortableLink(device, snapBytes, wanted, bufferBytes, filter);
  }

  /**
   * Sets how much waits for the reader.
   *
   * @param bytes at least 1 MiB; 64 MiB unless set
   * @return a declaration with that
   */
  public PortableLink bufferBytes(int bytes) {
    return new PortableLink(device, snapBytes, promiscuous, bytes, filter);
  }

  /**
   * Sets which frames are captured.
   *
   * @param program everything unless set
   * @return a declaration with that
   */
  public PortableLink filter(PacketFilter program) {
    return new PortableLink(device, snapBytes, promiscuous, bufferBytes, program);
  }

  /** The buffer's size is left out: it decides how much is lost, not what may come. */
  @Override
  public void describe(Description into) {
    into.put("source", "portable-link");
    into.put("interface", device);
    into.put("snap-bytes", snapBytes);
    into.put("promiscuous", promiscuous);
    into.put("filter", filter);
  }

  /**
   * Tries whether this could be captured, without a look at any frame.
   *
   * @return that libpcap's socket sends as well
   * @throws NotALink when it could not, with what to do
   */
  @Override
  public List<Finding> probe() throws NotALink {
    handle(NOTHING).close();
    return List.of(
        new Finding(
            Guarantee.CONNECTIONS_CONFINED,
            State.WEAKENED,
            "libpcap's socket on " + device + " sends as well as it receives"));
  }

  /**
   * Begins to capture; what comes before the first poll waits in the buffer.
   *
   * @param opening where losses are counted
   * @throws NotALink when the interface cannot be captured from, with what to do
   */
  @Override
  public PacketSource open(Opening opening) throws NotALink {
    return new PortableSource(handle(filter), new LinkLedger(opening.ledger()), bufferBytes);
  }

  private PcapHandle handle(PacketFilter program) throws NotALink {
    try {
      var handle = PcapHandle.open(device, snapBytes, promiscuous, bufferBytes);
      try {
        program.requireReads(device, handle.linkType());
        handle.filter(program.program(snapBytes));
        return handle;
      } catch (IOException | RuntimeException e) {
        handle.close();
        throw e;
      }
    } catch (NotALink e) {
      throw e;
    } catch (UnsupportedHere e) {
      throw new NotALink("interface %s: %s".formatted(device, e.getMessage()), e);
    } catch (IOException e) {
      throw new NotALink(
          "interface %s: libpcap says: %s: name one that \"tcpdump -D\" lists, with the right to capture"
              .formatted(device, e.getMessage()),
          e);
    }
  }
}
