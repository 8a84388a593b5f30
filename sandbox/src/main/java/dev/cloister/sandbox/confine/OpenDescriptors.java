package dev.cloister.sandbox.confine;

import dev.cloister.core.internal.os.Confining;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The descriptors of one spawn: whatever is not kept is closed at its end, however it ends. */
final class OpenDescriptors implements AutoCloseable {
  private final Confining system;
  private final List<Integer> descriptors = new ArrayList<>();
  private final List<java.io.Closeable> streams = new ArrayList<>();

  OpenDescriptors(Confining system) {
    this.system = system;
  }

  /**
   * The two sides of three pipes.
   *
   * @param ofChild the descriptors that become its 0, 1 and 2
   * @param input to write its standard input
   * @param output to read its standard output
   * @param error to read its standard error
   * @param rawOutput a descriptor of {@code output}, to look whether there is anything
   */
  record Streams(
      List<Integer> ofChild,
      InputPipe input,
      InputStream output,
      InputStream error,
      int rawOutput) {}

  int add(int descriptor) {
    descriptors.add(descriptor);
    return descriptor;
  }

  /** Hands a descriptor over: it is not closed here. */
  int keep(int descriptor) {
    descriptors.removeIf(each -> each == descriptor);
    return descriptor;
  }

  /** Hands the streams over. */
  void keepStreams() {
    streams.clear();
  }

  Streams streams() throws IOException {
    var in = pipe();
    var out = pipe();
    var err = pipe();
    var input = new InputPipe(system, path(in.writing()), in.writing());
    keep(in.writing());
    streams.add(input);
    var output = new FileInputStream(path(out.reading()));
    streams.add(output);
    var error = new FileInputStream(path(err.reading()));
    streams.add(error);
    // Or a guest of this user could open them again, and read or fill what the host counts on.
    takeNames(in.writing());
    takeNames(out.reading());
    return new Streams(
        List.of(in.reading(), out.writing(), err.writing()), input, output, error, out.reading());
  }

  /** From now on nobody opens this pipe any more; who has it open keeps it. */
  private static void takeNames(int descriptor) throws IOException {
    Files.setPosixFilePermissions(Path.of(path(descriptor)), Set.of());
  }

  private Confining.Pipe pipe() {
    var pipe = system.pipe();
    add(pipe.reading());
    add(pipe.writing());
    return pipe;
  }

  /** By this name Java opens the same pipe again, for a stream of its own. */
  private static String path(int descriptor) {
    return "/proc/self/fd/" + descriptor;
  }

  @Override
  public void close() throws IOException {
    descriptors.forEach(system::close);
    for (var stream : streams) {
      try {
        stream.close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }
}
