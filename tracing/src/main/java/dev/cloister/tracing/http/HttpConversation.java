package dev.cloister.tracing.http;

import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.http.HttpFields.Message;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.StreamParser;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pairs the two directions of a connection into exchanges. Requests are answered in their order;
 * where a gap may have hidden one or the other, what cannot belong together by its time is left
 * alone.
 */
final class HttpConversation extends Holdings.Holder implements StreamParser, MessageListener {
  /** So many requests wait for their answers; older ones are told without. */
  private static final int EXCHANGES_MAX = 256;

  /** A connection that has said nothing of HTTP by then is left alone. */
  private static final long FOREIGN_BYTES_MAX = 64 << 10;

  /** One whose beginning was not captured may be inside some content up to then. */
  private static final long FOREIGN_BYTES_FROM_THE_MIDDLE_MAX = 16 << 20;

  /** What an exchange takes besides its text. */
  private static final int EXCHANGE_BYTES = 1536;

  private final Flow flow;
  private final Emitter emitter;
  private final Holdings holdings;
  private final MessageReader clientSide = new MessageReader(this);
  private final MessageReader serverSide = new MessageReader(this);

  /** Those not told yet, oldest first. */
  private final Deque<Exchange> exchanges = new ArrayDeque<>();

  private @Nullable MessageReader requests;
  private @Nullable Exchange requested;
  private @Nullable Exchange responded;
  private boolean isInterim;
  private boolean mayHaveLostResponses;

  /** Requests that were told without their answers, which may still come, before all others. */
  private long toldUnanswered;

  private long foreignBytes;
  private Optional<ContentLength> requestLength = Optional.empty();
  private Optional<ContentLength> responseLength = Optional.empty();

  HttpConversation(Flow flow, Emitter emitter, Holdings holdings) {
    this.flow = flow;
    this.emitter = emitter;
    this.holdings = holdings;
  }

  private MessageReader reader(Direction direction) {
    return direction == Direction.CLIENT_TO_SERVER ? clientSide : serverSide;
  }

  @Override
  public boolean data(Direction direction, byte[] bytes, int offset, int length, long timeNanos) {
    reader(direction).data(bytes, offset, length, timeNanos);
    if (requests == null) {
      foreignBytes += length;
    }
    return goesOn(timeNanos);
  }

  @Override
  public boolean gap(Direction direction, long length, long timeNanos) {
    reader(direction).gap(length, timeNanos);
    return goesOn(timeNanos);
  }

  private boolean goesOn(long timeNanos) {
    var goesOn = isOfInterest();
    holdings.hold(this, goesOn ? heldBytes() : 0, timeNanos);
    return goesOn;
  }

  private long heldBytes() {
    var held = (long) clientSide.heldBytes() + serverSide.heldBytes();
    for (var exchange : exchanges) {
      held += EXCHANGE_BYTES + exchange.found.bytes().length;
    }
    return held + heldBytes(requestLength) + heldBytes(responseLength);
  }

  private static long heldBytes(Optional<ContentLength> length) {
    return length.isPresent() ? length.get().heldBytes() : 0;
  }

  @Override
  void giveUp() {
    emitter.count(TraceCounter.EVICTED_CONVERSATIONS, 1);
    clientSide.giveUp();
    serverSide.giveUp();
    measure(clientSide, Optional.empty());
    measure(serverSide, Optional.empty());
    requested = null;
    while (!exchanges.isEmpty()) {
      tellEarly(exchanges.removeFirst());
    }
  }

  private boolean isOfInterest() {
    if (clientSide.isTunnel() && serverSide.isTunnel()) {
      flush();
      return false;
    }
    var foreignBytesMax =
        flow.isFromTheBeginning() ? FOREIGN_BYTES_MAX : FOREIGN_BYTES_FROM_THE_MIDDLE_MAX;
    return requests != null || foreignBytes <= foreignBytesMax;
  }

  @Override
  public void end(EndCause cause, long timeNanos) {
    var isOrderly = cause == EndCause.FINISHED;
    clientSide.close(isOrderly, timeNanos);
    serverSide.close(isOrderly, timeNanos);
    flush();
    holdings.hold(this, 0, timeNanos);
  }

  private void flush() {
    measure(clientSide, Optional.empty());
    measure(serverSide, Optional.empty());
    while (!exchanges.isEmpty()) {
      tell(exchanges.removeFirst());
    }
    requested = null;
    responded = null;
  }

  // Heads.

  @Override
  public void request(MessageReader reader, byte[] bytes, int from, long timeNanos) {
    emitter.count(TraceCounter.HTTP_REQUESTS, 1);
    know(reader, true);
    if (mayHaveLostResponses) {
      mayHaveLostResponses = false;
      giveUpUnanswered();
    }
    var exchange = new Exchange(emitter.record());
    exchanges.addLast(exchange);
    if (exchanges.size() > EXCHANGES_MAX) {
      tellEarly(exchanges.removeFirst());
    }
    requested = exchange;
    exchange.hasRequest = true;
    exchange.requestTime = timeNanos;
    var line = reader.startLine;
    var methodBytes = line.methodEnd - from;
    exchange.isHead = isWord(bytes, from, methodBytes, "HEAD");
    exchange.isConnect = isWord(bytes, from, methodBytes, "CONNECT");
    put(exchange, HttpFields.METHOD, bytes, from, line.methodEnd);
    put(exchange, HttpFields.TARGET_URL, bytes, line.targetStart, line.targetEnd);
    start(exchange, HttpFields.REQUEST, line, bytes, timeNanos);
  }

  private static boolean isWord(byte[] bytes, int from, int length, String word) {
    if (length != word.length()) {
      return false;
    }
    for (var i = 0; i < length; i++) {
      if (bytes[from + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Tells an exchange that is not over; from here on the record is another's. */
  private void tellEarly(Exchange exchange) {
    if (exchange == responded) {
      responded = null;
    }
    if (!exchange.hasResponse) {
      toldUnanswered++;
    }
    tell(exchange);
  }

  /** The responses to these were in a gap: the client has gone on. */
  private void giveUpUnanswered() {
    toldUnanswered = 0;
    while (!exchanges.isEmpty() && !exchanges.getFirst().hasResponse) {
      tell(exchanges.removeFirst());
    }
  }

  @Override
  public void response(MessageReader reader, byte[] bytes, int from, long timeNanos) {
    emitter.count(TraceCounter.HTTP_RESPONSES, 1);
    know(reader, false);
    var line = reader.startLine;
    isInterim = line.status < 200 && line.status != 101;
    var exchange = answered(timeNanos);
    if (isInterim) {
      responded = null;
      if (exchange != null) {
        exchange.interim++;
      }
      return;
    }
    if (exchange == null) {
      exchange = new Exchange(emitter.record());
      exchanges.addFirst(exchange);
    }
    responded = exchange;
    exchange.hasResponse = true;
    exchange.found.set(HttpFields.STATUS, line.status);
    put(exchange, HttpFields.REASON, bytes, line.reasonStart, line.targetEnd);
    start(exchange, HttpFields.RESPONSE, line, bytes, timeNanos);
  }

  /** Finds the request that a response answers: the first without one, unless it came later. */
  private @Nullable Exchange answered(long now) {
    if (toldUnanswered > 0) {
      toldUnanswered -= isInterim ? 0 : 1;
      return null;
    }
    for (var exchange : exchanges) {
      if (!exchange.hasResponse) {
        return exchange.requestTime <= now ? exchange : null;
      }
    }
    return null;
  }

  private void know(MessageReader reader, boolean isRequests) {
    if (requests == null) {
      var other = reader == clientSide ? serverSide : clientSide;
      requests = isRequests ? reader : other;
      if (isRequests) {
        other.expectResponses();
      } else {
        other.expectRequests();
      }
    }
  }

  private void start(
      Exchange exchange, Message message, StartLine line, byte[] bytes, long timeNanos) {
    exchange.found.set(message.time, timeNanos);
    put(exchange, message.version, bytes, line.versionStart, line.versionEnd);
  }

  private void put(Exchange exchange, Field field, byte[] bytes, int from, int end) {
    if (end > from && emitter.wants(field)) {
      exchange.found.set(field, bytes, from, end - from);
    }
  }

  @Override
  public void header(
      MessageReader reader, Header header, boolean isContinued, byte[] bytes, int from, int end) {
    var exchange = of(reader);
    var field = message(reader).of(header);
    if (exchange != null && field != null && (header == Header.HOST || emitter.wants(field))) {
      exchange.found.add(field, isContinued ? " " : header.separator(), bytes, from, end - from);
    }
  }

  private @Nullable Exchange of(MessageReader reader) {
    return reader == requests ? requested : responded;
  }

  private Message message(MessageReader reader) {
    return reader == requests ? HttpFields.REQUEST : HttpFields.RESPONSE;
  }

  @Override
  public Framing headEnd(MessageReader reader, long timeNanos) {
    var exchange = of(reader);
    if (exchange != null) {
      var message = message(reader);
      exchange.found.set(message.headers, reader.headers());
      exchange.found.set(message.headBytes, reader.headBytes());
    }
    var framing = reader == requests ? ofRequest(reader, exchange) : ofResponse(reader, exchange);
    measure(reader, framing);
    return framing;
  }

  private static Framing ofRequest(MessageReader reader, @Nullable Exchange exchange) {
    if (exchange != null) {
      exchange.expectsContinue = reader.facts().expectsContinue();
    }
    return reader.facts().requestFraming();
  }

  private Framing ofResponse(MessageReader reader, @Nullable Exchange exchange) {
    if (isInterim) {
      return Framing.NONE;
    }
    var status = reader.startLine.status;
    if (exchange == null) {
      return reader.facts().responseFraming(status);
    }
    if (status == 101 || (exchange.isConnect && status < 300)) {
      exchange.isUpgraded = true;
      return Framing.TUNNEL;
    }
    return exchange.isHead ? Framing.NONE : reader.facts().responseFraming(status);
  }

  private void measure(MessageReader reader, Framing framing) {
    var hasContent = framing != Framing.NONE && framing != Framing.TUNNEL;
    measure(
        reader,
        hasContent && emitter.wants(message(reader).decodedBytes)
            ? ContentLength.of(reader.facts().codings())
            : Optional.empty());
  }

  private void measure(MessageReader reader, Optional<ContentLength> length) {
    measured(reader).ifPresent(ContentLength::close);
    if (reader == requests) {
      requestLength = length;
    } else {
      responseLength = length;
    }
  }

  private Optional<ContentLength> measured(MessageReader reader) {
    return reader == requests ? requestLength : responseLength;
  }

  // Content.

  @Override
  public void content(MessageReader reader, byte[] bytes, int offset, int length) {
    var measured = measured(reader);
    if (measured.isPresent()) {
      measured.get().take(bytes, offset, length);
    }
  }

  @Override
  public void messageEnd(MessageReader reader, boolean isComplete, long timeNanos) {
    var exchange = of(reader);
    if (exchange != null) {
      finish(reader, exchange, isComplete, timeNanos);
    }
    // The next message may end before its head does: this measure is none of its.
    measure(reader, Optional.empty());
    tellWhatIsOver();
  }

  private void finish(MessageReader reader, Exchange exchange, boolean isComplete, long timeNanos) {
    var message = message(reader);
    var record = exchange.found;
    record.set(message.endTime, timeNanos);
    record.set(message.bodyBytes, reader.contentBytes());
    record.set(message.missingBytes, reader.missingBytes());
    exchange.missingBytes += reader.missingBytes();
    decoded(reader, message, exchange);
    if (reader == requests) {
      exchange.isRequestOver = true;
      exchange.isRequestWhole = isComplete;
      requested = null;
    } else {
      exchange.isResponseOver = true;
      exchange.isResponseWhole = isComplete;
      responded = null;
      if (exchange.isUpgraded) {
        clientSide.tunnel();
        serverSide.tunnel();
      }
    }
  }

  private void decoded(MessageReader reader, Message message, Exchange exchange) {
    var measured = measured(reader);
    if (measured.isPresent() && reader.missingBytes() == 0) {
      measured.get().length().ifPresent(length -> exchange.found.set(message.decodedBytes, length));
    }
  }

  @Override
  public void lost(MessageReader reader, long timeNanos) {
    if (reader == requests) {
      requested = null;
    } else {
      responded = null;
      mayHaveLostResponses = true;
    }
  }

  @Override
  public boolean awaitsAnotherResponse(MessageReader reader) {
    for (var exchange : exchanges) {
      if (!exchange.hasResponse) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean isContentRefused(MessageReader reader) {
    var exchange = requested;
    return reader == requests
        && exchange != null
        && exchange.expectsContinue
        && exchange.hasResponse;
  }

  // Records.

  private void tellWhatIsOver() {
    while (!exchanges.isEmpty() && exchanges.getFirst().isOver()) {
      tell(exchanges.removeFirst());
    }
  }

  private void tell(Exchange exchange) {
    var toServer = requests == serverSide ? Direction.SERVER_TO_CLIENT : Direction.CLIENT_TO_SERVER;
    exchange.tell(flow, toServer, emitter);
  }
}
