package dev.cloister.benchmarks;

import dev.cloister.sandbox.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * Bubblewrap by itself: the same namespaces and the same binds as a container of an image, without
 * limits, list of system calls or user of its own.
 */
final class BareBubblewrap {
  private BareBubblewrap() {}

  static BareProgram around(Image image, List<String> program) throws IOException {
    var command =
        new ArrayList<>(List.of("bwrap", "--unshare-all", "--die-with-parent", "--as-pid-1"));
    for (var read : image.reads()) {
      if (Files.isSymbolicLink(read)) {
        var target = Files.readSymbolicLink(read).toString();
        command.addAll(List.of("--symlink", target, read.toString()));
      } else if (Files.exists(read)) {
        command.addAll(List.of("--ro-bind", read.toString(), read.toString()));
      }
    }
    command.addAll(List.of("--ro-bind", image.directory().toString(), "/image"));
    for (var device : List.of("/dev/null", "/dev/zero", "/dev/urandom")) {
      command.addAll(List.of("--dev-bind", device, device));
    }
    command.addAll(List.of("--size", "67108864", "--tmpfs", "/tmp", "--remount-ro", "/"));
    command.addAll(List.of("--chdir", "/", "--"));
    command.addAll(program);
    return new BareProgram(command);
  }
}
