package dev.cloister.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The machine that a figure was got on, and what this process used of it. */
final class Machine {
  private Machine() {}

  static String describe() throws IOException {
    return "%s, %d processors, %d GiB, Linux %s, JDK %s"
        .formatted(
            field("/proc/cpuinfo", "model name"),
            Runtime.getRuntime().availableProcessors(),
            Long.parseLong(field("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) >> 20,
            System.getProperty("os.version").replaceAll("-.*", ""),
            System.getProperty("java.version"));
  }

  private static String field(String file, String name) throws IOException {
    for (var line : Files.readAllLines(Path.of(file))) {
      if (line.startsWith(name)) {
        return line.substring(line.indexOf(':') + 1).strip();
      }
    }
    return "0";
  }

  static double cpuSeconds() {
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return system.getProcessCpuTime() / 1e9;
  }

  static double threadCpuSeconds() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
  }

  static long peakBytes() throws IOException {
    return Long.parseLong(field("/proc/self/status", "VmHWM").replaceAll("\\D", "")) << 10;
  }

  /** Writes what is to be written, and lets the kernel forget what it keeps of files; as root. */
  static void forgetFiles() throws IOException, InterruptedException {
    new ProcessBuilder("sync").start().waitFor();
    Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "3", StandardOpenOption.WRITE);
  }
}
