package dev.cloister.tor.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Options of a running tor that are as this says until it is closed, and then as they were found.
 * That they are undone when this process is killed, or the control port is gone, it does not say:
 * {@link #lines} tell an operator what to undo by hand. Nothing is written to torrc. Safe for use
 * by many threads.
 *
 * <p>An option that somebody else has changed since is left to them, and told of. What tor makes of
 * its options, such as a relay's exit policy, follows about a second after them.
 *
 * <p>Source: control-spec, sections 3.1 to 3.3.
 */
public final class TemporarySettings implements AutoCloseable {
  private final TorControl control;

  /** Those that are not undone; guarded by this. */
  private final List<Change> changes;

  private final List<String> lines;

  /** An option and its lines, one after the other; a line without a value is one unset. */
  private record Change(String option, List<Setting> before, List<Setting> after) {
    private String line() {
      return "%s: %s -> %s".formatted(option, text(before), text(after));
    }

    private static String text(List<Setting> settings) {
      return settings.stream()
          .map(setting -> setting.value().isEmpty() ? "unset" : quoted(setting))
          .collect(Collectors.joining(", "));
    }

    private static String quoted(Setting setting) {
      return '"' + setting.value().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** What an operator types into a control port. */
    private String undoing() {
      return before.stream()
          .map(setting -> option + (setting.value().isEmpty() ? "" : "=" + quoted(setting)))
          .collect(Collectors.joining(" "));
    }
  }

  private TemporarySettings(TorControl control, List<Change> changes) {
    this.control = control;
    this.changes = new ArrayList<>(changes);
    this.changes.removeIf(change -> change.before().equals(change.after()));
    this.lines = this.changes.stream().map(Change::line).toList();
  }

  /**
   * Asks for what is set, then sets options, all or none.
   *
   * @param control a connection that outlives this; the caller closes it
   * @param settings at least one; what had several lines has those given here only
   * @return what undoes it
   * @throws ControlRefused when tor refuses one (513, 552, 553); nothing has changed then
   * @throws IOException when there is no answer; if the options may have changed and were not
   *     undone, the message says how to undo them by hand
   */
  public static TemporarySettings apply(TorControl control, Setting... settings)
      throws IOException {
    var names = names(settings);
    var before = byName(control.getConf(names));
    if (before.size() != names.length) {
      throw new ControlViolation("an answer to GETCONF without an option that was asked for");
    }
    try {
      control.setConf(settings);
      return new TemporarySettings(control, changes(before, byName(control.getConf(names))));
    } catch (ControlRefused e) {
      throw e;
    } catch (IOException e) {
      // It may be set, or not: the same is done about both.
      undoUnknown(control, changes(before, before), e);
      throw e;
    }
  }

  private static String[] names(Setting... settings) {
    var names = new LinkedHashMap<String, String>();
    for (var setting : settings) {
      if (setting.name().toLowerCase(Locale.ROOT).startsWith("hiddenservice")) {
        throw new IllegalArgumentException(
            "option %s: cannot be asked for by itself; publish the service by ADD_ONION"
                .formatted(setting.name()));
      }
      names.putIfAbsent(setting.name().toLowerCase(Locale.ROOT), setting.name());
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException("no settings: must be at least one");
    }
    return names.values().toArray(String[]::new);
  }

  /** Groups lines by tor's own name of the option, in tor's order. */
  private static Map<String, List<Setting>> byName(List<Setting> settings) {
    return settings.stream()
        .collect(Collectors.groupingBy(Setting::name, LinkedHashMap::new, Collectors.toList()));
  }

  private static List<Change> changes(
      Map<String, List<Setting>> before, Map<String, List<Setting>> after) {
    return before.entrySet().stream()
        .map(entry ->
            new Change(
                entry.getKey(), entry.getValue(), after.getOrDefault(entry.getKey(), List.of())))
        .toList();
  }

  private static void undoUnknown(TorControl control, List<Change> changes, IOException reason)
      throws IOException {
    try {
      control.resetConf(before(changes));
    } catch (IOException e) {
      reason.addSuppressed(e);
      throw byHand("may be set, and were not undone", changes, reason);
    }
  }

  private static Setting[] before(List<Change> changes) {
    return changes.stream().flatMap(change -> change.before().stream()).toArray(Setting[]::new);
  }

  private static IOException byHand(
      String what, List<Change> changes, @Nullable IOException reason) {
    return new IOException(
        "options of tor %s (%s); unless that is wanted, undo them by hand: RESETCONF %s"
            .formatted(
                what,
                changes.stream().map(Change::option).collect(Collectors.joining(", ")),
                changes.stream().map(Change::undoing).collect(Collectors.joining(" "))),
        reason);
  }

  /**
   * Tells an operator what was changed.
   *
   * @return a line for each option that has changed: its name, what it was, and what it is; always
   *     the same
   */
  public List<String> lines() {
    return lines;
  }

  /**
   * Undoes what was set, and asks tor whether it took. A call after one that failed tries again;
   * one after that does nothing.
   *
   * @throws IOException when there is no answer, or tor refuses, or somebody else has changed an
   *     option since; the message says what to undo by hand
   */
  @Override
  public void close() throws IOException {
    undo(control);
  }

  /**
   * Undoes what was set through another connection to the same tor, as when the first has ended.
   *
   * @param through the connection
   * @throws IOException as {@link #close} does
   */
  public synchronized void undo(TorControl through) throws IOException {
    if (changes.isEmpty()) {
      return;
    }
    try {
      var ours = new ArrayList<>(changes);
      ours.removeAll(differing(through, Change::after));
      restore(through, ours);
      changes.retainAll(differing(through, Change::before));
    } catch (IOException e) {
      throw byHand("were not undone", changes, e);
    }
    if (!changes.isEmpty()) {
      throw byHand("were changed by somebody else, and left", changes, null);
    }
  }

  /**
   * An option without a value may have had tor's default, or nothing where the default is
   * something: tor tells of both alike, until the default is set again.
   */
  private void restore(TorControl through, List<Change> ours) throws IOException {
    if (ours.isEmpty()) {
      return;
    }
    through.resetConf(before(ours));
    var emptied = differing(through, Change::before);
    emptied.retainAll(ours);
    if (!emptied.isEmpty()) {
      through.setConf(before(emptied));
    }
  }

  /** One side of a change. */
  private interface Side {
    List<Setting> of(Change change);
  }

  private List<Change> differing(TorControl through, Side side) throws IOException {
    var names = changes.stream().map(Change::option).toArray(String[]::new);
    var now = byName(through.getConf(names));
    return changes.stream()
        .filter(change -> !side.of(change).equals(now.get(change.option())))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  @Override
  public String toString() {
    return "TemporarySettings" + lines;
  }
}
