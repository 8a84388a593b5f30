package dev.cloister.sandbox.host;

import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A runtime that starts nothing. */
final class BrokenRuntime implements FunctionRuntime {

  @Override
  public RuntimeLabel label() {
    return new RuntimeLabel("broken", List.of(), List.of("itself"), List.of(), Map.of());
  }

  @Override
  public boolean runs(Image.Kind kind) {
    return true;
  }

  @Override
  public GuestProcess start(Launch launch) throws IOException {
    throw new IOException("it never starts");
  }
}
