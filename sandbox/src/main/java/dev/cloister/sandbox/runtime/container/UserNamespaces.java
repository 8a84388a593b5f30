package dev.cloister.sandbox.runtime.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whether this host lets users make namespaces, as far as its settings tell. A host may refuse for
 * other reasons; then the first start says so, in bubblewrap's words.
 */
final class UserNamespaces {

  /**
   * A setting of the kernel that can forbid them.
   *
   * @param file below /proc/sys; not there on most kernels
   * @param forbids the value that does
   * @param remedy what to set instead
   */
  private record Setting(String file, String forbids, String remedy) {}

  private static final List<Setting> SETTINGS =
      List.of(
          new Setting("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
          new Setting(
              "kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
          new Setting(
              "kernel/apparmor_restrict_unprivileged_userns",
              "1",
              "kernel.apparmor_restrict_unprivileged_userns=0, or load AppArmor's profile of"
                  + " bwrap"));

  private UserNamespaces() {}

  /** A line for each setting that forbids them. */
  static List<String> lacks(Path settings) {
    return SETTINGS.stream().flatMap(setting -> lack(settings, setting)).toList();
  }

  private static Stream<String> lack(Path settings, Setting setting) {
    var file = settings.resolve(setting.file);
    try {
      if (Files.exists(file) && Files.readString(file).strip().equals(setting.forbids)) {
        return Stream.of(
            "user namespaces: %s is %s: set %s".formatted(file, setting.forbids, setting.remedy));
      }
    } catch (IOException _) {
      // It cannot be told.
    }
    return Stream.of();
  }
}
