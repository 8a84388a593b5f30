package dev.cloister.sandbox.host;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.sandbox.runtime.process.Ungrouped;
import java.io.Closeable;
import java.util.concurrent.ThreadFactory;

/** What runs functions in Python on this machine, for tests that hold for each. */
enum RealRuntime {
  PROCESS("process") {
    @Override
    Opened open(ThreadFactory threads) {
      return opened(ProcessRuntime.open(threads, TimeSource.system()));
    }
  },
  UNGROUPED("process, no control group") {
    @Override
    Opened open(ThreadFactory threads) {
      return opened(Ungrouped.open(threads));
    }
  };

  /** A runtime, and how it is given back. */
  record Opened(FunctionRuntime runtime, Closeable closing) {}

  /** What it is called where all are listed. */
  final String title;

  RealRuntime(String title) {
    this.title = title;
  }

  abstract Opened open(ThreadFactory threads);

  Opened open() {
    return open(Thread.ofPlatform().factory());
  }

  private static Opened opened(ProcessRuntime runtime) {
    return new Opened(runtime, runtime::close);
  }
}
