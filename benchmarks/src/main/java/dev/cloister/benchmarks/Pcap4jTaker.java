package dev.cloister.benchmarks;

import java.io.OutputStream;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNetworkInterface.PromiscuousMode;
import org.pcap4j.core.RawPacketListener;

/**
 * A process that takes frames from a link through pcap4j until its standard input ends; see {@link
 * Links}.
 */
final class Pcap4jTaker {
  private static final int SNAP_BYTES = 65_536;
  private static final int TIMEOUT_MILLIS = 10;
  private static final int FOR_EVER = -1;

  private long taken;

  private Pcap4jTaker() {}

  /** Takes from which interface, through how large a buffer. */
  public static void main(String[] args) throws Exception {
    var taker = new Pcap4jTaker();
    try (var handle =
            new PcapHandle.Builder(args[0])
                .snaplen(SNAP_BYTES)
                .promiscuousMode(PromiscuousMode.PROMISCUOUS)
                .timeoutMillis(TIMEOUT_MILLIS)
                .bufferSize(Integer.parseInt(args[1]) << 20)
                .build();
        var threads = Executors.newCachedThreadPool()) {
      Callable<Long> work = () -> taker.take(handle);
      var taken = threads.submit(work);
      System.out.println(LinkTaker.READY);
      System.in.transferTo(OutputStream.nullOutputStream());
      handle.breakLoop();
      System.out.println("taken " + taken.get());
    }
  }

  private long take(PcapHandle handle) throws Exception {
    RawPacketListener counting = _ -> taken++;
    try {
      handle.loop(FOR_EVER, counting);
    } catch (InterruptedException _) {
      // So it says that the loop was broken.
    }
    return taken;
  }
}
