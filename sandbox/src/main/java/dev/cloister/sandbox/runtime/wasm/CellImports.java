package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import dev.cloister.core.policy.Resource;
import dev.cloister.sandbox.guest.DirectCalls;
import dev.cloister.sandbox.guest.Request;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions of the module {@code cell}, as {@code abi.md} among the resources of the guests
 * describes them. Used by the guest's thread.
 */
final class CellImports {
  private static final int NONE = -1;
  private static final int REFUSED = -2;
  private static final int FAILED = -3;
  private static final int INVALID = -4;
  private static final int FIELD_BYTES = 0xffff;
  private static final int WORDS_BYTES = 512;
  private static final byte[] NOTHING = {};

  private final GuestSide side;
  private byte[] answer = NOTHING;

  /** A function that answers with a number. */
  @FunctionalInterface
  private interface Call {
    int answer(Instance guest, long[] arguments);
  }

  CellImports(GuestSide side) {
    this.side = side;
  }

  /** Lists every function with its parameters and result, as {@link Signature} writes them. */
  Map<String, Import> functions() {
    return Map.ofEntries(
        function("take", "ii", this::take),
        function("words", "", (_, _) -> answer.length),
        function("receive", "i", (_, a) -> answered(Request.RECEIVE, number(a[0]))),
        function("poll", "", (_, _) -> truth(Request.POLL, NOTHING)),
        function("send", "ii", (guest, a) -> plain(Request.SEND, guest, a)),
        function("get", "ii", (guest, a) -> plain(Request.GET, guest, a)),
        function("put", "iiii", (guest, a) -> sized(Request.PUT, guest, a)),
        function("delete", "ii", this::delete),
        function("list", "", (_, _) -> answered(Request.LIST, NOTHING)),
        function("random", "i", (_, a) -> answered(Request.RANDOM, number(a[0]))),
        function("time", "", (_, _) -> answered(Request.TIME, NOTHING)),
        function("fetch", "iiiiiiii", this::fetch),
        function("call", "iiii", (guest, a) -> sized(Request.CALL, guest, a)),
        function("tor", "ii", (guest, a) -> plain(Request.TOR, guest, a)),
        function("exit", "i", (_, a) -> exit((int) a[0])),
        Map.entry("fail", new Import(Signature.of("ii", ""), this::fail)));
  }

  private static Map.Entry<String, Import> function(String name, String parameters, Call call) {
    WasmFunctionHandle handle = (guest, a) -> new long[] {call.answer(guest, a)};
    return Map.entry(name, new Import(Signature.of(parameters, "i"), handle));
  }

  private static byte[] number(long value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt((int) value).array();
  }

  private int take(Instance guest, long[] a) {
    return Span.of(guest, a[0], a[1]).write(answer, 0);
  }

  /** Carries a request whose body is one piece of memory. */
  private int plain(Request request, Instance guest, long[] a) {
    return tooLong(a[1]) ? invalid() : answered(request, Span.of(guest, a[0], a[1]).read());
  }

  private int delete(Instance guest, long[] a) {
    return tooLong(a[1]) ? invalid() : truth(Request.DELETE, Span.of(guest, a[0], a[1]).read());
  }

  /** Carries a request of a short field and what follows it. */
  private int sized(Request request, Instance guest, long[] a) {
    if (longField(a[1]) || tooLong(a[3])) {
      return invalid();
    }
    var body = new ByteArrayOutputStream();
    field(body, Span.of(guest, a[0], a[1]).read());
    body.writeBytes(Span.of(guest, a[2], a[3]).read());
    return answered(request, body.toByteArray());
  }

  private int fetch(Instance guest, long[] a) {
    if (longField(a[1]) || longField(a[3]) || tooLong(a[5]) || tooLong(a[7])) {
      return invalid();
    }
    var headers = Span.of(guest, a[4], a[5]).read();
    var count = headersIn(headers);
    if (count < 0) {
      return invalid();
    }
    var body = new ByteArrayOutputStream();
    field(body, Span.of(guest, a[0], a[1]).read());
    field(body, Span.of(guest, a[2], a[3]).read());
    body.write(count >> 8);
    body.write(count);
    body.writeBytes(headers);
    body.writeBytes(Span.of(guest, a[6], a[7]).read());
    return answered(Request.FETCH, body.toByteArray());
  }

  /** Counts pairs of fields; negative where they do not fill the bytes, or are too many. */
  private static int headersIn(byte[] headers) {
    var fields = 0;
    var left = ByteBuffer.wrap(headers);
    while (left.remaining() >= Short.BYTES && fields <= 2 * FIELD_BYTES) {
      var length = left.getShort() & FIELD_BYTES;
      if (length > left.remaining()) {
        return -1;
      }
      left.position(left.position() + length);
      fields++;
    }
    return left.hasRemaining() || fields % 2 != 0 || fields > 2 * FIELD_BYTES ? -1 : fields / 2;
  }

  private static void field(ByteArrayOutputStream body, byte[] field) {
    body.write(field.length >> 8);
    body.write(field.length);
    body.writeBytes(field);
  }

  private static boolean tooLong(long length) {
    return (length & 0xffff_ffffL) > DirectCalls.BODY_BYTES;
  }

  private static boolean longField(long length) {
    return (length & 0xffff_ffffL) > FIELD_BYTES;
  }

  private int invalid() {
    answer = NOTHING;
    return INVALID;
  }

  private int answered(Request request, byte[] body) {
    answer = NOTHING;
    var reply = side.ask(request, body);
    answer = reply.body();
    return switch (reply.outcome()) {
      case OK -> answer.length;
      case NONE -> NONE;
      case REFUSED -> REFUSED;
      case FAILED -> FAILED;
      case INVALID -> INVALID;
    };
  }

  private int truth(Request request, byte[] body) {
    var code = answered(request, body);
    return code < 0 ? code : answer[0];
  }

  private int exit(int code) {
    var refusal = answered(Request.EXIT, new byte[] {(byte) code});
    if (refusal < 0) {
      return refusal;
    }
    throw new Halt(Ending.exited(code & 0xff));
  }

  private long[] fail(Instance guest, long... a) {
    var words = Span.of(guest, a[0], Math.min(a[1] & 0xffff_ffffL, WORDS_BYTES)).read();
    throw new Halt(failed(new String(words, StandardCharsets.UTF_8), side.limit()));
  }

  /** An error that a limit gave rise to, and that the function let out, is that limit's. */
  private static Ending failed(String words, @Nullable String limit) {
    if (words.startsWith("MemoryError") || words.startsWith("InternalError: out of memory")) {
      return Ending.atLimit(Resource.MEMORY_BYTES, words);
    }
    return limit != null && words.contains("limits." + limit)
        ? Resource.named(limit)
            .map(resource -> Ending.atLimit(resource, words))
            .orElseGet(() -> Ending.of(Cause.FAILED, words))
        : Ending.of(Cause.FAILED, words);
  }
}
