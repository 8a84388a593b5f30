package dev.cloister.sandbox.host;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.container.ContainerRuntime;
import dev.cloister.sandbox.runtime.container.OwnNetwork;
import dev.cloister.sandbox.runtime.container.UngroupedContainers;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.sandbox.runtime.process.Ungrouped;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.ThreadFactory;

/** What runs functions in Python on this machine, for tests that hold for each. */
enum RealRuntime {
  PROCESS("process") {
    @Override
    Opened open(ThreadFactory threads) {
      var runtime = ProcessRuntime.open(threads, TimeSource.system());
      return new Opened(runtime, runtime::close);
    }
  },
  UNGROUPED("process, no control group") {
    @Override
    Opened open(ThreadFactory threads) {
      var runtime = Ungrouped.open(threads);
      return new Opened(runtime, runtime::close);
    }
  },
  CONTAINER("container") {
    @Override
    Opened open(ThreadFactory threads) throws IOException {
      var runtime = ContainerRuntime.open(threads, TimeSource.system());
      return new Opened(runtime, runtime::close);
    }
  },
  CONNECTED("container, own network") {
    @Override
    Opened open(ThreadFactory threads) throws IOException {
      var network = OwnNetwork.standard();
      var runtime = ContainerRuntime.openWithOwnNetwork(threads, TimeSource.system(), network);
      return new Opened(runtime, runtime::close);
    }
  },
  UNGROUPED_CONTAINER("container, no control group") {
    @Override
    Opened open(ThreadFactory threads) throws IOException {
      var runtime = UngroupedContainers.open(threads);
      return new Opened(runtime, runtime::close);
    }
  };

  /** A runtime, and how it is given back. */
  record Opened(FunctionRuntime runtime, Closeable closing) {}

  /** What it is called where all are listed. */
  final String title;

  RealRuntime(String title) {
    this.title = title;
  }

  abstract Opened open(ThreadFactory threads) throws IOException;

  Opened open() throws IOException {
    return open(Thread.ofPlatform().factory());
  }
}
