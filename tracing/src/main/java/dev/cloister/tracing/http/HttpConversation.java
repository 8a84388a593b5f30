package dev.cloister.tracing.http;

import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.http.HttpFields.Message;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.StreamParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pairs the two directions of a connection into exchanges. Requests are answered in their order;
 * where a gap may have hidden one or the other, what cannot belong together by its time is left
 * alone.
 */
final class HttpConversation implements StreamParser, MessageListener {
  /** So many requests wait for their answers; older ones are told without. */
  private static final int EXCHANGES_MAX = 256;

  /** A connection that has said nothing of HTTP by then is left alone. */
  private static final long FOREIGN_BYTES_MAX = 64 << 10;

  private static final byte[] SCHEME = "http://".getBytes(StandardCharsets.US_ASCII);

  private final Flow flow;
  private final Emitter emitter;
  private final MessageReader clientSide = new MessageReader(this);
  private final MessageReader serverSide = new MessageReader(this);

  /** Those not told yet, oldest first. */
  private final Deque<Exchange> exchanges = new ArrayDeque<>();

  private @Nullable MessageReader requests;
  private @Nullable Exchange requested;
  private @Nullable Exchange responded;
  private boolean isInterim;
  private boolean mayHaveLostResponses;
  private long foreignBytes;
  private Optional<ContentLength> requestLength = Optional.empty();
  private Optional<ContentLength> responseLength = Optional.empty();

  HttpConversation(Flow flow, Emitter emitter) {
    this.flow = flow;
    this.emitter = emitter;
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
    return isOfInterest();
  }

  @Override
  public boolean gap(Direction direction, long length, long timeNanos) {
    reader(direction).gap(length, timeNanos);
    return isOfInterest();
  }

  private boolean isOfInterest() {
    if (clientSide.isTunnel() && serverSide.isTunnel()) {
      flush();
      return false;
    }
    return requests != null || foreignBytes <= FOREIGN_BYTES_MAX;
  }

  @Override
  public void end(EndCause cause, long timeNanos) {
    var isOrderly = cause == EndCause.FINISHED;
    clientSide.close(isOrderly, timeNanos);
    serverSide.close(isOrderly, timeNanos);
    flush();
  }

  private void flush() {
    requestLength.ifPresent(ContentLength::close);
    responseLength.ifPresent(ContentLength::close);
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
      tell(exchanges.removeFirst());
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

  /** The responses to these were in a gap: the client has gone on. */
  private void giveUpUnanswered() {
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
    var framing =
        reader == requests
            ? ofRequest(reader.facts(), exchange)
            : ofResponse(reader.facts(), exchange);
    measure(reader, framing);
    return framing;
  }

  private static Framing ofRequest(HeadFacts facts, @Nullable Exchange exchange) {
    if (exchange != null) {
      exchange.expectsContinue = facts.expectsContinue();
    }
    if (facts.hasTransferEncoding()) {
      // A request that is not chunked last has no end that anyone knows.
      return facts.isChunked() ? Framing.CHUNKED : Framing.UNKNOWN;
    }
    if (facts.isLengthWrong()) {
      return Framing.UNKNOWN;
    }
    return facts.hasLength() ? Framing.LENGTH : Framing.NONE;
  }

  private Framing ofResponse(HeadFacts facts, @Nullable Exchange exchange) {
    if (isInterim || exchange == null) {
      return Framing.NONE;
    }
    var status = exchange.found.number(HttpFields.STATUS);
    if (status == 101 || (exchange.isConnect && status < 300)) {
      exchange.isUpgraded = true;
      return Framing.TUNNEL;
    }
    if (exchange.isHead || status == 204 || status == 304) {
      return Framing.NONE;
    }
    if (facts.hasTransferEncoding()) {
      return facts.isChunked() ? Framing.CHUNKED : Framing.UNTIL_CLOSE;
    }
    return facts.hasLength() && !facts.isLengthWrong() ? Framing.LENGTH : Framing.UNTIL_CLOSE;
  }

  private void measure(MessageReader reader, Framing framing) {
    var hasContent = framing != Framing.NONE && framing != Framing.TUNNEL;
    Optional<ContentLength> length =
        hasContent && emitter.wants(message(reader).decodedBytes)
            ? ContentLength.of(reader.facts().codings())
            : Optional.empty();
    if (reader == requests) {
      requestLength.ifPresent(ContentLength::close);
      requestLength = length;
    } else {
      responseLength.ifPresent(ContentLength::close);
      responseLength = length;
    }
  }

  // Content.

  @Override
  public void content(MessageReader reader, byte[] bytes, int offset, int length) {
    var measured = reader == requests ? requestLength : responseLength;
    if (measured.isPresent()) {
      measured.get().take(bytes, offset, length);
    }
  }

  @Override
  public void messageEnd(MessageReader reader, boolean isComplete, long timeNanos) {
    var exchange = of(reader);
    if (exchange == null) {
      return;
    }
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
    tellWhatIsOver();
  }

  private void decoded(MessageReader reader, Message message, Exchange exchange) {
    var measured = reader == requests ? requestLength : responseLength;
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
    var record = exchange.found;
    ends(exchange);
    url(exchange);
    if (exchange.hasResponse) {
      record.set(HttpFields.INTERIM, exchange.interim);
    }
    record.set(HttpFields.OUTCOME, exchange.outcome());
    emitter.emit(record);
  }

  private void ends(Exchange exchange) {
    var toServer = requests == serverSide ? Direction.SERVER_TO_CLIENT : Direction.CLIENT_TO_SERVER;
    end(exchange, HttpFields.CLIENT_ADDRESS, HttpFields.CLIENT_PORT, toServer);
    end(exchange, HttpFields.SERVER_ADDRESS, HttpFields.SERVER_PORT, toServer.opposite());
  }

  private void end(Exchange exchange, Field address, Field port, Direction sender) {
    if (emitter.wants(address)) {
      exchange.found.setSource(address, flow, sender);
    }
    exchange.found.set(port, flow.sourcePort(sender));
  }

  /** Puts the host before a target that has none. */
  private void url(Exchange exchange) {
    var record = exchange.found;
    var host = HttpFields.REQUEST.of(Header.HOST);
    if (host == null
        || !record.has(HttpFields.TARGET_URL)
        || !record.has(host)
        || record.bytes()[record.offset(HttpFields.TARGET_URL)] != '/') {
      return;
    }
    record.prepend(HttpFields.TARGET_URL, SCHEME, host);
  }
}
