package dev.cloister.sandbox.host;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import java.io.Closeable;
import java.util.concurrent.ThreadFactory;

/** What runs functions in Python on this machine, for tests that hold for each. */
enum RealRuntime {
  PROCESS {
    @Override
    Opened open(ThreadFactory threads) {
      var runtime = ProcessRuntime.open(threads, TimeSource.system());
      return new Opened(runtime, runtime::close);
    }
  };

  /** A runtime, and how it is given back. */
  record Opened(FunctionRuntime runtime, Closeable closing) {}

  abstract Opened open(ThreadFactory threads);
}
