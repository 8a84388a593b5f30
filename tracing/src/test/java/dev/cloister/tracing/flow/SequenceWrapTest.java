package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Sequence numbers go from 2^32 - 1 to 0 anywhere in a stream, and nothing shows it. */
final class SequenceWrapTest {
  private static final String TEXT = "the quick brown fox jumps over the lazy dog";

  private final Heard heard = new Heard();
  private final Link link = Link.tracedBy(heard);

  /** A script in which something comes late, again, and shifted. */
  private static void send(Sender sender) {
    piece(sender, 0, 5);
    piece(sender, 9, 14);
    piece(sender, 5, 9);
    piece(sender, 3, 20);
    piece(sender, 30, TEXT.length());
    piece(sender, 28, 33);
    piece(sender, 19, 30);
    piece(sender, 0, TEXT.length());
  }

  private static void piece(Sender sender, int from, int to) {
    sender.data(from, TEXT.substring(from, to));
  }

  @Test
  void aStreamIsTheSameWhereverItsNumbersWrap() {
    send(link.client(0, 5_000, 6_000).open());
    var duplicates = link.counts().duplicateBytes();
    for (var behind = 0; behind <= TEXT.length() + 2; behind++) {
      var number = behind + 1;
      send(link.client(number, -behind, 3 - behind).open());
      assertThat(heard.fromClient(number)).as("wrap at %d", behind).isEqualTo(TEXT);
      assertThat(link.counts().duplicateBytes()).isEqualTo(duplicates * (number + 1));
    }
    assertThat(link.counts().conflictingBytes()).isZero();
    assertThat(link.counts().beforeStartBytes()).isZero();
    assertThat(link.counts().holeBytes()).isZero();
  }

  @Test
  void numbersWrapAtTheSignToo() {
    for (var behind = 0; behind <= TEXT.length() + 2; behind++) {
      send(link.client(behind, Integer.MIN_VALUE - behind, 1).open());
      assertThat(heard.fromClient(behind)).as("wrap at %d", behind).isEqualTo(TEXT);
    }
  }

  @Test
  void aStreamWithoutABeginningWrapsToo() {
    for (var behind = 0; behind <= TEXT.length() + 2; behind++) {
      var sender = link.client(behind, -behind, 1);
      piece(sender, 20, TEXT.length());
      piece(sender, 10, 20);
      piece(sender, 0, 10);
      sender.peer().ack(TEXT.length());
      assertThat(heard.fromClient(behind)).as("wrap at %d", behind).isEqualTo(TEXT);
    }
  }

  @Test
  void aStreamMayBeLongerThanItsNumbers() {
    var sender = link.client(-10, 1).open();
    var megabyte = new byte[60_000];
    var at = 0L;
    while (at < 5L << 30) {
      // The capture missed nearly all of it, and the receiver had it.
      sender.data(at, megabyte);
      at += 1 << 30;
      sender.data(at, megabyte);
      acknowledge(sender, at + 1);
      at += megabyte.length;
    }
    assertThat(heard.spanFromClient(0)).isGreaterThan(5L << 30);
    assertThat(link.counts().duplicateBytes()).isZero();
    assertThat(link.counts().dataBytes() + link.counts().holeBytes())
        .isEqualTo(heard.spanFromClient(0));
  }

  private static void acknowledge(Sender sender, long position) {
    for (var i = 0; i < Limits.tracing().acknowledgedPackets(); i++) {
      sender.peer().ack(position);
    }
  }
}
