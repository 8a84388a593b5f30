package dev.cloister.sandbox.host;

import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import java.util.List;
import java.util.Map;

/** A runtime that runs no image there is. */
final class DeafRuntime implements FunctionRuntime {

  @Override
  public RuntimeLabel label() {
    return new RuntimeLabel("deaf", List.of(), List.of("nothing"), List.of(), Map.of());
  }

  @Override
  public boolean runs(Image.Kind kind) {
    return false;
  }

  @Override
  public GuestProcess start(Launch launch) {
    throw new AssertionError("it was not asked");
  }
}
