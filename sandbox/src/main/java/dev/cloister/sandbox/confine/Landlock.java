package dev.cloister.sandbox.confine;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.Confining;
import dev.cloister.sandbox.confine.FileRules.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Landlock as far as this kernel has it: rights, and which ABI knows them. Source: landlock(7). */
final class Landlock {
  private static final long EXECUTE = 1;
  private static final long WRITE_FILE = 1 << 1;
  private static final long READ_FILE = 1 << 2;
  private static final long READ_DIRECTORY = 1 << 3;
  private static final long REMOVE_DIRECTORY = 1 << 4;
  private static final long REMOVE_FILE = 1 << 5;
  private static final long MAKE_DIRECTORY = 1 << 7;
  private static final long MAKE_FILE = 1 << 8;
  private static final long REFER = 1 << 13;
  private static final long TRUNCATE = 1 << 14;
  private static final long DEVICE_IOCTL = 1 << 15;

  /** What makes sense on a file that is no directory. */
  private static final long OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_IOCTL;

  private static final long BIND_AND_CONNECT = 3;
  private static final long ABSTRACT_SOCKETS_AND_SIGNALS = 3;

  private static final int WITH_REFER = 2;
  private static final int WITH_TRUNCATE = 3;
  private static final int WITH_NETWORK = 4;
  private static final int WITH_DEVICE_IOCTL = 5;
  private static final int WITH_SCOPES = 6;

  private final int version;

  Landlock(int version) {
    this.version = version;
  }

  int version() {
    return version;
  }

  boolean refusesTcp() {
    return version >= WITH_NETWORK;
  }

  boolean scopesSignals() {
    return version >= WITH_SCOPES;
  }

  /** A line for each thing that this kernel's Landlock leaves open. */
  List<String> lacks() {
    var lacks = new ArrayList<String>();
    if (version == 0) {
      lacks.add("Landlock: the kernel has none; any file that the user may open can be opened");
      return lacks;
    }
    if (version < WITH_TRUNCATE) {
      lacks.add("Landlock " + version + ": truncate(2) by path is not covered, from 3 on");
    }
    if (version < WITH_NETWORK) {
      lacks.add("Landlock " + version + ": TCP is not covered, from 4 on");
    }
    if (version < WITH_DEVICE_IOCTL) {
      lacks.add("Landlock " + version + ": ioctl on devices is not covered, from 5 on");
    }
    if (version < WITH_SCOPES) {
      lacks.add(
          "Landlock " + version + ": signals and abstract Unix sockets are not covered, from 6 on");
    }
    return lacks;
  }

  /** Makes a ruleset that refuses all this kernel knows, but what the rules grant. */
  int ruleset(Confining system, FileRules rules) throws IOException {
    var ruleset =
        system.ruleset(
            version,
            handled(),
            refusesTcp() ? BIND_AND_CONNECT : 0,
            scopesSignals() ? ABSTRACT_SOCKETS_AND_SIGNALS : 0);
    try {
      for (var rule : rules.rights().entrySet()) {
        allow(system, ruleset, rule.getKey(), rule.getValue());
      }
      return ruleset;
    } catch (IOException | NativeCallException e) {
      system.close(ruleset);
      throw e;
    }
  }

  private void allow(Confining system, int ruleset, Path path, Access access) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(
          path.toString(), null, "a rule lets the guest use it: make it, or drop the rule");
    }
    var rights = rights(access) & handled();
    system.allow(ruleset, path.toString(), Files.isDirectory(path) ? rights : rights & OF_FILES);
  }

  private static long rights(Access access) {
    return switch (access) {
      case READ -> READ_FILE | READ_DIRECTORY;
      case EXECUTE -> READ_FILE | READ_DIRECTORY | EXECUTE;
      case USE -> READ_FILE | WRITE_FILE;
      case WRITE ->
          READ_FILE
              | READ_DIRECTORY
              | WRITE_FILE
              | TRUNCATE
              | MAKE_FILE
              | MAKE_DIRECTORY
              | REMOVE_FILE
              | REMOVE_DIRECTORY
              | REFER;
    };
  }

  private long handled() {
    var newest =
        version >= WITH_DEVICE_IOCTL
            ? DEVICE_IOCTL
            : version >= WITH_TRUNCATE ? TRUNCATE : version >= WITH_REFER ? REFER : REFER >> 1;
    // A right's bit and all below it: the kernel added them in order.
    return (newest << 1) - 1;
  }
}
