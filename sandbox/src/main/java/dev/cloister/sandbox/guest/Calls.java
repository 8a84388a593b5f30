package dev.cloister.sandbox.guest;

import dev.cloister.core.Denied;
import dev.cloister.sandbox.guest.Answer.Body;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.FetchRequest;
import dev.cloister.sandbox.runtime.FetchRequest.Header;
import dev.cloister.sandbox.runtime.FetchResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Carries one request to the cell's API, whole and within its bounds, and its outcome back. */
final class Calls {
  static final int HEADERS = 128;
  static final int TOR_BYTES = 4096;

  private static final long FOREVER = 0xffff_ffffL;

  private static final String API = "api.";

  private final CellApi api;
  private final Optional<Lent> lent;

  Calls(CellApi api) {
    this(api, Optional.empty());
  }

  /** Lends the guest, while it waits for a message. */
  Calls(CellApi api, Optional<Lent> lent) {
    this.api = api;
    this.lent = lent;
  }

  Answer carry(Request request, Fields fields) throws Ended, InterruptedException {
    try {
      return answer(request, fields);
    } catch (Denied e) {
      return Answer.refused(grant(e.rule()));
    } catch (FileSystemException e) {
      // Its message names the host's own file.
      return Answer.failed(Objects.requireNonNullElse(e.getReason(), "the host's store failed"));
    } catch (IOException e) {
      return Answer.failed(Objects.requireNonNullElse(e.getMessage(), "the host failed"));
    } catch (RuntimeException e) {
      throw new Ended(new GuestEnd.HostFailed(e));
    }
  }

  /** The function knows a grant by the name of its call, as its manifest does. */
  private static String grant(String rule) {
    return rule.startsWith(API) ? rule.substring(API.length()) : rule;
  }

  private Answer answer(Request request, Fields fields)
      throws Ended, IOException, InterruptedException {
    return switch (request) {
      case RECEIVE -> receive(fields);
      case POLL -> {
        fields.end();
        yield Answer.ok(api.poll());
      }
      case SEND -> {
        api.send(fields.rest());
        yield Answer.done();
      }
      case GET -> api.get(name(fields.restAsText())).map(Answer::ok).orElseGet(Answer::none);
      case PUT -> {
        api.put(name(fields.text16()), fields.view());
        yield Answer.done();
      }
      case DELETE -> Answer.ok(api.delete(name(fields.restAsText())));
      case LIST -> list(fields);
      case RANDOM -> random(fields);
      case TIME -> {
        fields.end();
        yield new Body().instant(api.time()).ok();
      }
      case FETCH -> fetch(fields);
      case CALL -> Answer.ok(api.call(fields.bytes16(), fields.rest()));
      case TOR -> tor(fields.rest());
      case EXIT -> {
        fields.u8();
        fields.end();
        api.exit();
        yield Answer.done();
      }
    };
  }

  private Answer receive(Fields fields) throws Ended, InterruptedException {
    var milliseconds = fields.u32();
    fields.end();
    var timeout =
        milliseconds == FOREVER ? Duration.ofDays(36_500) : Duration.ofMillis(milliseconds);
    if (lent.isEmpty()) {
      return api.receive(timeout).map(Answer::ok).orElseGet(Answer::none);
    }
    var turn = lent.get();
    turn.begin();
    var message = api.receive(timeout, turn);
    return turn.wasTaken() ? Answer.GIVEN : message.map(Answer::ok).orElseGet(Answer::none);
  }

  private static String name(String written) throws Ended {
    var characters = written.codePointCount(0, written.length());
    Fields.check(characters >= 1 && characters <= CellApi.NAME_CHARACTERS_MAX);
    return written;
  }

  private Answer list(Fields fields) throws Ended, IOException {
    fields.end();
    var body = new Body();
    api.list().forEach(body::text16);
    return body.ok();
  }

  private Answer random(Fields fields) throws Ended {
    var count = fields.u32();
    fields.end();
    Fields.check(count <= CellApi.RANDOM_BYTES_MAX);
    return Answer.ok(api.random((int) count));
  }

  private Answer tor(byte[] line) throws Ended, IOException {
    Fields.check(line.length <= TOR_BYTES);
    return new Body()
        .bytes(api.tor(new Fields(line).restAsText()).getBytes(StandardCharsets.UTF_8))
        .ok();
  }

  private Answer fetch(Fields fields) throws Ended, IOException {
    var url = fields.text16();
    var method = fields.text16();
    var headers = headers(fields);
    var response = api.fetch(new FetchRequest(url, method, headers, fields.rest()));
    return answer(response);
  }

  private static List<Header> headers(Fields fields) throws Ended {
    var count = fields.u16();
    Fields.check(count <= HEADERS);
    var headers = new ArrayList<Header>();
    while (headers.size() < count) {
      headers.add(new Header(fields.text16(), fields.text16()));
    }
    return headers;
  }

  private static Answer answer(FetchResponse response) {
    var headers = response.headers().stream().limit(HEADERS).toList();
    var body = new Body().u16(response.status()).u16(headers.size());
    headers.forEach(header -> body.text16(header.name()).text16(header.value()));
    return body.bytes(response.body()).ok();
  }
}
