package dev.cloister.tracing.capture;

import dev.cloister.core.internal.os.OperatingSystem.UnsupportedHere;
import dev.cloister.core.internal.os.PcapHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A program by which the kernel decides which frames a link captures, before it copies or counts
 * them; the kernel checks it when a link opens. It sees a frame without the tag of a virtual LAN
 * that the interface took off: a program of {@code tcpdump -ddd -i} asks for that as Linux wants
 * it, one that was compiled here does not. Immutable. Source: the kernel's
 * Documentation/networking/filter.rst, pcap-filter(7).
 */
public final class PacketFilter {
  /** The most instructions that the kernel takes. */
  public static final int INSTRUCTIONS_MAX = 4096;

  /** A link of any kind: nobody said what the program reads. */
  static final int ANY_LINK = -1;

  private static final int INSTRUCTION_BYTES = 8;
  private static final int RETURN_CONSTANT = 6;
  private static final int WHOLE = 0xffff_ffff;

  private final byte[] program;
  private final int linkType;

  private PacketFilter(byte[] program, int linkType) {
    this.program = program;
    this.linkType = linkType;
  }

  /**
   * Lets every frame through.
   *
   * @return the filter of a link that has no other
   */
  public static PacketFilter everything() {
    return parse("1\n" + RETURN_CONSTANT + " 0 0 " + Integer.toUnsignedString(WHOLE));
  }

  /**
   * Reads a program as {@code tcpdump -ddd} prints it: how many instructions there are, then each
   * on a line of its own, four decimal numbers. What they read must fit the link they are used on.
   *
   * @param text the program
   * @return the filter
   * @throws IllegalArgumentException naming the line that is not understood
   */
  public static PacketFilter parse(String text) {
    var lines = List.of(text.strip().split("\\R", -1));
    var count = number(lines, 0, lines.getFirst(), INSTRUCTIONS_MAX);
    if (count < 1 || count != lines.size() - 1) {
      throw new IllegalArgumentException(
          "filter, line 1: %d instructions are announced, %d follow: give what tcpdump -ddd prints"
              .formatted(count, lines.size() - 1));
    }
    var bytes = new byte[(int) count * INSTRUCTION_BYTES];
    var program = buffer(bytes);
    for (var i = 1; i < lines.size(); i++) {
      var words = lines.get(i).strip().split("\\s+", -1);
      if (words.length != 4) {
        throw new IllegalArgumentException(
            "filter, line %d: \"%s\": four numbers make an instruction"
                .formatted(i + 1, lines.get(i)));
      }
      program.putShort((short) number(lines, i, words[0], 0xffff));
      program.put((byte) number(lines, i, words[1], 0xff));
      program.put((byte) number(lines, i, words[2], 0xff));
      program.putInt((int) number(lines, i, words[3], 0xffff_ffffL));
    }
    return new PacketFilter(bytes, ANY_LINK);
  }

  private static long number(List<String> lines, int line, String word, long most) {
    try {
      var number = Long.parseLong(word);
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "filter, line %d: %s in \"%s\": allowed are numbers from 0 to %d"
            .formatted(line + 1, word, lines.get(line), most));
  }

  /**
   * Compiles an expression such as {@code tcp port 80} with libpcap, where that is installed. Names
   * of hosts in it are looked up at once, and so asked of a resolver.
   *
   * @param expression as in pcap-filter(7)
   * @param linkType what the link's frames begin with, as a LINKTYPE number of the pcap registry: 1
   *     for Ethernet and loopback, 101 for bare IP
   * @return the filter
   * @throws IllegalArgumentException with libpcap's words when the expression is none
   * @throws IOException where there is no libpcap
   */
  public static PacketFilter compile(String expression, int linkType) throws IOException {
    try {
      return new PacketFilter(PcapHandle.compile(expression, linkType, WHOLE >>> 1), linkType);
    } catch (UnsupportedHere e) {
      throw new IOException(
          "filter \"%s\": %s; install it, or parse what tcpdump -ddd prints elsewhere"
              .formatted(expression, e.getMessage()),
          e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("filter \"%s\": %s".formatted(expression, e.getMessage()));
    }
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  /** Returns the program as the kernel takes it, which copies no more of a frame than is wanted. */
  byte[] program(int snapBytes) {
    var copy = program.clone();
    var bounded = buffer(copy);
    for (var at = 0; at < program.length; at += INSTRUCTION_BYTES) {
      if (bounded.getShort(at) == RETURN_CONSTANT
          && Integer.compareUnsigned(bounded.getInt(at + 4), snapBytes) > 0) {
        bounded.putInt(at + 4, snapBytes);
      }
    }
    return copy;
  }

  /** Refuses an interface whose frames the program, as far as is known, does not read. */
  void requireReads(String device, int link) throws NotALink {
    if (linkType != ANY_LINK && linkType != link) {
      throw new NotALink(
          "interface %s: its frames are of link type %d: compile the filter for that"
              .formatted(device, link));
    }
  }

  /** Tells whether the other is the same program. */
  @Override
  public boolean equals(Object other) {
    return other instanceof PacketFilter filter
        && linkType == filter.linkType
        && Arrays.equals(program, filter.program);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(program);
  }

  /**
   * Writes the program, for a measurement.
   *
   * @return the instructions in hex, with a space between them: code, two jumps, constant
   */
  @Override
  public String toString() {
    var text = new StringBuilder();
    var instructions = buffer(program);
    for (var at = 0; at < program.length; at += INSTRUCTION_BYTES) {
      text.append(at == 0 ? "" : " ")
          .append("%04x".formatted(instructions.getShort(at)))
          .append(HexFormat.of().formatHex(program, at + 2, at + 4))
          .append("%08x".formatted(instructions.getInt(at + 4)));
    }
    return text.toString();
  }
}
