package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.ContextId;
import dev.cloister.core.Mode;
import dev.cloister.core.TimeSource;
import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.gate.EgressPass;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.crypto.pseudonym.CryptoPan;
import dev.cloister.crypto.pseudonym.Ipcrypt;
import dev.cloister.crypto.pseudonym.KeyedHash;
import dev.cloister.crypto.storage.SpillStore;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds a secret, or was given one, does not say it. */
final class SecretsTest {
  private static final byte[] CANARY = "canary-canary-canary-canary-32-b".getBytes(ISO_8859_1);
  private static final CanarySearch SEARCH =
      CanarySearch.forAll(List.of(Canary.text("key", new String(CANARY, ISO_8859_1))));

  @TempDir private Path directory;

  private static void assertDiscreet(Object holder) {
    var said = holder.toString();
    assertThat(SEARCH.in(said.getBytes(ISO_8859_1))).as(said).isEmpty();
    assertThat(said).doesNotContain(Arrays.toString(CANARY)).doesNotContain("99, 97, 110");
  }

  @Test
  void noHolderOfAKeySaysIt() {
    try (var memory = SecretMemory.open(4096);
        var key = memory.keep(CANARY.clone())) {
      assertDiscreet(memory);
      assertDiscreet(key);
      assertDiscreet(CryptoPan.with(key));
      assertDiscreet(Ipcrypt.pfx(key));
      assertDiscreet(Ipcrypt.ndx(key));
      assertDiscreet(KeyedHash.with(key, 8));
    }
  }

  @Test
  void noStoreSaysWhatItHolds() throws IOException {
    var plan = SpillStore.in(directory.resolve("spill"));
    var keys = KeyRing.open(SecretMemory::onHeap);
    var pass = new EgressPass(ContextId.random(new SecureRandom()));
    var ledger = Ledger.of(plan.counters());
    var opening = new Opening(Mode.LAB, TimeSource.system(), ledger, () -> keys, pass);
    try (keys;
        var store = plan.open(opening)) {
      store.append(new byte[0], CANARY, 0, CANARY.length);
      assertDiscreet(store);
      assertDiscreet(store.accounting());
      assertDiscreet(keys);
    }
  }

  @Test
  void aContextNamesItselfAlone() throws IOException {
    try (var box = ContextPlan.named("discreet", Guarantees.lab()).seal()) {
      assertThat(box).hasToString("SealedContext[discreet, lab, " + box.id().hex() + "]");
      assertDiscreet(box.keys());
    }
  }
}
