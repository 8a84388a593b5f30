package dev.cloister.sandbox.session;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.Denied;
import dev.cloister.core.PolicyRejected;
import java.io.IOException;
import java.util.Arrays;

/**
 * An answer that says that a request was not done, and why: a kind, the rule or limit by its name,
 * and bounded words; never more than that of what went wrong.
 *
 * @param kind what sort of thing
 * @param rule its name; of a document the place; empty where there is none
 * @param words for people
 */
record Fault(Kind kind, String rule, String words) {
  static final int RULE_BYTES = 256;
  static final int WORDS_BYTES = 16 << 10;

  /** What sort of thing went wrong. */
  enum Kind {
    /** A rule refused. */
    DENIED(1),
    /** A document is none. */
    REJECTED(2),
    /** The frame is none of this protocol's; the conversation is over. */
    REFUSED(3),
    /** A limit of the conversation was reached; it may be over. */
    LIMIT(4),
    /** Too many conversations are open: come again later. */
    BUSY(5),
    /** It was tried, and did not work. */
    FAILED(6),
    /** The host is closed. */
    OVER(7);

    private final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  static Fault of(Denied denied) {
    return new Fault(Kind.DENIED, denied.rule(), words(denied, denied.rule()));
  }

  static Fault of(PolicyRejected rejected) {
    return new Fault(Kind.REJECTED, rejected.location(), words(rejected, rejected.location()));
  }

  private static String words(RuntimeException e, String before) {
    return String.valueOf(e.getMessage()).substring(before.length() + ": ".length());
  }

  static Fault limit(String limit, String words) {
    return new Fault(Kind.LIMIT, limit, words);
  }

  static Fault failed(String words) {
    return new Fault(Kind.FAILED, "", words);
  }

  static Fault over() {
    return new Fault(Kind.OVER, "", "the host is closed");
  }

  Body body() {
    return new Body().u8(kind.number).text16(rule, RULE_BYTES).text16(words, WORDS_BYTES);
  }

  static Fault read(Fields in) throws Broken {
    var number = in.u8();
    var kind =
        Arrays.stream(Kind.values())
            .filter(one -> one.number == number)
            .findFirst()
            .orElseThrow(() -> new Broken(SessionCounter.MALFORMED));
    var fault = new Fault(kind, bounded(in, RULE_BYTES), bounded(in, WORDS_BYTES));
    in.end();
    return fault;
  }

  /** What a stranger says is shown in lines without other control characters. */
  private static String bounded(Fields in, int mostBytes) throws Broken {
    var text = in.text16();
    Fields.check(text.length() <= mostBytes);
    return text.replaceAll("[\\p{Cntrl}\\x{85}\\x{2028}\\x{2029}&&[^\n]]", "?");
  }

  /** Throws what a host in this process would have thrown. */
  IOException thrown() {
    return switch (kind) {
      case DENIED -> throw new Denied(rule, words);
      case REJECTED -> throw new PolicyRejected(rule, words);
      case OVER -> throw new ContextDestroyed("the node's host");
      case REFUSED -> new IOException("the node refused a frame: " + words);
      case LIMIT -> new IOException("the node's limit " + rule + ": " + words);
      case BUSY -> new IOException("the node is busy: " + words);
      case FAILED -> new IOException("the node says: " + words);
    };
  }
}
