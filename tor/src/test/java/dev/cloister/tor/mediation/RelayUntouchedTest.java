package dev.cloister.tor.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node does beside a relay of Tor's, and as whom. */
@RequiresProgram({"tor", "tor-gencert", "setpriv"})
@Timeout(600)
final class RelayUntouchedTest {
  @TempDir private Path directory;

  @Test
  void aRelayIsAfterwardsWhatItWasAndNobodyNeedsToBeRoot()
      throws IOException, InterruptedException {
    var run = OrdinaryUser.run(directory, BesideARelay.class);
    assertThat(run.exitCode()).as(run.said()).isZero();
    assertThat(run.said())
        .doesNotContain("user 0\n")
        .contains("untouched by onion services and functions")
        .contains("ExitPolicy: \"reject *:*\" -> \"accept 127.0.0.1:")
        .contains("ExitRelay: \"0\" -> \"1\"")
        .contains("as before after one port was let out");
  }
}
