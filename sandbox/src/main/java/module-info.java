/** Cells: running a stranger's function; its images, runtimes and limits. */
@org.jspecify.annotations.NullMarked
module dev.cloister.sandbox {
  requires static transitive org.jspecify;
  requires transitive dev.cloister.core;
  requires transitive dev.cloister.crypto;
  requires org.apache.httpcomponents.core5.httpcore5;

  exports dev.cloister.sandbox.guest;
  exports dev.cloister.sandbox.host;
  exports dev.cloister.sandbox.runtime;
}
