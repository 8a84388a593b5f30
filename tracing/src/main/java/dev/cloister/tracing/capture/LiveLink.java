package dev.cloister.tracing.capture;

import dev.cloister.core.Description;
import dev.cloister.core.NativeCallException;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.internal.os.OperatingSystem.UnsupportedHere;
import dev.cloister.core.internal.os.PacketRing;
import dev.cloister.core.posture.Posture.Finding;
import java.util.List;

/**
 * Declares a network interface as the input of a context: everything that passes its filter comes,
 * or is counted as lost by cause. It does not wait for a reader: what finds the ring full is gone.
 * Immutable: each setting gives another declaration.
 *
 * <p>It needs Linux and CAP_NET_RAW, until it is open; it does not run in a lab. What the interface
 * itself, or the kernel before the capture, drops is in the counters of {@code ip -s link}, and not
 * in these. An interface that goes down is waited for; one that is removed ends the source, and is
 * its damage. The ring lies in memory of the kernel, beside the heap, and is never swapped or
 * dumped.
 *
 * @param device the interface's name
 * @param snapBytes how much of a frame is captured at most
 * @param promiscuous whether frames for other machines are captured
 * @param ringBytes how much waits for the reader before frames are lost, a multiple of the next
 * @param blockBytes how the ring is cut; a frame is cut so that it fits one block
 * @param filter decides which frames are captured
 * @param fanoutGroup the group of links that share the interface's flows, or {@link #ALONE}
 */
public record LiveLink(
    String device,
    int snapBytes,
    boolean promiscuous,
    long ringBytes,
    int blockBytes,
    PacketFilter filter,
    int fanoutGroup)
    implements AnyLink {

  /**
   * What {@code snapBytes} is unless set: 256 KiB, more than any segment that a card puts together.
   */
  public static final int SNAP_BYTES_DEFAULT = 256 << 10;

  /** What {@code ringBytes} is unless set: 64 MiB, half a second at 1 Gbit/s. */
  public static final long RING_BYTES_DEFAULT = 64L << 20;

  /** What {@code blockBytes} is unless set: 1 MiB. */
  public static final int BLOCK_BYTES_DEFAULT = 1 << 20;

  /** What {@code fanoutGroup} is unless set: the link has every flow. */
  public static final int ALONE = PacketRing.ALONE;

  private static final int PAGE_BYTES = 4096;
  private static final int BLOCK_BYTES_MAX = 16 << 20;
  private static final int GROUPS = 1 << 16;

  private static final int EPERM = 1;
  private static final int ENODEV = 19;

  /**
   * ARPHRD_TUNNEL, TUNNEL6, SIT, RAWIP and NONE: whatever is on the wire, what is captured is IP.
   */
  private static final List<Integer> BARE_IP = List.of(768, 769, 776, 519, 65_534);

  private static final int LINKTYPE_ETHERNET = 1;
  private static final int LINKTYPE_RAW = 101;

  /** Checks the settings. */
  public LiveLink {
    if (!device.matches("[^/\\s]{1,15}")) {
      throw new IllegalArgumentException(
          "interface \"" + device + "\": allowed are 1 to 15 characters without space or slash");
    }
    if (snapBytes < SNAP_BYTES_LEAST) {
      throw new IllegalArgumentException(
          "snapBytes " + snapBytes + ": must be at least " + SNAP_BYTES_LEAST);
    }
    if (blockBytes < PAGE_BYTES || blockBytes > BLOCK_BYTES_MAX || blockBytes % PAGE_BYTES != 0) {
      throw new IllegalArgumentException(
          "blockBytes %d: allowed are multiples of %d from %2$d to %d"
              .formatted(blockBytes, PAGE_BYTES, BLOCK_BYTES_MAX));
    }
    var blocks = ringBytes / blockBytes;
    if (ringBytes % blockBytes != 0 || blocks < 2 || blocks > Short.MAX_VALUE) {
      throw new IllegalArgumentException(
          "ringBytes %d: allowed are multiples of the block's %d, from 2 to %d of them"
              .formatted(ringBytes, blockBytes, Short.MAX_VALUE));
    }
    if (fanoutGroup < ALONE || fanoutGroup >= GROUPS) {
      throw new IllegalArgumentException(
          "fanoutGroup %d: allowed are 0 to %d, and %d for none"
              .formatted(fanoutGroup, GROUPS - 1, ALONE));
    }
  }

  /**
   * Declares an interface.
   *
   * @param device its name, as {@code ip link} lists it
   * @return the declaration with the defaults: promiscuous, everything, whole
   */
  public static LiveLink on(String device) {
    return new LiveLink(
        device,
        SNAP_BYTES_DEFAULT,
        true,
        RING_BYTES_DEFAULT,
        BLOCK_BYTES_DEFAULT,
        PacketFilter.everything(),
        ALONE);
  }

  /**
   * Sets how much of a frame is captured.
   *
   * @param bytes at least 64; 256 KiB unless set
   * @return a declaration with that
   */
  public LiveLink snapBytes(int bytes) {
    return new LiveLink(device, bytes, promiscuous, ringBytes, blockBytes, filter, fanoutGroup);
  }

  /**
   * Sets whether frames for other machines are captured.
   *
   * @param wanted true unless set
   * @return a declaration with that
   */
  public LiveLink promiscuous(boolean wanted) {
    return new LiveLink(device, snapBytes, wanted, ringBytes, blockBytes, filter, fanoutGroup);
  }

  /**
   * Sets how much waits for the reader, and how it is cut.
   *
   * @param bytes a multiple of {@code eachBytes}, at least 2 of them; 64 MiB unless set
   * @param eachBytes the size of a block, a multiple of 4096, up to 16 MiB; 1 MiB unless set
   * @return a declaration with that
   */
  public LiveLink ring(long bytes, int eachBytes) {
    return new LiveLink(device, snapBytes, promiscuous, bytes, eachBytes, filter, fanoutGroup);
  }

  /**
   * Sets which frames are captured.
   *
   * @param program everything unless set
   * @return a declaration with that
   */
  public LiveLink filter(PacketFilter program) {
    return new LiveLink(
        device, snapBytes, promiscuous, ringBytes, blockBytes, program, fanoutGroup);
  }

  /**
   * Shares the interface with the other links of a group, in this process or another of this
   * network: each gets whole flows, both directions, and no frame comes twice. Fragments of a
   * datagram go by their addresses, and so perhaps to another link than the rest of their flow.
   *
   * @param group 0 to 65535; no other unless set
   * @return a declaration with that
   */
  public LiveLink fanoutGroup(int group) {
    return new LiveLink(device, snapBytes, promiscuous, ringBytes, blockBytes, filter, group);
  }

  /** The ring's size is left out: it decides how much is lost, not what may come. */
  @Override
  public void describe(Description into) {
    into.put("source", "link");
    into.put("interface", device);
    into.put("snap-bytes", snapBytes);
    into.put("promiscuous", promiscuous);
    into.put("filter", filter);
    into.put("fanout-group", fanoutGroup);
  }

  /**
   * Tries whether this could be captured, without a look at any frame.
   *
   * @return nothing
   * @throws NotALink when it could not, with what to do
   */
  @Override
  public List<Finding> probe() throws NotALink {
    tap(2).close();
    return List.of();
  }

  /**
   * Begins to capture; what comes before the first poll waits in the ring.
   *
   * @param opening where losses are counted
   * @throws NotALink when the interface cannot be captured from, with what to do
   */
  @Override
  public PacketSource open(Opening opening) throws NotALink {
    var ring = tap((int) (ringBytes / blockBytes));
    return new LinkSource(
        ring, new LinkLedger(opening.ledger()), linkType(ring.hardware()), snapBytes, blockBytes);
  }

  private PacketRing tap(int blocks) throws NotALink {
    try {
      var ring = OperatingSystem.current().capturing().open(device, blockBytes, blocks);
      try {
        checkLinkType(ring.hardware());
        ring.listen(promiscuous, fanoutGroup, filter.program(snapBytes));
        return ring;
      } catch (NativeCallException | NotALink e) {
        ring.close();
        throw e;
      }
    } catch (UnsupportedHere e) {
      throw new NotALink("interface %s: %s".formatted(device, e.getMessage()), e);
    } catch (NativeCallException e) {
      throw new NotALink("interface %s: %s: %s".formatted(device, e.getMessage(), remedy(e)), e);
    }
  }

  private void checkLinkType(int hardware) throws NotALink {
    var linkType = linkType(hardware);
    if (linkType == Frame.NO_LINK) {
      throw new NotALink(
          "interface %s: hardware of type %d: captured are Ethernet, loopback and bare IP"
              .formatted(device, hardware));
    }
    filter.requireReads(device, linkType);
  }

  private static int linkType(int hardware) {
    if (hardware == PacketRing.ETHERNET || hardware == PacketRing.LOOPBACK) {
      return LINKTYPE_ETHERNET;
    }
    return BARE_IP.contains(hardware) ? LINKTYPE_RAW : Frame.NO_LINK;
  }

  private String remedy(NativeCallException refusal) {
    return switch (refusal.call()) {
      case "socket" ->
          refusal.errno() == EPERM
              ? "capturing takes root, or CAP_NET_RAW"
              : "this kernel has no packet sockets";
      case "ioctl(SIOCGIFINDEX)" ->
          refusal.errno() == ENODEV
              ? "there is no such interface, \"ip link\" lists those there are"
              : "it cannot be asked for";
      case "setsockopt(PACKET_RX_RING)", "mmap" ->
          "a ring of " + ringBytes + " bytes is more than the kernel gives: set a smaller one";
      case "setsockopt(SO_ATTACH_FILTER)" -> "the filter is no program that the kernel takes";
      case "setsockopt(PACKET_FANOUT)" ->
          "group "
              + fanoutGroup
              + " is used on another interface or in another way: choose another";
      default -> "the kernel refuses it";
    };
  }
}
