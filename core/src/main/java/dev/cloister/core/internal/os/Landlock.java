package dev.cloister.core.internal.os;

import dev.cloister.core.NativeCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Landlock as far as this kernel has it: what may be done below a path, to which ports TCP may
 * connect, and what a kernel of this version leaves open. Immutable. Source: landlock(7).
 */
public final class Landlock {
  private static final long EXECUTE = 1;
  private static final long WRITE_FILE = 1 << 1;
  private static final long READ_FILE = 1 << 2;
  private static final long READ_DIRECTORY = 1 << 3;
  private static final long REMOVE_DIRECTORY = 1 << 4;
  private static final long REMOVE_FILE = 1 << 5;
  private static final long MAKE_DIRECTORY = 1 << 7;
  private static final long MAKE_FILE = 1 << 8;
  private static final long MAKE_SOCKET = 1 << 9;
  private static final long REFER = 1 << 13;
  private static final long TRUNCATE = 1 << 14;
  private static final long DEVICE_IOCTL = 1 << 15;

  /** What makes sense on a file that is no directory. */
  private static final long OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_IOCTL;

  private static final long BIND = 1;
  private static final long BIND_AND_CONNECT = 3;
  private static final long ABSTRACT_SOCKETS_AND_SIGNALS = 3;

  private static final int WITH_REFER = 2;
  private static final int WITH_TRUNCATE = 3;
  private static final int WITH_NETWORK = 4;
  private static final int WITH_DEVICE_IOCTL = 5;
  private static final int WITH_SCOPES = 6;

  private final int version;

  /** What may be done below a path. */
  public enum Access {
    /** Read files and list directories. */
    READ(READ_FILE | READ_DIRECTORY),
    /** That, and run programs. */
    EXECUTE(READ.rights | Landlock.EXECUTE),
    /** Read, list, write, make, rename and remove plain files and directories. */
    WRITE(
        READ.rights
            | WRITE_FILE
            | TRUNCATE
            | MAKE_FILE
            | MAKE_DIRECTORY
            | REMOVE_FILE
            | REMOVE_DIRECTORY
            | REFER),
    /** Read, write and make no name: for devices such as /dev/null. */
    USE(READ_FILE | WRITE_FILE),
    /** Make and remove Unix sockets, and list: where a program listens. */
    LISTEN(READ_DIRECTORY | MAKE_SOCKET | REMOVE_FILE);

    private final long rights;

    Access(long rights) {
      this.rights = rights;
    }
  }

  /**
   * Takes a version.
   *
   * @param version of {@link Confining#landlockVersion}
   */
  public Landlock(int version) {
    this.version = version;
  }

  /**
   * Returns the version.
   *
   * @return 0 without any Landlock
   */
  public int version() {
    return version;
  }

  /**
   * Tells whether files are covered in every way.
   *
   * @return whether opening, truncating and commands to devices can be refused
   */
  public boolean coversFiles() {
    return version >= WITH_DEVICE_IOCTL;
  }

  /**
   * Tells whether TCP is covered.
   *
   * @return whether bind and connect can be refused
   */
  public boolean refusesTcp() {
    return version >= WITH_NETWORK;
  }

  /**
   * Tells whether signals are covered.
   *
   * @return whether signals and abstract Unix sockets can be kept inside
   */
  public boolean scopesSignals() {
    return version >= WITH_SCOPES;
  }

  /**
   * Says what this kernel's Landlock leaves open.
   *
   * @return a line for each thing
   */
  public List<String> lacks() {
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

  /**
   * Makes a ruleset that refuses all this kernel knows, but what is granted.
   *
   * @param system that makes it
   * @param files what may be done below each path; where two rules hold, their rights add up
   * @param ports to which TCP may be connected, of whatever address
   * @return a descriptor
   * @throws IOException when a path does not exist
   */
  public int ruleset(Confining system, Map<Path, Access> files, Set<Integer> ports)
      throws IOException {
    return ruleset(system, files, BIND_AND_CONNECT, ports);
  }

  /**
   * Makes a ruleset as above, but that TCP may be connected to every port.
   *
   * @param system that makes it
   * @param files what may be done below each path
   * @return a descriptor
   * @throws IOException when a path does not exist
   */
  public int rulesetForEveryPort(Confining system, Map<Path, Access> files) throws IOException {
    return ruleset(system, files, BIND, Set.of());
  }

  private int ruleset(Confining system, Map<Path, Access> files, long tcp, Set<Integer> ports)
      throws IOException {
    var ruleset =
        system.ruleset(
            version,
            handled(),
            refusesTcp() ? tcp : 0,
            scopesSignals() ? ABSTRACT_SOCKETS_AND_SIGNALS : 0);
    try {
      for (var rule : files.entrySet()) {
        allow(system, ruleset, rule.getKey(), rule.getValue());
      }
      if (refusesTcp()) {
        ports.forEach(port -> system.allowConnecting(ruleset, port));
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
          path.toString(), null, "a rule lets it be used: make it, or drop the rule");
    }
    var rights = access.rights & handled();
    system.allow(ruleset, path.toString(), Files.isDirectory(path) ? rights : rights & OF_FILES);
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
