/** Runnable examples of the public API; never published. */
@org.jspecify.annotations.NullMarked
module dev.cloister.examples {
  requires static transitive org.jspecify;
  // The engine of functions in WebAssembly.
  requires com.dylibso.chicory.compiler;
  requires dev.cloister.core;
  requires dev.cloister.crypto;
  requires dev.cloister.sandbox;
  requires dev.cloister.tor;
  requires dev.cloister.tracing;
  requires info.picocli;
  requires java.management;
  requires micrometer.core;
  requires tools.jackson.core;

  opens dev.cloister.examples to
      info.picocli;
}
