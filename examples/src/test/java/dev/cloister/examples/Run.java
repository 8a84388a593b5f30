package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** What a script sees of an example that it ran. */
record Run(int exit, String out, String err) {

  /** Runs an example in this process; tests of this module run one after the other. */
  static Run of(Callable<Integer> example, String... arguments) {
    return reading("", example, arguments);
  }

  /** Runs an example that reads its standard input. */
  static Run reading(String input, Callable<Integer> example, String... arguments) {
    var in = System.in;
    var out = System.out;
    var err = System.err;
    var said = new ByteArrayOutputStream();
    var complained = new ByteArrayOutputStream();
    try (var newOut = new PrintStream(said, true, UTF_8);
        var newErr = new PrintStream(complained, true, UTF_8)) {
      System.setIn(new ByteArrayInputStream(input.getBytes(UTF_8)));
      System.setOut(newOut);
      System.setErr(newErr);
      var exit = Example.run(example, arguments);
      return new Run(exit, said.toString(UTF_8), complained.toString(UTF_8));
    } finally {
      System.setIn(in);
      System.setOut(out);
      System.setErr(err);
    }
  }

  static Run of(int exit, Path out, Path err) throws IOException {
    return new Run(exit, Files.readString(out), Files.readString(err));
  }

  List<String> outLines() {
    return out.lines().toList();
  }

  List<String> errLines() {
    return err.lines().toList();
  }
}
