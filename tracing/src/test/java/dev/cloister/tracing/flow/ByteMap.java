package dev.cloister.tracing.flow;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What a direction's stream must be, found naively: a map from position to byte, of first copies
 * and of winning ones, in which nothing is ever given up before the end.
 */
final class ByteMap {
  private final OverlapPolicy policy;
  private final boolean isFromSyn;
  private final TreeMap<Long, Byte> first = new TreeMap<>();
  private final TreeMap<Long, Byte> winner = new TreeMap<>();

  /** Everything before it is with the listener, and cannot be changed any more. */
  private long next;

  long duplicates;
  long conflicting;
  long beforeStart;

  ByteMap(OverlapPolicy policy, boolean isFromSyn) {
    this.policy = policy;
    this.isFromSyn = isFromSyn;
  }

  void add(long at, byte[] bytes) {
    for (var i = 0; i < bytes.length; i++) {
      add(at + i, bytes[i]);
    }
    while (isFromSyn && first.containsKey(next)) {
      next++;
    }
  }

  private void add(long position, byte value) {
    if (isFromSyn && position < 0) {
      beforeStart++;
      return;
    }
    var had = first.putIfAbsent(position, value);
    if (had == null) {
      winner.put(position, value);
      return;
    }
    duplicates++;
    conflicting += had == value ? 0 : 1;
    if (policy == OverlapPolicy.LAST && !(isFromSyn && position < next)) {
      winner.put(position, value);
    }
  }

  private long start() {
    return isFromSyn || first.isEmpty() ? 0 : first.firstKey();
  }

  /** Returns the bytes that win, in order, holes left out. */
  String bytes() {
    var text = new StringBuilder();
    winner.values().forEach(value -> text.append((char) (value & 0xff)));
    return text.toString();
  }

  /** Returns the holes, each as {@code start+length}. */
  List<String> holes() {
    var holes = new ArrayList<String>();
    var at = start();
    for (var position : first.keySet()) {
      if (position > at) {
        holes.add((at - start()) + "+" + (position - at));
      }
      at = position + 1;
    }
    return holes;
  }

  long holeBytes() {
    return first.isEmpty() ? 0 : first.lastKey() + 1 - start() - first.size();
  }

  long dataBytes() {
    return first.size();
  }
}
