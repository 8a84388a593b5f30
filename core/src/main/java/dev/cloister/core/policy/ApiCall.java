package dev.cloister.core.policy;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a function may ask of its host, each call granted by name. */
public enum ApiCall {
  /** Waits for a message from whoever holds its token. */
  RECEIVE,
  /** Asks whether a message waits. */
  POLL,
  /** Answers. */
  SEND,
  /** Keeps files of its own, and reads what was uploaded with it. */
  STORE,
  /** Draws random bytes. */
  RANDOM,
  /** Reads the clock. */
  TIME,
  /** Ends itself. */
  EXIT,
  /** Has the host fetch a URL, from destinations that the network rules accept. */
  FETCH,
  /** Calls another function whose grant it was given. */
  CALL,
  /** Uses the relay's control port, as far as that is let through. */
  TOR;

  private static final String ALLOWED =
      Arrays.stream(values()).map(ApiCall::label).collect(Collectors.joining(", "));

  /**
   * Returns its name in documents, and in the function's language.
   *
   * @return such as {@code receive}
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads a list of calls, each with the place where it stands. */
  static Map<ApiCall, String> read(Node list) {
    var calls = new LinkedHashMap<ApiCall, String>();
    for (var item : list.items()) {
      calls.putIfAbsent(named(item), item.location());
    }
    return Collections.unmodifiableMap(calls);
  }

  private static ApiCall named(Node item) {
    return Arrays.stream(values())
        .filter(call -> call.label().equals(item.text()))
        .findFirst()
        .orElseThrow(() ->
            item.rejected("\"%s\": allowed are %s".formatted(Node.shown(item.text()), ALLOWED)));
  }
}
