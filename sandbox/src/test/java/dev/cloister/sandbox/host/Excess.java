package dev.cloister.sandbox.host;

import dev.cloister.core.policy.Resource;

/** A function that wants more of one resource than its limit gives, and says how much it has. */
enum Excess {
  CPU_SECONDS(Resource.CPU_SECONDS, "0.5", "while True: pass"),
  CPU_SHARE(Resource.CPU_SHARE, "0.25", "while True: pass"),
  WALL_SECONDS(Resource.WALL_SECONDS, "1", "while True: cell.receive(0.01)"),
  MEMORY_BYTES(
      Resource.MEMORY_BYTES, "60000000", "hoard = []\nwhile True: hoard.append(b'x' * (1 << 16))"),
  PROCESSES(
      Resource.PROCESSES,
      "3",
      """
      import os, time
      count = 1
      while True:
          if os.fork() == 0:
              time.sleep(1000)
          count += 1
          cell.send(str(count).encode())
      """),
  OPEN_FILES(
      Resource.OPEN_FILES,
      "40",
      """
      held = []
      while True:
          held.append(open("/dev/null", "rb"))
          cell.send(str(held[-1].fileno() + 1).encode())
      """),
  DISK_BYTES(
      Resource.DISK_BYTES,
      "90000",
      "for i in range(1000): cell.store.put(str(i), b'x' * (i * 997 % 3000))"),
  BYTES_IN(Resource.BYTES_IN, "300000", "while True: cell.receive()"),
  BYTES_OUT(
      Resource.BYTES_OUT, "300000", "for i in range(10**6): cell.send(b'x' * (i * 997 % 9000))");

  final Resource resource;
  final String limit;
  final String code;

  Excess(Resource resource, String limit, String source) {
    this.resource = resource;
    this.limit = limit;
    this.code = "import cell\n" + source + "\n";
  }
}
