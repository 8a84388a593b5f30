package dev.cloister.sandbox.session;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Ends a conversation from wherever that is found out, by one cause. */
final class Broken extends Exception {
  private static final long serialVersionUID = 1L;

  /** By what. */
  final SessionCounter by;

  Broken(SessionCounter by) {
    this(by, null);
  }

  Broken(SessionCounter by, @Nullable IOException from) {
    super(by.label(), from, false, false);
    this.by = by;
  }
}
