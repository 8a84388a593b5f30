package dev.cloister.sandbox.fuse;

import dev.cloister.core.internal.Failures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** A mount, and threads that serve it. */
public final class Served implements AutoCloseable {
  private static final int THREADS = 3;

  final FuseMount mount;
  final Path place;
  private final List<FutureTask<Boolean>> serving = new ArrayList<>();

  private Served(FuseMount mount) {
    this.mount = mount;
    this.place = mount.place();
    for (var i = 0; i < THREADS; i++) {
      var task = new FutureTask<>(mount::serve, true);
      serving.add(task);
      Thread.ofPlatform().daemon().name("serves-" + i).start(task);
    }
  }

  /**
   * Mounts, and serves.
   *
   * @param place where
   * @param root what
   * @return the mount, served by three threads
   * @throws IOException when it cannot be mounted
   */
  public static Served at(Path place, Path root) throws IOException {
    return of(FuseMount.of(root), place);
  }

  static Served of(FuseMount.Plan plan, Path place) throws IOException {
    return new Served(plan.mountedAt(place));
  }

  /**
   * Returns where it is mounted.
   *
   * @return the mount point
   */
  public Path place() {
    return place;
  }

  /**
   * Unmounts, while it is used.
   *
   * @throws IOException when that fails
   */
  public void unmount() throws IOException {
    mount.close();
  }

  /** Waits until nobody serves any more. */
  void ended() throws Exception {
    for (var task : serving) {
      task.get(30, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() throws IOException {
    var failures = new Failures();
    failures.run(mount::close);
    failures.run(() -> {
      try {
        ended();
      } catch (Exception e) {
        throw new IOException("a thread still serves", e);
      }
    });
    failures.throwFirst();
  }
}
