package dev.cloister.sandbox.session;

import dev.cloister.core.policy.Manifest;
import dev.cloister.core.token.Right;
import dev.cloister.core.token.Terms;
import dev.cloister.sandbox.host.Attachment;
import dev.cloister.sandbox.host.CellHost;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries one conversation's requests to the host, and its answers back; judges nothing but the
 * fields. For one thread.
 */
final class Answering {
  /** The rights of a narrower token, by their bits. */
  static final Right[] RIGHTS = {Right.INVOKE, Right.READ, Right.DELEGATE};

  private final CellHost host;
  private final ServerLimits limits;
  private @Nullable Attachment attachment;

  /** The number of the last message that the client was sent, or said it has. */
  private long last;

  Answering(CellHost host, ServerLimits limits) {
    this.host = host;
    this.limits = limits;
  }

  Answer answer(Ask ask, Fields in) throws Broken, IOException, InterruptedException {
    return switch (ask) {
      case POLICY -> policy(in);
      case EVIDENCE -> evidence(in);
      case START -> start(in);
      case LOAD -> load(in);
      case CALL -> call(in);
      case SEND -> send(in);
      case END_INPUT -> endInput(in);
      case ATTACH -> attach(in);
      case RECEIVE -> receive(in);
      case POLL -> poll(in);
      case STATUS -> status(in);
      case DELEGATE -> delegate(in);
      case SHUT_DOWN -> shutDown(in);
    };
  }

  /** Words for the client; what the function's side says of itself is, all else is not. */
  static String words(Ask ask, Exception e) {
    return switch (ask) {
      case CALL, SEND ->
          e instanceof IOException ? String.valueOf(e.getMessage()) : "the function failed";
      case START -> "the cell could not be started; nothing is left of it";
      case LOAD -> "the function could not be loaded";
      case SHUT_DOWN -> "something of the cell could not be removed; the rest was";
      default -> "the node failed";
    };
  }

  private Answer policy(Fields in) throws Broken {
    in.end();
    return Answer.ok(Papers.write(host.policy().document()));
  }

  /** No attestation is offered yet. */
  private static Answer evidence(Fields in) throws Broken {
    in.bytes(CellClient.EVIDENCE_NONCE_BYTES);
    in.end();
    return Answer.none(new Body());
  }

  private Answer start(Fields in) throws Broken, IOException {
    var manifest = Manifest.of(Papers.read(in, "manifest", Optional.empty()));
    var cell = host.start(manifest);
    try (var grant = cell.grant()) {
      return Answer.ok(
          new Body()
              .hex(cell.id().hex())
              .token(grant.invocation())
              .token(grant.shutdown())
              .hex(cell.publicKey())
              .hex(cell.agreementKey())
              .hex(cell.measurement()));
    }
  }

  private Answer load(Fields in) throws Broken, IOException {
    Fields.check(LoadBuckets.isOne(in.sizeBytes()));
    var by = in.shown();
    var codeBytes = in.u32();
    var dataBytes = in.u32();
    var code = in.bytes(codeBytes);
    var data = in.bytes(dataBytes);
    in.padding();
    host.load(by, code, data);
    return Answer.done();
  }

  private Answer call(Fields in) throws Broken, IOException {
    var by = in.shown();
    var deadline = waiting(in);
    var answer = host.call(by, in.rest(), deadline);
    return Answer.ok(new Body(answer.length).bytes(answer));
  }

  private Duration waiting(Fields in) throws Broken {
    var asked = Duration.ofMillis(in.u32());
    return asked.compareTo(limits.longestWait()) < 0 ? asked : limits.longestWait();
  }

  private Answer send(Fields in) throws Broken, IOException {
    var by = in.shown();
    host.send(by, in.rest());
    return Answer.done();
  }

  private Answer endInput(Fields in) throws Broken {
    var by = in.shown();
    in.end();
    host.endInput(by);
    return Answer.done();
  }

  private Answer attach(Fields in) throws Broken {
    var by = in.shown();
    var from = in.i64(-1);
    in.end();
    attachment = host.attach(by, from);
    last = from;
    return Answer.done();
  }

  private Attachment attached() throws Broken {
    if (attachment == null) {
      throw new Broken(SessionCounter.OUT_OF_TURN);
    }
    return attachment;
  }

  private Answer receive(Fields in) throws Broken, InterruptedException {
    var from = attached();
    var timeout = waiting(in);
    var acknowledged = in.i64(-1);
    in.end();
    Fields.check(acknowledged <= last);
    from.acknowledge(acknowledged);
    var message = from.receive(timeout);
    if (message.isEmpty()) {
      return Answer.none(new Body().truth(from.isAtEnd()));
    }
    var got = message.get();
    last = got.number();
    return Answer.ok(new Body(Long.BYTES + got.sizeBytes()).i64(last).bytes(got.bytes()));
  }

  private Answer poll(Fields in) throws Broken {
    in.end();
    var from = attached();
    return Answer.ok(new Body().truth(from.poll()).truth(from.isAtEnd()));
  }

  private Answer status(Fields in) throws Broken {
    in.end();
    var from = attached();
    return Answer.ok(new CellStatus(from.ending(), from.usage()).write());
  }

  private Answer delegate(Fields in) throws Broken {
    var by = in.shown();
    var terms = terms(in);
    in.end();
    try (var narrower = host.delegate(by, terms)) {
      return Answer.ok(new Body().token(narrower));
    }
  }

  private static Terms terms(Fields in) throws Broken {
    var uses = in.i64(1);
    var millis = in.i64(1);
    var bits = in.u8();
    Fields.check(millis <= Terms.LONGEST.toMillis() && bits > 0 && bits < 1 << RIGHTS.length);
    var rights = EnumSet.noneOf(Right.class);
    for (var bit = 0; bit < RIGHTS.length; bit++) {
      if ((bits >> bit & 1) == 1) {
        rights.add(RIGHTS[bit]);
      }
    }
    return new Terms(uses, Duration.ofMillis(millis), rights);
  }

  private Answer shutDown(Fields in) throws Broken, IOException {
    var by = in.shown();
    in.end();
    host.shutdown(by);
    return Answer.done();
  }
}
