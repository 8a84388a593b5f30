package dev.cloister.sandbox.host;

import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import dev.cloister.sandbox.runtime.Usage;
import java.io.IOException;

/** Runs functions of Java that are said to have had so much traffic through their own network. */
record OnlineRuntime(FunctionRuntime inner, long bytesIn, long bytesOut)
    implements FunctionRuntime {

  @Override
  public RuntimeLabel label() {
    return inner.label();
  }

  @Override
  public boolean runs(Image.Kind kind) {
    return inner.runs(kind);
  }

  @Override
  public GuestProcess start(Launch launch) throws IOException {
    var guest = inner.start(launch);
    return new GuestProcess() {
      @Override
      public Ending run(byte[] code, CellApi api) {
        return guest.run(code, api);
      }

      @Override
      public long tick() {
        return guest.tick();
      }

      @Override
      public void stop(Ending why) {
        guest.stop(why);
      }

      @Override
      public Usage usage() {
        return guest.usage().metered(0, 0, bytesIn, bytesOut);
      }

      @Override
      public void close() throws IOException {
        guest.close();
      }
    };
  }
}
