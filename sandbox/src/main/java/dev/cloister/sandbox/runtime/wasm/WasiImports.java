package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.Instance;
import dev.cloister.sandbox.guest.DirectCalls.Outcome;
import dev.cloister.sandbox.guest.Request;
import dev.cloister.sandbox.runtime.Ending;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * WASI preview 1, every function of it, giving nothing that the cell's API did not grant: no
 * arguments, no environment, no socket, no directory but the launch's; the clock and random bytes
 * are the cell's. Standard input is what the guest was given, standard output and error are its
 * last words. Used by the guest's thread. Source: WASI snapshot preview 1, {@code witx}.
 */
final class WasiImports {
  private static final int LAST_STREAM = 2;
  private static final byte CHARACTER_DEVICE = 2;

  private static final int SUBSCRIPTIONS = 64;
  private static final int SUBSCRIPTION_BYTES = 48;
  private static final int EVENT_BYTES = 32;
  private static final int RANDOM_BYTES = 1 << 20;
  private static final int RANDOM_BYTES_A_CALL = 1 << 16;
  private static final long RESOLUTION_NANOS = 1_000_000;
  private static final long SECOND_NANOS = 1_000_000_000;
  private static final long SLEEP_AT_MOST_NANOS = 86_400 * SECOND_NANOS;

  /** What asks for a directory, where none was given; for a link, a socket or another process. */
  private static final Map<String, String> DENIED =
      Map.ofEntries(
          Map.entry("path_create_directory", "iii"),
          Map.entry("path_filestat_get", "iiiii"),
          Map.entry("path_filestat_set_times", "iiiilli"),
          Map.entry("path_link", "iiiiiii"),
          Map.entry("path_open", "iiiiillii"),
          Map.entry("path_readlink", "iiiiii"),
          Map.entry("path_remove_directory", "iii"),
          Map.entry("path_rename", "iiiiii"),
          Map.entry("path_symlink", "iiiii"),
          Map.entry("path_unlink_file", "iii"),
          Map.entry("proc_raise", "i"),
          Map.entry("sock_accept", "iii"),
          Map.entry("sock_recv", "iiiiii"),
          Map.entry("sock_send", "iiiii"),
          Map.entry("sock_shutdown", "ii"));

  /** What only files have, and directories. */
  private static final Map<String, String> OF_FILES =
      Map.ofEntries(
          Map.entry("fd_advise", "illi"),
          Map.entry("fd_allocate", "ill"),
          Map.entry("fd_datasync", "i"),
          Map.entry("fd_fdstat_set_flags", "ii"),
          Map.entry("fd_fdstat_set_rights", "ill"),
          Map.entry("fd_filestat_set_size", "il"),
          Map.entry("fd_filestat_set_times", "illi"),
          Map.entry("fd_pread", "iiili"),
          Map.entry("fd_prestat_dir_name", "iii"),
          Map.entry("fd_prestat_get", "ii"),
          Map.entry("fd_pwrite", "iiili"),
          Map.entry("fd_readdir", "iiili"),
          Map.entry("fd_renumber", "ii"),
          Map.entry("fd_sync", "i"));

  private final GuestSide side;
  private int inputRead;

  /** A function that answers with an error number. */
  @FunctionalInterface
  private interface Call {
    int answer(Instance guest, long[] arguments);
  }

  WasiImports(GuestSide side) {
    this.side = side;
  }

  /** Lists every function of WASI. */
  Map<String, Import> functions() {
    var all = new LinkedHashMap<String, Import>();
    DENIED.forEach((name, parameters) -> add(all, name, parameters, (_, _) -> denied(name)));
    OF_FILES.forEach(
        (name, parameters) -> add(all, name, parameters, (_, _) -> Errno.BAD_DESCRIPTOR));
    add(all, "args_get", "ii", (_, _) -> Errno.SUCCESS);
    add(all, "args_sizes_get", "ii", WasiImports::noTexts);
    add(all, "environ_get", "ii", (_, _) -> Errno.SUCCESS);
    add(all, "environ_sizes_get", "ii", WasiImports::noTexts);
    add(all, "clock_res_get", "ii", WasiImports::resolution);
    add(all, "clock_time_get", "ili", this::time);
    add(all, "fd_close", "i", (_, a) -> stream(a[0]) ? Errno.SUCCESS : Errno.BAD_DESCRIPTOR);
    add(all, "fd_fdstat_get", "ii", WasiImports::descriptor);
    add(all, "fd_filestat_get", "ii", WasiImports::attributes);
    add(all, "fd_read", "iiii", this::read);
    add(all, "fd_seek", "ilii", (_, a) -> stream(a[0]) ? Errno.NOT_SEEKABLE : Errno.BAD_DESCRIPTOR);
    add(all, "fd_tell", "ii", (_, a) -> stream(a[0]) ? Errno.NOT_SEEKABLE : Errno.BAD_DESCRIPTOR);
    add(all, "fd_write", "iiii", this::write);
    add(all, "poll_oneoff", "iiii", this::poll);
    add(all, "random_get", "ii", this::random);
    add(all, "sched_yield", "", (_, _) -> Errno.SUCCESS);
    all.put("proc_exit", new Import(Signature.of("i", ""), (_, a) -> exit((int) a[0])));
    side.files.ifPresent(files -> files.names().forEach(name -> carry(all, files, name)));
    return all;
  }

  /** Gives calls on files to those who have them; streams stay what they are. */
  private void carry(Map<String, Import> all, GuestFiles files, String name) {
    var ofDescriptor = name.startsWith("fd_");
    all.computeIfPresent(
        name,
        (_, plain) ->
            new Import(
                plain.type(),
                (guest, a) ->
                    ofDescriptor && stream(a[0])
                        ? plain.handle().apply(guest, a)
                        : new long[] {carried(files, name, guest, a)}));
  }

  private int carried(GuestFiles files, String name, Instance guest, long[] a) {
    var given = a;
    if (name.endsWith("_set_times") && FileTimes.needNow(a[a.length - 1])) {
      var now = now();
      if (now.isEmpty()) {
        return denied(name);
      }
      given = FileTimes.withNow(a, a.length - 3, now.getAsLong());
    }
    var errno = side.carry(files, name, guest, given);
    return errno == Errno.NOT_CAPABLE ? denied(name) : errno;
  }

  private static void add(Map<String, Import> all, String name, String parameters, Call call) {
    all.put(
        name,
        new Import(
            Signature.of(parameters, "i"), (guest, a) -> new long[] {call.answer(guest, a)}));
  }

  private static boolean stream(long descriptor) {
    return descriptor >= 0 && descriptor <= LAST_STREAM;
  }

  private boolean isOpen(long descriptor) {
    return stream(descriptor) || side.files.filter(files -> files.holds(descriptor)).isPresent();
  }

  private int denied(String call) {
    side.deny(call);
    return Errno.NOT_CAPABLE;
  }

  private static long[] exit(int code) {
    throw new Halt(Ending.exited(code & 0xff));
  }

  private static void put(Instance guest, long address, int bytes, Consumer<ByteBuffer> fields) {
    var value = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fields.accept(value);
    Span.of(guest, address, bytes).write(value.array(), 0);
  }

  private static void putInt(Instance guest, long address, int value) {
    put(guest, address, Integer.BYTES, bytes -> bytes.putInt(value));
  }

  private static void putLong(Instance guest, long address, long value) {
    put(guest, address, Long.BYTES, bytes -> bytes.putLong(value));
  }

  private static int noTexts(Instance guest, long[] a) {
    putInt(guest, a[0], 0);
    putInt(guest, a[1], 0);
    return Errno.SUCCESS;
  }

  private static int resolution(Instance guest, long[] a) {
    if (!isClock(a[0])) {
      return Errno.NOT_SUPPORTED;
    }
    putLong(guest, a[1], RESOLUTION_NANOS);
    return Errno.SUCCESS;
  }

  /** The time of day, and one that may stand for a steady clock; not what a process used. */
  private static boolean isClock(long id) {
    return id == 0 || id == 1;
  }

  private int time(Instance guest, long[] a) {
    if (!isClock(a[0])) {
      return Errno.NOT_SUPPORTED;
    }
    var now = now();
    if (now.isEmpty()) {
      return denied("clock_time_get");
    }
    putLong(guest, a[2], now.getAsLong());
    return Errno.SUCCESS;
  }

  /** Nanoseconds since 1970, where the cell tells the time. */
  private OptionalLong now() {
    var reply = side.ask(Request.TIME, new byte[0]);
    if (reply.outcome() != Outcome.OK) {
      return OptionalLong.empty();
    }
    var time = ByteBuffer.wrap(reply.body());
    return OptionalLong.of(time.getLong() * SECOND_NANOS + time.getInt());
  }

  private static int descriptor(Instance guest, long[] a) {
    if (!stream(a[0])) {
      return Errno.BAD_DESCRIPTOR;
    }
    var rights = a[0] == 0 ? Rights.READ : Rights.WRITE;
    put(guest, a[1], 24, bytes -> bytes.put(0, CHARACTER_DEVICE).putLong(8, rights));
    return Errno.SUCCESS;
  }

  private static int attributes(Instance guest, long[] a) {
    if (!stream(a[0])) {
      return Errno.BAD_DESCRIPTOR;
    }
    put(guest, a[1], 64, bytes -> bytes.put(16, CHARACTER_DEVICE));
    return Errno.SUCCESS;
  }

  private int read(Instance guest, long[] a) {
    if (a[0] != 0) {
      return Errno.BAD_DESCRIPTOR;
    }
    if (tooMany(a[2], Vectors.MOST)) {
      return Errno.INVALID;
    }
    var got = 0;
    for (var i = 0; i < a[2]; i++) {
      var written = Vectors.at(guest, a[1], i).write(side.input, inputRead);
      inputRead += written;
      got += written;
    }
    putInt(guest, a[3], got);
    return Errno.SUCCESS;
  }

  private int write(Instance guest, long[] a) {
    if (!stream(a[0]) || a[0] == 0) {
      return Errno.BAD_DESCRIPTOR;
    }
    if (tooMany(a[2], Vectors.MOST)) {
      return Errno.INVALID;
    }
    var taken = 0L;
    for (var i = 0; i < a[2]; i++) {
      var vector = Vectors.at(guest, a[1], i);
      side.write(vector.tail(GuestSide.worthKeeping()));
      taken += vector.length();
    }
    putInt(guest, a[3], (int) Math.min(taken, Integer.MAX_VALUE));
    return Errno.SUCCESS;
  }

  private static boolean tooMany(long count, int most) {
    return (count & 0xffff_ffffL) > most;
  }

  private int random(Instance guest, long[] a) {
    if (tooMany(a[1], RANDOM_BYTES)) {
      return Errno.INVALID;
    }
    var wanted = (int) a[1];
    Span.of(guest, a[0], wanted);
    for (var done = 0; done < wanted; ) {
      var piece = Math.min(wanted - done, RANDOM_BYTES_A_CALL);
      var reply =
          side.ask(Request.RANDOM, ByteBuffer.allocate(Integer.BYTES).putInt(piece).array());
      if (reply.outcome() != Outcome.OK) {
        return reply.outcome() == Outcome.REFUSED ? denied("random_get") : Errno.FAILED;
      }
      Span.of(guest, a[0] + done, piece).write(reply.body(), 0);
      done += piece;
    }
    return Errno.SUCCESS;
  }

  /** What a guest waits for, as it wrote it. */
  private record Subscription(long userData, int kind, long subject, long nanos, boolean absolute) {
    static final int CLOCK = 0;

    static Subscription read(ByteBuffer from) {
      return new Subscription(
          from.getLong(0),
          from.get(8),
          from.getInt(16) & 0xffff_ffffL,
          from.getLong(24),
          (from.getShort(40) & 1) != 0);
    }

    void event(ByteBuffer to, boolean isOpen) {
      var error = kind == CLOCK || isOpen ? Errno.SUCCESS : Errno.BAD_DESCRIPTOR;
      to.putLong(0, userData).putShort(8, (short) error).put(10, (byte) kind);
    }
  }

  /** Sleeps, and wakes when the guest is to end. Streams and files are always ready. */
  private int poll(Instance guest, long[] a) {
    if (a[2] == 0 || tooMany(a[2], SUBSCRIPTIONS)) {
      return Errno.INVALID;
    }
    var all = new ArrayList<Subscription>();
    for (var i = 0; i < a[2]; i++) {
      var at = (a[0] & 0xffff_ffffL) + (long) SUBSCRIPTION_BYTES * i;
      var bytes = Span.of(guest, at, SUBSCRIPTION_BYTES).read();
      all.add(Subscription.read(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)));
    }
    var ready = all.stream().filter(each -> each.kind != Subscription.CLOCK).toList();
    if (ready.isEmpty()) {
      var first = all.getFirst();
      var shortest = Long.MAX_VALUE;
      for (var each : all) {
        var left = wait(each);
        if (left.isEmpty()) {
          return denied("poll_oneoff");
        }
        if (left.getAsLong() < shortest) {
          shortest = left.getAsLong();
          first = each;
        }
      }
      sleep(shortest);
      ready = List.of(first);
    }
    for (var i = 0; i < ready.size(); i++) {
      var at = (a[1] & 0xffff_ffffL) + (long) EVENT_BYTES * i;
      var each = ready.get(i);
      put(guest, at, EVENT_BYTES, event -> each.event(event, isOpen(each.subject)));
    }
    putInt(guest, a[3], ready.size());
    return Errno.SUCCESS;
  }

  /**
   * How long until a subscription is due; empty where only a clock that is not granted can tell.
   */
  private OptionalLong wait(Subscription subscription) {
    if (!subscription.absolute) {
      return OptionalLong.of(bounded(subscription.nanos));
    }
    var now = now();
    return now.isEmpty()
        ? now
        : OptionalLong.of(
            Long.compareUnsigned(subscription.nanos, now.getAsLong()) <= 0
                ? 0
                : bounded(subscription.nanos - now.getAsLong()));
  }

  private static long bounded(long unsignedNanos) {
    return Long.compareUnsigned(unsignedNanos, SLEEP_AT_MOST_NANOS) > 0
        ? SLEEP_AT_MOST_NANOS
        : unsignedNanos;
  }

  private static void sleep(long nanos) {
    try {
      Thread.sleep(nanos / RESOLUTION_NANOS, (int) (nanos % RESOLUTION_NANOS));
    } catch (InterruptedException _) {
      throw GuestSide.interrupted();
    }
  }
}
