package dev.cloister.tracing.capture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A capture file that is read from its beginning to its end, or its first damage. */
final class CaptureFile implements PacketSource {
  private static final int PCAPNG_SECTION = 0x0a0d0d0a;
  private static final int GZIP = 0x1f8b;

  private final FileWindow window;
  private final Format format;
  private final Frame frame = new Frame();
  private @Nullable Damage damage;
  private volatile boolean stopped;

  /** How the records of a file are told apart. */
  interface Format {

    /**
     * Reads the next frame.
     *
     * @return false at the end of the file
     * @throws Damaged when what is there is no record
     */
    boolean next(Frame into) throws IOException, Damaged;
  }

  /** Says that a file ceased to make sense. */
  static final class Damaged extends Exception {
    private static final long serialVersionUID = 1L;
    private final long offset;

    Damaged(long offset, String what) {
      super(what);
      this.offset = offset;
    }
  }

  private CaptureFile(FileWindow window, Format format) {
    this.window = window;
    this.format = format;
  }

  static CaptureFile open(Path file) throws IOException {
    var window = new FileWindow(file);
    try {
      return new CaptureFile(window, format(file, window));
    } catch (IOException e) {
      window.close();
      throw e;
    }
  }

  private static Format format(Path file, FileWindow window) throws IOException {
    if (!window.need(Integer.BYTES)) {
      throw new NotACapture(file + " is shorter than any capture: give a pcap or pcapng file");
    }
    var magic = Bytes.intBig(window.bytes(), window.position());
    if (magic == PCAPNG_SECTION) {
      return new PcapngFormat(window);
    }
    var pcap = PcapFormat.of(file, magic, window);
    if (pcap != null) {
      return pcap;
    }
    throw new NotACapture(
        "%s begins with %08x, which is neither pcap nor pcapng: %s"
            .formatted(
                file,
                magic,
                magic >>> Short.SIZE == GZIP ? "gunzip it first" : "give a capture file"));
  }

  @Override
  public int poll(FrameHandler handler, int most) throws IOException {
    var given = 0;
    try {
      while (given < most) {
        if (stopped || damage != null || !format.next(frame)) {
          return given > 0 ? given : -1;
        }
        given++;
        handler.frame(frame);
      }
      return given;
    } catch (Damaged e) {
      damage = new Damage(e.offset, String.valueOf(e.getMessage()));
      return given > 0 ? given : -1;
    }
  }

  @Override
  public boolean canWait() {
    return true;
  }

  @Override
  public Optional<Damage> damage() {
    return Optional.ofNullable(damage);
  }

  @Override
  public long bytesRead() {
    return window.offset();
  }

  @Override
  public long bytesTotal() {
    return window.size();
  }

  @Override
  public void stop() {
    stopped = true;
  }

  @Override
  public void close() throws IOException {
    stopped = true;
    window.close();
  }
}
