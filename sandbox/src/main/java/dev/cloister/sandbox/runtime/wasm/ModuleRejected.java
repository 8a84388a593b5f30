package dev.cloister.sandbox.runtime.wasm;

/** Says why a module is not run. */
final class ModuleRejected extends Exception {
  private static final long serialVersionUID = 1L;

  ModuleRejected(String why) {
    super(why, null, false, false);
  }
}
