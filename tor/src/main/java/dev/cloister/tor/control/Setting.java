package dev.cloister.tor.control;

import java.util.regex.Pattern;

/**
 * A line of tor's configuration. Options that stand on several lines are several settings of one
 * name. Immutable.
 *
 * @param name as in torrc, such as ExitPolicy; tor takes any case
 * @param value what stands after it; empty for tor's default
 */
public record Setting(String name, String value) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]{1,100}");

  /** Checks the name's shape; what the value may be, tor says. */
  public Setting {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "option \"" + name + "\": must be 1 to 100 letters, digits and _");
    }
  }

  /**
   * Sets an option to tor's default.
   *
   * @param name as in torrc
   * @return a setting without a value
   */
  public static Setting byDefault(String name) {
    return new Setting(name, "");
  }

  @Override
  public String toString() {
    return value.isEmpty() ? name : name + " " + value;
  }

  void writeTo(Command command) {
    if (value.isEmpty()) {
      command.word(name);
    } else {
      command.value(name, value);
    }
  }
}
