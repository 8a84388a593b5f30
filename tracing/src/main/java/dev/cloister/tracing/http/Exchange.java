package dev.cloister.tracing.http;

import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.RawRecord;
import java.nio.charset.StandardCharsets;

/** A request and its response, or what there is of them so far. */
final class Exchange {
  private static final byte[] SCHEME = "http://".getBytes(StandardCharsets.US_ASCII);

  final RawRecord found;
  boolean hasRequest;
  boolean isRequestOver;
  boolean isRequestWhole;
  boolean hasResponse;
  boolean isResponseOver;
  boolean isResponseWhole;
  boolean isUpgraded;
  boolean isHead;
  boolean isConnect;
  boolean expectsContinue;
  long requestTime;
  long missingBytes;
  int interim;

  Exchange(RawRecord found) {
    this.found = found;
  }

  boolean isOver() {
    return (isRequestOver || !hasRequest) && isResponseOver;
  }

  /** Says who the two are and how it went, and gives the record away: it is another's from here. */
  void tell(Flow flow, Direction toServer, Emitter emitter) {
    end(HttpFields.CLIENT_ADDRESS, HttpFields.CLIENT_PORT, flow, toServer, emitter);
    end(HttpFields.SERVER_ADDRESS, HttpFields.SERVER_PORT, flow, toServer.opposite(), emitter);
    url();
    if (hasResponse) {
      found.set(HttpFields.INTERIM, interim);
    }
    found.set(HttpFields.OUTCOME, outcome());
    emitter.emit(found);
  }

  private void end(Field address, Field port, Flow flow, Direction sender, Emitter emitter) {
    if (emitter.wants(address)) {
      found.setSource(address, flow, sender);
    }
    found.set(port, flow.sourcePort(sender));
  }

  /** Puts the host before a target that has none. */
  private void url() {
    var host = HttpFields.REQUEST.of(Header.HOST);
    if (host == null
        || !found.has(HttpFields.TARGET_URL)
        || !found.has(host)
        || found.bytes()[found.offset(HttpFields.TARGET_URL)] != '/') {
      return;
    }
    found.prepend(HttpFields.TARGET_URL, SCHEME, host);
  }

  private String outcome() {
    if (!hasRequest) {
      return "no-request";
    }
    if (!hasResponse) {
      return "no-response";
    }
    if (missingBytes > 0) {
      return "gapped";
    }
    if (isUpgraded) {
      return "upgraded";
    }
    return isRequestWhole && isResponseWhole ? "complete" : "truncated";
  }
}
