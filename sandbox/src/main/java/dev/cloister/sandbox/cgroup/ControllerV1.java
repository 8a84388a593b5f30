package dev.cloister.sandbox.cgroup;

import java.util.Locale;

/** The controllers of version 1 that are used, each with what its lack costs. */
enum ControllerV1 {
  MEMORY("memory is neither limited nor accounted"),
  PIDS("processes are neither limited nor counted"),
  CPU("the share of a processor is not limited, and no busy function yields to others"),
  CPUACCT("processor time is not accounted"),
  FREEZER("processes are killed as they run, and a fast forker may take long to end");

  private final String lack;

  ControllerV1(String lack) {
    this.lack = lack;
  }

  String lack() {
    return lack;
  }

  /** Its name with the kernel, and by custom the directory it is mounted at. */
  String kernelName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
