package dev.cloister.tracing.tracer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.capture.PacketFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Looks for the start lines of HTTP in the frames themselves, segment by segment, with nothing of
 * this library but the reading of the file: TCP over IPv4 over Ethernet or loopback. A segment that
 * came before, by its ends and its sequence number, is passed over.
 */
final class PlainScan {
  private static final int NO_LINK_HEADER = 0;
  private static final int TCP = 6;

  /** A request line that is whole, or goes on in the next segment. */
  private static final Pattern REQUEST =
      Pattern.compile("(?:\\A|\n)([A-Z]{3,7} /[^ \r\n]*(?: HTTP/1\\.[01]\r?\n|\\z))");

  private static final Pattern RESPONSE =
      Pattern.compile("(?:\\A|\n)(HTTP/1\\.[01] [1-5][0-9]{2}[ \r\n])");

  private final List<StartLine> requests = new ArrayList<>();
  private final List<StartLine> responses = new ArrayList<>();
  private final Set<ByteBuffer> seen = new HashSet<>();
  private int frames;
  private int retransmissions;

  /**
   * A start line, where it stands.
   *
   * @param frame the number of the frame, from 1
   * @param offset in the segment's data
   * @param text how it begins
   */
  record StartLine(int frame, int offset, String text) {
    private static final int SHOWN = 12;

    StartLine {
      text = text.substring(0, Math.min(SHOWN, text.length()));
    }
  }

  private PlainScan() {}

  static PlainScan of(Path capture) throws IOException {
    var scan = new PlainScan();
    try (var source = PacketFile.at(capture).open()) {
      while (source.poll(scan::frame, 1024) >= 0) {
        // Each frame was looked into as it came.
      }
    }
    return scan;
  }

  private void frame(Frame frame) {
    frames++;
    var bytes = ByteBuffer.wrap(frame.bytes(), frame.offset(), frame.length()).slice();
    var ip = frame.linkType() == NO_LINK_HEADER ? 4 : 14;
    if (bytes.limit() < ip + 40 || bytes.get(ip) >> 4 != 4 || bytes.get(ip + 9) != TCP) {
      return;
    }
    var tcp = ip + (bytes.get(ip) & 0xf) * 4;
    var data = tcp + (bytes.get(tcp + 12) >> 4 & 0xf) * 4;
    var end = Math.min(bytes.limit(), ip + (bytes.getShort(ip + 2) & 0xffff));
    if (data < end) {
      segment(bytes, ip, tcp, ISO_8859_1.decode(bytes.slice(data, end - data)).toString());
    }
  }

  private void segment(ByteBuffer bytes, int ip, int tcp, String data) {
    var ends = ByteBuffer.allocate(16).put(bytes.slice(ip + 12, 8)).put(bytes.slice(tcp, 8));
    if (seen.add(ends.flip())) {
      find(REQUEST, data, requests);
      find(RESPONSE, data, responses);
    } else if (REQUEST.matcher(data).find() || RESPONSE.matcher(data).find()) {
      retransmissions++;
    }
  }

  private void find(Pattern line, String data, List<StartLine> found) {
    for (var matcher = line.matcher(data); matcher.find(); ) {
      found.add(new StartLine(frames, matcher.start(1), matcher.group(1)));
    }
  }

  List<StartLine> requests() {
    return requests;
  }

  List<StartLine> responses() {
    return responses;
  }

  /** Returns how many segments with a start line came again. */
  int retransmissions() {
    return retransmissions;
  }
}
