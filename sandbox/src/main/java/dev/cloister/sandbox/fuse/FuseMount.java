package dev.cloister.sandbox.fuse;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.internal.os.Mounting;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.sandbox.internal.HostLife;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A directory of any {@code java.nio.file} provider, mounted for every process that may enter the
 * mount point; files below it belong to one user and are that user's by their modes. It keeps
 * nothing from root, and does not make a directory safe that others change behind it.
 *
 * <p>There is no thread here: whoever touches the mount waits until a thread of the caller's is in
 * {@link #serve}. Threads should be of the platform, for each waits in the kernel. A mount dies
 * with its process; what is left of it in the table of mounts answers ENOTCONN until {@link
 * #clearStale} or the next mount at that place. Writes reach the root before they return; what is
 * mapped shared and not yet synchronized is lost at the end. Hard links, extended attributes,
 * devices and pipes are refused. What is changed behind the mount is seen after a second. Source:
 * fuse(4).
 */
public final class FuseMount implements AutoCloseable {
  /** How long closing waits for the threads that serve, should the root be slow. */
  public static final int CLOSE_WAIT_SECONDS = 10;

  private final Mounting kernel;
  private final HostLife life;
  private final Path place;
  private final boolean made;
  private final Device device;
  private final Session session;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private int serving;
  private boolean closed;
  private boolean deviceClosed;

  private FuseMount(
      Mounting kernel, HostLife life, Path place, boolean made, Device device, Session session) {
    this.kernel = kernel;
    this.life = life;
    this.place = place;
    this.made = made;
    this.device = device;
    this.session = session;
  }

  /**
   * Describes a mount.
   *
   * @param root the directory to show; its file system stays the caller's
   * @return a plan with standard limits, whose files are root's
   */
  public static Plan of(Path root) {
    return new Plan(root);
  }

  /** A mount that is not made yet. Not safe for use by many threads. */
  public static final class Plan {
    private final Path root;
    private FuseLimits limits = FuseLimits.standard();
    private TimeSource time = TimeSource.system();
    private Owner owner = new Owner(0, 0);

    private Plan(Path root) {
      this.root = root;
    }

    /**
     * Says whose all files appear to be, until root gives the mounted directory itself to another
     * by chown(2).
     *
     * @param user a uid
     * @param group a gid
     * @return this
     */
    public Plan ownedBy(int user, int group) {
      owner = new Owner(user, group);
      return this;
    }

    /**
     * Says what it may hold in memory.
     *
     * @param most {@link FuseLimits#standard} unless said
     * @return this
     */
    public Plan limits(FuseLimits most) {
      limits = most;
      return this;
    }

    /**
     * Gives the clock by which files are touched.
     *
     * @param source the system's unless said
     * @return this
     */
    public Plan time(TimeSource source) {
      time = source;
      return this;
    }

    /**
     * Mounts it. What a dead process left mounted there is taken away before.
     *
     * @param place an empty directory; made where there is none, for this user alone, and then
     *     removed when the mount is closed
     * @return the mount, which nobody serves yet
     * @throws IOException when this process cannot mount, with what it lacks, or not there
     */
    public FuseMount mountedAt(Path place) throws IOException {
      var support = FuseSupport.here();
      if (!support.available()) {
        throw new IOException(
            "cannot mount at " + place + ": " + String.join("; ", support.lacks()));
      }
      var _ = clearStale(place);
      var directory = place.toAbsolutePath().normalize();
      var made = prepare(directory);
      try {
        return mounted(directory.toRealPath(), made);
      } catch (IOException | RuntimeException e) {
        removeIfMade(directory, made);
        throw e;
      }
    }

    private FuseMount mounted(Path place, boolean made) throws IOException {
      var life = MountTable.begun();
      var session = new Session(root, limits, owner, time);
      try {
        var kernel = OperatingSystem.current().mounting();
        var device = new Device(kernel);
        try {
          kernel.mount(life.name(), MountTable.TYPE, place.toString(), options(device));
        } catch (NativeCallException e) {
          device.close();
          throw e;
        }
        return new FuseMount(kernel, life, place, made, device, session);
      } catch (NativeCallException e) {
        throw new IOException(
            "cannot mount at "
                + place
                + ": "
                + e.getMessage()
                + "; the process needs /dev/fuse and, in a container, CAP_SYS_ADMIN",
            e);
      }
    }

    private static String options(Device device) {
      return "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions"
          .formatted(device.descriptor());
    }

    private static boolean prepare(Path directory) throws IOException {
      if (Files.notExists(directory)) {
        var mode = PosixFilePermissions.fromString("rwx------");
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(mode));
        return true;
      }
      if (!Files.isDirectory(directory)) {
        throw new NotDirectoryException(directory.toString());
      }
      try (var entries = Files.newDirectoryStream(directory)) {
        if (entries.iterator().hasNext()) {
          throw new DirectoryNotEmptyException(directory.toString());
        }
      }
      return false;
    }
  }

  /**
   * Takes away what dead processes left mounted; what a living one serves is left alone, and the
   * directories stay.
   *
   * @param directory at which, or below
   * @return how many mounts
   * @throws IOException when one cannot be taken away
   */
  public static int clearStale(Path directory) throws IOException {
    // Not the real path of the place itself, which cannot be asked for where a mount is dead.
    var absolute = directory.toAbsolutePath().normalize();
    var parent = absolute.getParent();
    var name = absolute.getFileName();
    try {
      var real = parent == null || name == null ? absolute : parent.toRealPath().resolve(name);
      return MountTable.clearStale(OperatingSystem.current().mounting(), real);
    } catch (NoSuchFileException _) {
      return 0;
    }
  }

  /**
   * Returns where it is mounted.
   *
   * @return a directory of the default file system
   */
  public Path place() {
    return place;
  }

  /**
   * Returns what was counted until now.
   *
   * @return a number for every counter
   */
  public Map<FuseCounter, Long> counts() {
    return session.counts();
  }

  /**
   * Answers the kernel until the mount is closed or unmounted; to be called by one thread or more,
   * each with two buffers of a mebibyte. A thread that is interrupted goes on, and is interrupted
   * again when this returns: the end is {@link #close}. Whatever a guest asks and whatever the root
   * throws, this goes on.
   *
   * @throws NativeCallException when the device itself fails
   */
  public void serve() {
    if (!enter()) {
      return;
    }
    try (var arena = Arena.ofConfined()) {
      var frames = arena.allocate(Session.FRAME_BYTES + Session.DATA_BYTES, 8);
      var answers = arena.allocate(Reply.HEADER_BYTES + Session.DATA_BYTES, 8);
      try {
        serve(
            frames.asByteBuffer().order(ByteOrder.nativeOrder()),
            answers.asByteBuffer().order(ByteOrder.nativeOrder()));
      } finally {
        frames.fill((byte) 0);
        answers.fill((byte) 0);
      }
    } finally {
      leave();
    }
  }

  private void serve(ByteBuffer frame, ByteBuffer answer) {
    var interrupted = false;
    try {
      while (device.receive(frame)) {
        // An interrupt would close whatever file of the root's is in use.
        interrupted |= Thread.interrupted();
        if (session.answer(frame, answer) && !device.send(answer)) {
          session.notTaken();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean enter() {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      serving++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      serving--;
      left.signalAll();
      if (closed && serving == 0) {
        closeDevice();
      }
    } finally {
      lock.unlock();
    }
  }

  private void closeDevice() {
    if (!deviceClosed) {
      deviceClosed = true;
      device.close();
    }
  }

  /**
   * Unmounts, whoever uses it, here and wherever else it is shown; ends every {@link #serve};
   * closes what guests held open, and removes the mount point if it was made here. A second call
   * does nothing.
   *
   * @throws IOException when a part failed; all was tried
   */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      lock.unlock();
    }
    var failures = new Failures();
    failures.run(() -> MountTable.unmount(kernel, life));
    failures.run(this::awaitServing);
    failures.run(session::close);
    failures.run(() -> removeIfMade(place, made));
    failures.throwFirst();
  }

  /** Whoever serves longer closes the device at its end. */
  private void awaitServing() {
    lock.lock();
    try {
      var nanos = TimeUnit.SECONDS.toNanos(CLOSE_WAIT_SECONDS);
      while (serving > 0 && nanos > 0) {
        nanos = left.awaitNanos(nanos);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      if (serving == 0) {
        closeDevice();
      }
      lock.unlock();
    }
  }

  private static void removeIfMade(Path directory, boolean made) throws IOException {
    if (made) {
      Files.deleteIfExists(directory);
    }
  }
}
