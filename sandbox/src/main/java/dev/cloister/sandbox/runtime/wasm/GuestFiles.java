package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TrapException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the host's for one guest, as WASI's calls on files have it: open from the
 * beginning, as the first descriptor after the streams, and nothing beyond it to be had by any
 * path. Whatever a file system throws is the number of an error. Used by the thread that runs the
 * guest, but for {@link #holds}, which the guest's may ask while that one waits.
 */
final class GuestFiles implements Closeable {
  private final Descriptors descriptors;
  private final Map<String, FileCall> calls = new HashMap<>();

  /** What came of a call: an error number, or what the guest is to trap with. */
  record Outcome(int errno, @Nullable TrapException trap) {}

  /**
   * Gives a directory.
   *
   * @param directory of any file system that has file channels
   * @param limit from which number on there is no descriptor
   */
  GuestFiles(Path directory, long limit) {
    descriptors = new Descriptors(limit);
    descriptors.put(
        Descriptors.FIRST,
        new OpenDirectory(
            List.of(), Rights.OF_DIRECTORY, Rights.OF_DIRECTORY | Rights.OF_FILE, true));
    var tree = new GuestTree(directory);
    calls.putAll(new DescriptorCalls(tree, descriptors).all());
    calls.putAll(new ContentCalls(descriptors).all());
    calls.putAll(new PathCalls(tree, descriptors).all());
  }

  /** The names of WASI's functions that it carries. */
  Iterable<String> names() {
    return calls.keySet();
  }

  boolean holds(long descriptor) {
    return descriptors.holds(descriptor);
  }

  Outcome carry(String name, Instance guest, long[] arguments) {
    try {
      var call = calls.get(name);
      if (call == null) {
        return new Outcome(Errno.NOT_SUPPORTED, null);
      }
      call.make(guest, arguments);
      return new Outcome(Errno.SUCCESS, null);
    } catch (TrapException trap) {
      return new Outcome(Errno.FAILED, trap);
    } catch (FileRefused refused) {
      return new Outcome(refused.errno, null);
    } catch (IOException | RuntimeException e) {
      return new Outcome(Errno.of(e), null);
    }
  }

  @Override
  public void close() {
    descriptors.closeAll();
  }
}
