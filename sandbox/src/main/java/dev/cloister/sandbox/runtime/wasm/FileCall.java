package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.Instance;
import java.io.IOException;

/** A call on files, made by the thread that runs the guest. */
@FunctionalInterface
interface FileCall {
  /** Does it, or refuses it; what it throws becomes the number of an error. */
  void make(Instance guest, long[] arguments) throws IOException, FileRefused;
}
