package dev.cloister.tor.exitpolicy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.net.InetAddresses;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Collectors;

/** Debian's python3-stem, which evaluates exit policies in a process of its own. */
final class Stem implements Closeable {
  /** A line each: rules, a tab, destinations; back comes a digit for each, or what is wrong. */
  private static final String PROGRAM =
      """
      import sys
      import stem.exit_policy
      print('on', flush=True)
      for line in sys.stdin:
        rules, destinations = line.rstrip('\\n').split(';')
        try:
          policy = stem.exit_policy.ExitPolicy(*rules.split('|'))
          answer = ''
          for destination in destinations.split(' '):
            address, port = destination.rsplit('.', 1)
            answer += '1' if policy.can_exit_to(address, int(port)) else '0'
          print(answer, flush=True)
        except ValueError as e:
          print('refused: %s' % ascii(str(e)), flush=True)
      """;

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;

  private Stem(Process process) {
    this.process = process;
    this.answers = process.inputReader(UTF_8);
    this.questions = process.outputWriter(UTF_8);
  }

  /** Starts it; a package is no program, so that it is there is found out here. */
  static Stem start() throws IOException {
    var stem =
        new Stem(
            new ProcessBuilder("/usr/bin/python3", "-c", PROGRAM)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    if (!"on".equals(stem.answers.readLine())) {
      assumeTrue("required".equals(System.getProperty("cloister.system")), "needs python3-stem");
      throw new IOException("python3-stem is not installed");
    }
    return stem;
  }

  /** Returns a 1 or 0 for each destination, or what is wrong with a rule. */
  String decide(List<String> rules, List<InetSocketAddress> destinations) throws IOException {
    questions.write(String.join("|", rules) + ";");
    questions.write(
        destinations.stream()
            .map(to -> InetAddresses.toAddrString(to.getAddress()) + "." + to.getPort())
            .collect(Collectors.joining(" ")));
    questions.newLine();
    questions.flush();
    var answer = answers.readLine();
    if (answer == null) {
      throw new IOException("stem ended at " + rules);
    }
    return answer;
  }

  @Override
  public void close() throws IOException {
    questions.close();
    process.destroy();
  }
}
