package dev.cloister.sandbox.runtime.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.Parser;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The same engine with its own WASI, given all it takes: what an attack gets where nobody refuses.
 */
final class PlainWasi {
  private PlainWasi() {}

  /** Runs a module; returns the first byte that it sent. */
  static int run(byte[] module, Path directory) {
    var options =
        WasiOptions.builder()
            .withDirectory("/", directory)
            .withArguments(List.of("program", "argument"))
            .withEnvironment("SECRET", "of the host")
            .withStdin(new ByteArrayInputStream("typed".getBytes(UTF_8)))
            .build();
    var sent = new AtomicInteger(-1);
    var send =
        new HostFunction(
            "cell",
            "send",
            Signature.of("ii", "i"),
            (guest, a) -> {
              sent.set(guest.memory().read((int) a[0]) & 0xff);
              return new long[] {0};
            });
    try (var wasi = WasiPreview1.builder().withOptions(options).build()) {
      Instance.builder(Parser.parse(module))
          .withImportValues(
              ImportValues.builder().addFunction(wasi.toHostFunctions()).addFunction(send).build())
          .build();
    }
    return sent.get();
  }
}
