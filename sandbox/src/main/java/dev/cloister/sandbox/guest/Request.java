package dev.cloister.sandbox.guest;

import java.util.Arrays;
import java.util.Optional;

/** What a guest can ask. */
public enum Request {
  /** The client's next message. */
  RECEIVE(0x10),
  /** Whether a message waits. */
  POLL(0x11),
  /** That a message be sent to the client. */
  SEND(0x12),
  /** An entry of the store. */
  GET(0x13),
  /** That an entry be written. */
  PUT(0x14),
  /** That an entry be removed. */
  DELETE(0x15),
  /** The entries' names. */
  LIST(0x16),
  /** Random bytes. */
  RANDOM(0x17),
  /** The time of day. */
  TIME(0x18),
  /** A page. */
  FETCH(0x19),
  /** Another function's answer. */
  CALL(0x1a),
  /** The relay's Tor's answer. */
  TOR(0x1b),
  /** To end. */
  EXIT(0x1c);

  /** The type of its frame. */
  final int type;

  Request(int type) {
    this.type = type;
  }

  static Optional<Request> of(int type) {
    return Arrays.stream(values()).filter(request -> request.type == type).findFirst();
  }
}
