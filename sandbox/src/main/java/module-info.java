/** Cells: running a stranger's function; its images, runtimes and limits. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // The module that confinement is exported to is built after this one.
module dev.cloister.sandbox {
  requires static transitive org.jspecify;
  requires transitive dev.cloister.core;
  requires transitive dev.cloister.crypto;
  requires org.apache.httpcomponents.core5.httpcore5;
  requires java.management;
  // For functions in WebAssembly alone: whoever has them adds the engine.
  requires static com.dylibso.chicory.compiler;
  requires static com.dylibso.chicory.runtime;
  requires static com.dylibso.chicory.wasm;
  // For the testing package alone.
  requires static org.junit.jupiter.api;

  exports dev.cloister.sandbox.cgroup to
      dev.cloister.tor;
  exports dev.cloister.sandbox.confine to
      dev.cloister.tor;
  exports dev.cloister.sandbox.firewall;
  exports dev.cloister.sandbox.guest;
  exports dev.cloister.sandbox.image;
  exports dev.cloister.sandbox.host;
  exports dev.cloister.sandbox.runtime;
  exports dev.cloister.sandbox.runtime.container;
  exports dev.cloister.sandbox.runtime.process;
  exports dev.cloister.sandbox.runtime.spawned to
      dev.cloister.tor;
  exports dev.cloister.sandbox.runtime.wasm;
  exports dev.cloister.sandbox.session;
  exports dev.cloister.sandbox.testing;
  exports dev.cloister.sandbox.transport;
  exports dev.cloister.sandbox.vaultfs;

  // JUnit runs the contracts.
  opens dev.cloister.sandbox.testing to
      org.junit.platform.commons;
}
