package dev.cloister.sandbox.session;

/** What a server says to a request, before it is a frame. */
final class Answer {
  static final int OK = 0x40;
  static final int NONE = 0x41;
  static final int FAULT = 0x42;

  final int type;
  final Body body;

  private Answer(int type, Body body) {
    this.type = type;
    this.body = body;
  }

  static Answer ok(Body body) {
    return new Answer(OK, body);
  }

  static Answer done() {
    return ok(new Body());
  }

  static Answer none(Body body) {
    return new Answer(NONE, body);
  }

  static Answer of(Fault fault) {
    return new Answer(FAULT, fault.body());
  }
}
