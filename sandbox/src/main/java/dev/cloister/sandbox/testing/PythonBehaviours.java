package dev.cloister.sandbox.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.sandbox.testing.FunctionRuntimeContract.Behaviour;

/** The functions of {@link FunctionRuntimeContract} in Python, for runtimes of its images. */
public final class PythonBehaviours {
  private PythonBehaviours() {}

  /**
   * Writes a function.
   *
   * @param behaviour what it does
   * @return its source
   */
  public static byte[] code(Behaviour behaviour) {
    return ("import cell\n" + source(behaviour)).getBytes(UTF_8);
  }

  private static String source(Behaviour behaviour) {
    return switch (behaviour) {
      case ECHO ->
          """
          while (message := cell.receive(10)) is not None:
              cell.send(message)
          """;
      case STORE ->
          """
          cell.store.put("answer", b"42")
          cell.send(cell.store.get("answer"))
          """;
      case COUNT_AND_EXIT ->
          """
          for number in range(10):
              cell.send(str(number).encode())
          cell.exit(7)
          """;
      case RAISE -> "raise ValueError('no such luck')\n";
      case ASK_THE_TIME ->
          """
          try:
              cell.time()
          except cell.Refused as refused:
              cell.send(refused.grant.encode())
          """;
      case SPIN ->
          """
          cell.send(b"on")
          while True:
              pass
          """;
      case HOARD ->
          """
          cell.send(b"on")
          hoard = []
          while True:
              hoard.append(b"x" * (1 << 20))
          """;
      case MULTIPLY ->
          """
          import os
          import time
          cell.send(b"on")
          while True:
              if os.fork() == 0:
                  time.sleep(100)
          """;
    };
  }
}
