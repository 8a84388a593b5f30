package dev.cloister.examples;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.SealRefused;
import dev.cloister.tracing.capture.NotACapture;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;

/** What all examples have in common: how options are read, and what the exit codes mean. */
final class Example {
  /** All was well. */
  static final int OK = 0;

  /** The input was damaged, or the check said no. */
  static final int DAMAGED = 1;

  /** A bad option, policy or file; nothing was written. */
  static final int BAD_REQUEST = 2;

  /** A required guarantee is missing. */
  static final int NOT_GUARANTEED = 3;

  private Example() {}

  /** Says that an option, a policy or a file cannot be worked with: one line, exit 2. */
  static final class BadRequest extends Exception {
    private static final long serialVersionUID = 1L;

    BadRequest(String message) {
      super(message);
    }
  }

  /** Runs an example to its exit code. */
  static int run(Callable<Integer> example, String... args) {
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    return new CommandLine(example)
        .setOut(out)
        .setErr(err)
        .setParameterExceptionHandler((e, _) -> refused(err, e))
        .setExecutionExceptionHandler(failed(err))
        .setUsageHelpWidth(100)
        .execute(args);
  }

  private static int refused(PrintWriter err, ParameterException e) {
    err.println(oneLine(String.valueOf(e.getMessage())) + "; --help lists every option");
    return BAD_REQUEST;
  }

  private static IExecutionExceptionHandler failed(PrintWriter err) {
    return (e, _, _) ->
        switch (e) {
          case SealRefused refused -> {
            refused.lacks().forEach(err::println);
            yield NOT_GUARANTEED;
          }
          case BadRequest _, PolicyRejected _, NotACapture _ -> {
            err.println(oneLine(String.valueOf(e.getMessage())));
            yield BAD_REQUEST;
          }
          case IOException _ -> {
            err.println(oneLine(e.getClass().getSimpleName() + ": " + e.getMessage()));
            yield DAMAGED;
          }
          default -> throw e;
        };
  }

  private static String oneLine(String message) {
    return message.replaceAll("\\s*\\R\\s*", "; ");
  }
}
