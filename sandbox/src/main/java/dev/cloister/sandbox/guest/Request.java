package dev.cloister.sandbox.guest;

import java.util.Arrays;
import java.util.Optional;

/** What a guest can ask, by the type of its frame. */
enum Request {
  RECEIVE(0x10),
  POLL(0x11),
  SEND(0x12),
  GET(0x13),
  PUT(0x14),
  DELETE(0x15),
  LIST(0x16),
  RANDOM(0x17),
  TIME(0x18),
  FETCH(0x19),
  CALL(0x1a),
  TOR(0x1b),
  EXIT(0x1c);

  final int type;

  Request(int type) {
    this.type = type;
  }

  static Optional<Request> of(int type) {
    return Arrays.stream(values()).filter(request -> request.type == type).findFirst();
  }
}
