package dev.cloister.sandbox.runtime.wasm;

import dev.cloister.sandbox.runtime.Ending;

/** Unwinds a guest's stack, through code of the engine, to tell how it ended. */
final class Halt extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** How. */
  @SuppressWarnings("serial") // never written anywhere
  final transient Ending ending;

  Halt(Ending ending) {
    super("guest ended", null, false, false);
    this.ending = ending;
  }
}
