package dev.cloister.tracing.http;

import dev.cloister.tracing.record.RawRecord;

/** A request and its response, or what there is of them so far. */
final class Exchange {
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

  String outcome() {
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
