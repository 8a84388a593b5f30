package dev.cloister.sandbox.guest;

/** Ends the service of a guest from wherever that is found out. */
final class Ended extends Exception {
  private static final long serialVersionUID = 1L;

  /** How. */
  @SuppressWarnings("serial") // never written anywhere
  final transient GuestEnd end;

  Ended(GuestEnd end) {
    super("guest ended", null, false, false);
    this.end = end;
  }

  static Ended by(Breach cause) {
    return new Ended(new GuestEnd.Broken(cause));
  }
}
