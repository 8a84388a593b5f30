package dev.cloister.sandbox.session;

import dev.cloister.core.policy.Resource;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.runtime.Usage;
import java.util.Arrays;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a function is, by its node's word.
 *
 * @param ending how it ended; empty while it lives
 * @param usage what it used until now, or until its end
 */
public record CellStatus(Optional<Ending> ending, Usage usage) {
  private static final int DENIED_CALLS_MAX = 1024;
  private static final int NAME_BYTES = 256;

  /** Above what an ending keeps: 1,001 characters, each of at most 3 bytes. */
  private static final int DETAIL_BYTES = 4096;

  Body write() {
    var body = new Body().truth(ending.isPresent());
    ending.ifPresent(how ->
        body.text16(how.cause().label(), NAME_BYTES)
            .text16(how.limit().map(Resource::label).orElse(""), NAME_BYTES)
            .u32(how.exitCode())
            .text16(how.detail(), DETAIL_BYTES));
    body.i64(usage.cpuNanos())
        .i64(usage.memoryPeakBytes())
        .i64(usage.processesPeak())
        .i64(usage.wallNanos())
        .i64(usage.diskBytes())
        .i64(usage.bytesIn())
        .i64(usage.bytesOut());
    var denied = usage.deniedCalls().entrySet().stream().limit(DENIED_CALLS_MAX).toList();
    body.u16(denied.size());
    denied.forEach(call -> body.text16(call.getKey(), NAME_BYTES).i64(call.getValue()));
    return body;
  }

  static CellStatus read(Fields in) throws Broken {
    var ending = in.truth() ? Optional.of(readEnding(in)) : Optional.<Ending>empty();
    var status = new CellStatus(ending, readUsage(in));
    in.end();
    return status;
  }

  private static Ending readEnding(Fields in) throws Broken {
    var label = in.text16();
    var cause =
        Arrays.stream(Cause.values())
            .filter(one -> one.label().equals(label))
            .findFirst()
            .orElseThrow(() -> new Broken(SessionCounter.MALFORMED));
    var limit = in.text16();
    var resource = Resource.named(limit);
    Fields.check(resource.isPresent() == (cause == Cause.LIMIT));
    Fields.check(resource.isPresent() || limit.isEmpty());
    return new Ending(cause, resource, in.i32(), in.text16());
  }

  private static Usage readUsage(Fields in) throws Broken {
    var numbers = new long[7];
    for (var i = 0; i < numbers.length; i++) {
      numbers[i] = in.i64(0);
    }
    var calls = new TreeMap<String, Long>();
    for (var count = in.u16(); count > 0; count--) {
      calls.put(in.text16(), in.i64(0));
    }
    return new Usage(
        numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], calls);
  }
}
