package dev.cloister.benchmarks;

import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.crypto.pseudonym.CryptoPan;
import dev.cloister.crypto.pseudonym.Ipcrypt;
import dev.cloister.crypto.pseudonym.KeyedHash;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A pseudonym of an address that was not seen before, and a name for 32 bytes of text. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PseudonymBenchmark {
  private static final int HASH_BYTES = 8;

  /** How many bytes an address has. */
  @Param({"4", "16"})
  private int addressBytes;

  private final KeyRing keys = KeyRing.open(SecretMemory::onHeap);
  private final CryptoPan cryptoPan = CryptoPan.with(keys.fresh(CryptoPan.KEY_BYTES));
  private final Ipcrypt deterministic =
      Ipcrypt.deterministic(keys.fresh(Ipcrypt.DETERMINISTIC_KEY_BYTES));
  private final Ipcrypt prefix = Ipcrypt.pfx(keys.fresh(Ipcrypt.PFX_KEY_BYTES));
  private final KeyedHash hash = KeyedHash.with(keys.fresh(KeyedHash.KEY_BYTES), HASH_BYTES);
  private final Random random = new Random(42);
  private final byte[] text = new byte[32];
  private final byte[] out = new byte[32];
  private byte[] address = {};

  /** Makes room for an address. */
  @Setup(Level.Trial)
  public void size() {
    address = new byte[addressBytes];
  }

  /** Destroys the keys. */
  @TearDown(Level.Trial)
  public void destroy() {
    keys.close();
  }

  /** Crypto-PAn, prefix-preserving. */
  @Benchmark
  public byte[] cryptoPan() {
    random.nextBytes(address);
    cryptoPan.pseudonym(address, 0, address.length, out, 0);
    return out;
  }

  /** Ipcrypt, deterministic. */
  @Benchmark
  public byte[] ipcrypt() {
    random.nextBytes(address);
    deterministic.encrypt(address, 0, address.length, out, 0);
    return out;
  }

  /** Ipcrypt, prefix-preserving. */
  @Benchmark
  public byte[] ipcryptPfx() {
    random.nextBytes(address);
    prefix.encrypt(address, 0, address.length, out, 0);
    return out;
  }

  /** The keyed hash of 32 bytes. */
  @Benchmark
  public byte[] keyedHash() {
    text[0]++;
    hash.hash(text, 0, text.length, out, 0);
    return out;
  }
}
