package dev.cloister.core.token;

import dev.cloister.core.ContextId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The live tokens of one grant: its two, and all that were made from the first. */
final class Family {
  final ContextId context;
  final Room nonces;
  private final Set<LiveToken> members = new LinkedHashSet<>();

  Family(ContextId context, Room nonces) {
    this.context = context;
    this.nonces = nonces;
  }

  void add(LiveToken token) {
    members.add(token);
  }

  void remove(LiveToken token) {
    members.remove(token);
  }

  List<LiveToken> members() {
    return List.copyOf(members);
  }

  boolean isEmpty() {
    return members.isEmpty();
  }

  long children() {
    return members.stream().filter(member -> member.depth() > 0).count();
  }
}
