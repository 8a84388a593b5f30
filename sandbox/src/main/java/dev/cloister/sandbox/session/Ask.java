package dev.cloister.sandbox.session;

import java.util.Arrays;
import java.util.Optional;

/** What a client can ask for. */
enum Ask {
  /** The node's policy. */
  POLICY(0x10),
  /** What proves that the node is what it says. */
  EVIDENCE(0x11),
  /** A cell for a function. */
  START(0x12),
  /** That a cell take its function, and run it. */
  LOAD(0x13),
  /** A function's answer to a message. */
  CALL(0x14),
  /** That a function get a message. */
  SEND(0x15),
  /** That a function be told that no further message comes. */
  END_INPUT(0x16),
  /** To read here what a function sends, after a message. */
  ATTACH(0x17),
  /** The next message. */
  RECEIVE(0x18),
  /** Whether one waits. */
  POLL(0x19),
  /** How the function is. */
  STATUS(0x1a),
  /** A narrower token. */
  DELEGATE(0x1b),
  /** That the cell end. */
  SHUT_DOWN(0x1c);

  /** The type of its frame. */
  final int type;

  Ask(int type) {
    this.type = type;
  }

  static Optional<Ask> of(int type) {
    return Arrays.stream(values()).filter(ask -> ask.type == type).findFirst();
  }
}
