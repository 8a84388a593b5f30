package dev.cloister.sandbox.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.CorruptStorage;
import dev.cloister.core.TimeSource;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Answers the kernel's frames, one for one. Whatever a frame holds and whatever the root throws
 * becomes an answer and a count; nothing is thrown. Safe for use by many threads, each with its own
 * buffers.
 */
final class Session {
  private static final int MAJOR = 7;

  /** Whose structures are used here; the kernel may have a later one. */
  private static final int MINOR = 31;

  /** The first whose answer to INIT has the size that is sent here; Linux 3.15. */
  private static final int LEAST_MINOR = 23;

  /** The most that one request carries. */
  static final int DATA_BYTES = 1 << 20;

  /** What a buffer for requests has beside their data. */
  static final int FRAME_BYTES = 4096;

  private static final int PAGE_BYTES = 4096;
  private static final int BACKGROUND = 16;
  private static final int CONGESTED = 12;

  private static final int ASYNC_READ = 1;
  private static final int ATOMIC_O_TRUNC = 1 << 3;
  private static final int BIG_WRITES = 1 << 5;
  private static final int AUTO_INVAL_DATA = 1 << 12;
  private static final int PARALLEL_DIROPS = 1 << 18;
  private static final int MAX_PAGES = 1 << 22;
  private static final int WANTED =
      ASYNC_READ | ATOMIC_O_TRUNC | BIG_WRITES | AUTO_INVAL_DATA | PARALLEL_DIROPS | MAX_PAGES;

  private static final int GETATTR_SKIPPED_BYTES = 16;
  private static final int FORMAT = 0170000;
  private static final int NOREPLACE = 1;
  private static final int DATA_ONLY = 1;
  private static final int NAME_BYTES = 255;
  private static final int ENTRY_HEAD_BYTES = 24;

  /** What getdents(2) is told where the number is not known. */
  private static final long UNKNOWN_INODE = 0xFFFFFFFFL;

  private final Handles handles;
  private final Tree tree;
  private final TimeSource time;
  private final Map<FuseCounter, LongAdder> counts = new EnumMap<>(FuseCounter.class);
  private volatile Owner owner;

  Session(Path root, FuseLimits limits, Owner owner, TimeSource time) {
    this.handles = new Handles(limits);
    this.tree = new Tree(root, limits, handles);
    this.owner = owner;
    this.time = time;
    for (var counter : FuseCounter.values()) {
      counts.put(counter, new LongAdder());
    }
  }

  Map<FuseCounter, Long> counts() {
    var all = new EnumMap<FuseCounter, Long>(FuseCounter.class);
    counts.forEach((counter, count) -> all.put(counter, count.sum()));
    return all;
  }

  private void count(FuseCounter counter, long number) {
    var count = counts.get(counter);
    if (count != null) {
      count.add(number);
    }
  }

  /** Counts an answer that the kernel did not take for one. */
  void notTaken() {
    count(FuseCounter.FAILED, 1);
  }

  /** Closes all that the kernel held open. */
  void close() throws IOException {
    handles.close();
  }

  /**
   * Answers one frame.
   *
   * @param frame what came, little or big endian as this machine is
   * @param answer is filled, from its start to its limit
   * @return whether there is an answer
   */
  boolean answer(ByteBuffer frame, ByteBuffer answer) {
    count(FuseCounter.REQUESTS, 1);
    var request = Request.of(frame);
    if (request.isEmpty()) {
      count(FuseCounter.MALFORMED, 1);
      return false;
    }
    var asked = request.get();
    var reply = new Reply(answer);
    try {
      var _ = reply.begin();
      act(asked, reply);
      reply.done(asked.unique());
    } catch (IOException | RuntimeException | Error e) {
      // Also an Error of the root's: whoever asked shall not wait for ever.
      reply.refuse(asked.unique(), counted(e));
    }
    return asked.opcode().answered();
  }

  private Errno counted(Throwable thrown) {
    var errno = Errno.of(thrown);
    count(
        switch (errno) {
          case ENFILE -> FuseCounter.FULL;
          case ENOSPC, EDQUOT -> FuseCounter.NO_SPACE;
          case ENOSYS, ENOTTY -> FuseCounter.UNSUPPORTED;
          case EIO -> thrown instanceof CorruptStorage ? FuseCounter.CORRUPT : FuseCounter.FAILED;
          case ENOMEM -> FuseCounter.FAILED;
          default ->
              thrown instanceof BufferUnderflowException
                  ? FuseCounter.MALFORMED
                  : FuseCounter.REFUSED;
        },
        1);
    return errno;
  }

  private void act(Request request, Reply reply) throws IOException {
    switch (request.opcode()) {
      case INIT -> negotiate(request, reply.body());
      case LOOKUP -> entry(reply, tree.lookup(request.node(), request.nextName()));
      case FORGET -> tree.forget(request.node(), request.nextLong());
      case BATCH_FORGET -> forget(request);
      case GETATTR -> {
        request.skip(GETATTR_SKIPPED_BYTES);
        attributes(reply, tree.attributes(request.node()), request.node());
      }
      case SETATTR -> change(request, reply);
      case READLINK -> reply.body().put(tree.target(request.node()).getBytes(UTF_8));
      case SYMLINK -> {
        var name = request.nextName();
        entry(reply, tree.link(request.node(), name, request.nextTarget()));
      }
      case MKNOD -> makeFile(request, reply);
      case MKDIR -> {
        var mode = request.nextInt();
        request.skip(4);
        entry(reply, tree.makeDirectory(request.node(), request.nextName(), mode));
      }
      case UNLINK -> tree.remove(request.node(), request.nextName(), false);
      case RMDIR -> tree.remove(request.node(), request.nextName(), true);
      case RENAME -> rename(request, request.nextLong(), 0);
      case RENAME2 -> {
        var to = request.nextLong();
        var flags = request.nextInt();
        request.skip(4);
        rename(request, to, flags);
      }
      // One number, one name: a second would be another file to the kernel.
      case LINK -> throw new Refused(Errno.EPERM);
      case OPEN -> reply.opened(tree.open(request.node(), request.nextInt()));
      case CREATE -> create(request, reply);
      case READ -> read(request, reply.body());
      case WRITE -> write(request, reply.body());
      case RELEASE, RELEASEDIR -> handles.release(request.nextLong());
      case FSYNC -> {
        var file = handles.file(request.nextLong());
        file.sync((request.nextInt() & DATA_ONLY) != 0);
      }
      case OPENDIR -> reply.opened(tree.openDirectory(request.node()));
      case READDIR -> list(request, reply.body());
      case STATFS -> space(reply.body());
      case IOCTL -> throw new Refused(Errno.ENOTTY);
      // An interrupted request is answered as soon as any: none waits for anything but the root.
      case INTERRUPT, DESTROY -> {}
      case OTHER -> throw new Refused(Errno.ENOSYS);
    }
  }

  private void negotiate(Request request, ByteBuffer reply) throws Refused {
    var major = request.nextInt();
    var minor = request.nextInt();
    if (major < MAJOR || (major == MAJOR && minor < LEAST_MINOR)) {
      throw new Refused(Errno.EPROTO);
    }
    // To a later major version only the number is said; it comes again with this one.
    var known = major == MAJOR;
    var readahead = known ? request.nextInt() : 0;
    var flags = known ? request.nextInt() & WANTED : 0;
    reply.putInt(MAJOR).putInt(MINOR).putInt(readahead).putInt(flags);
    reply.putShort((short) BACKGROUND).putShort((short) CONGESTED);
    reply.putInt(DATA_BYTES).putInt(1).putShort((short) (DATA_BYTES / PAGE_BYTES));
    reply.putShort((short) 0).putInt(0);
    for (var i = 0; i < 7; i++) {
      reply.putInt(0);
    }
  }

  private void entry(Reply reply, Tree.Entry entry) {
    reply.entry(entry, owner);
  }

  private void attributes(Reply reply, Attributes attributes, long node) {
    reply.attributes(attributes, node, owner);
  }

  private void forget(Request request) {
    var count = request.nextInt();
    request.skip(4);
    // As many as came, whatever the count says.
    for (var i = 0; i != count; i++) {
      tree.forget(request.nextLong(), request.nextLong());
    }
  }

  private void change(Request request, Reply reply) throws IOException {
    var change = Change.of(request, time.now());
    var wanted = change.ownerAfter(owner);
    if (!wanted.equals(owner)) {
      if (!tree.isRoot(request.node()) || request.user() != 0) {
        throw new Refused(Errno.EPERM);
      }
      owner = wanted;
    }
    attributes(reply, tree.change(request.node(), change), request.node());
  }

  private void makeFile(Request request, Reply reply) throws IOException {
    var mode = request.nextInt();
    request.skip(12);
    var format = mode & FORMAT;
    if (format != 0 && format != Kind.FILE.format()) {
      throw new Refused(Errno.EPERM);
    }
    entry(reply, tree.makeFile(request.node(), request.nextName(), mode));
  }

  private void rename(Request request, long to, int flags) throws IOException {
    if ((flags & ~NOREPLACE) != 0) {
      throw new Refused(Errno.EINVAL);
    }
    var name = request.nextName();
    tree.rename(request.node(), name, to, request.nextName(), flags == NOREPLACE);
  }

  private void create(Request request, Reply reply) throws IOException {
    var flags = request.nextInt();
    var mode = request.nextInt();
    request.skip(8);
    var created = tree.create(request.node(), request.nextName(), flags, mode);
    entry(reply, created.entry());
    reply.opened(created.handle());
  }

  private void read(Request request, ByteBuffer reply) throws IOException {
    var file = handles.file(request.nextLong());
    var offset = request.nextLong();
    var size = size(request.nextInt());
    var start = reply.position();
    reply.limit(start + size);
    file.read(reply, offset);
    count(FuseCounter.BYTES_READ, reply.position() - start);
  }

  private static int size(int asked) throws Refused {
    if (asked < 0 || asked > DATA_BYTES) {
      throw new Refused(Errno.EINVAL);
    }
    return asked;
  }

  private void write(Request request, ByteBuffer reply) throws IOException {
    var file = handles.file(request.nextLong());
    var offset = request.nextLong();
    var size = size(request.nextInt());
    request.skip(20);
    if (request.rest().remaining() != size) {
      throw new Refused(Errno.EINVAL);
    }
    var written = file.write(request.rest(), offset);
    count(FuseCounter.BYTES_WRITTEN, written);
    reply.putInt(written).putInt(0);
  }

  private void list(Request request, ByteBuffer reply) throws IOException {
    var directory = handles.directory(request.nextLong());
    var offset = request.nextLong();
    var size = size(request.nextInt());
    var names = directory.names(offset == 0, () -> tree.names(directory.node()));
    if (offset < 0) {
      throw new Refused(Errno.EINVAL);
    }
    reply.limit(reply.position() + size);
    for (var at = offset; at < names.size(); at++) {
      if (!putEntry(reply, directory.node(), names.get((int) at), at + 1)) {
        break;
      }
    }
  }

  /** Writes struct fuse_dirent, if there is room for it. */
  private boolean putEntry(ByteBuffer reply, Node directory, String name, long next) {
    var bytes = name.getBytes(UTF_8);
    var padded = ENTRY_HEAD_BYTES + Math.ceilDiv(bytes.length, 8) * 8;
    if (reply.remaining() < padded) {
      return false;
    }
    var end = reply.position() + padded;
    var node = tree.known(directory, name);
    reply.putLong(node.map(known -> known.id).orElse(UNKNOWN_INODE)).putLong(next);
    reply.putInt(bytes.length);
    reply.putInt(node.map(known -> known.kind.entryType()).orElse(0)).put(bytes);
    while (reply.position() < end) {
      reply.put((byte) 0);
    }
    return true;
  }

  /** Writes struct fuse_kstatfs. */
  private void space(ByteBuffer reply) throws IOException {
    var store = tree.store();
    var free = store.getUsableSpace() / PAGE_BYTES;
    reply.putLong(store.getTotalSpace() / PAGE_BYTES).putLong(free).putLong(free);
    reply.putLong(0).putLong(0).putInt(PAGE_BYTES).putInt(NAME_BYTES).putInt(PAGE_BYTES);
    for (var i = 0; i < 7; i++) {
      reply.putInt(0);
    }
  }
}
