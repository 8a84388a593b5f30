package dev.cloister.core.policy;

import dev.cloister.core.policy.Address.Span;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The first rule for every destination, as sorted arrays: addresses that the same rules decide lie
 * in one interval, and each interval has a row, in which ports that the same rule decides are one
 * cell. Equal rows are kept once. A lookup is two binary searches, and makes nothing.
 */
final class RuleTable {
  /** No rule decides. */
  static final int NONE = Integer.MAX_VALUE;

  /** Where each interval begins; the first at address zero, and each ends before the next. */
  private final long[] high;

  private final long[] low;

  /** Each interval's row. */
  private final int[] row;

  /** Where each row's cells begin, and as the last where the cells end. */
  private final int[] rowBegin;

  /** Each cell's first port and rule; a row's first cell begins at port zero. */
  private final int[] cellPort;

  private final int[] cellRule;

  /** Cells have been made beyond the bound. */
  static final class TooIntricate extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private RuleTable(List<Address> starts, int[] row, List<IntBuffer> rows) {
    this.high = starts.stream().mapToLong(Address::high).toArray();
    this.low = starts.stream().mapToLong(Address::low).toArray();
    this.row = row;
    this.rowBegin = new int[rows.size() + 1];
    for (var i = 0; i < rows.size(); i++) {
      rowBegin[i + 1] = rowBegin[i] + rows.get(i).capacity() / 2;
    }
    this.cellPort = new int[rowBegin[rows.size()]];
    this.cellRule = new int[cellPort.length];
    var cell = 0;
    for (var cells : rows) {
      for (var i = 0; i < cells.capacity(); i += 2) {
        cellPort[cell] = cells.get(i);
        cellRule[cell++] = cells.get(i + 1);
      }
    }
  }

  /** Compiles rules, of which the first that matches decides. */
  static RuleTable of(List<NetworkRule> rules, int cellsMax) throws TooIntricate {
    return new Compilation(rules, cellsMax).table();
  }

  /** Returns the index of the rule that decides, or {@link #NONE}. */
  int rule(long addressHigh, long addressLow, int port) {
    if (port < 1 || port > PortRange.PORT_MAX) {
      return NONE;
    }
    return cellRule[cell(row[interval(addressHigh, addressLow)], port)];
  }

  /** Returns the interval that an address lies in. */
  int interval(long addressHigh, long addressLow) {
    var from = 0;
    var to = high.length - 1;
    while (from < to) {
      var middle = (from + to + 1) >>> 1;
      var order = Long.compareUnsigned(high[middle], addressHigh);
      if (order < 0 || (order == 0 && Long.compareUnsigned(low[middle], addressLow) <= 0)) {
        from = middle;
      } else {
        to = middle - 1;
      }
    }
    return from;
  }

  private int cell(int ofRow, int port) {
    var from = rowBegin[ofRow];
    var to = rowBegin[ofRow + 1] - 1;
    while (from < to) {
      var middle = (from + to + 1) >>> 1;
      if (cellPort[middle] <= port) {
        from = middle;
      } else {
        to = middle - 1;
      }
    }
    return from;
  }

  int intervals() {
    return high.length;
  }

  /** Returns all addresses of an interval. */
  Span span(int interval) {
    var last =
        interval + 1 == high.length
            ? Address.LAST
            : new Address(high[interval + 1], low[interval + 1]).previous();
    return new Span(new Address(high[interval], low[interval]), last);
  }

  /** The ports that one rule decides, first and last, in an interval. */
  record Cell(int first, int last, int rule) {}

  /** Returns an interval's cells that have some of these ports, each cut to them. */
  List<Cell> cells(int interval, int first, int last) {
    var end = rowBegin[row[interval] + 1];
    var cells = new ArrayList<Cell>();
    for (var i = cell(row[interval], first); i < end && cellPort[i] <= last; i++) {
      var cellLast = i + 1 == end ? PortRange.PORT_MAX : cellPort[i + 1] - 1;
      cells.add(new Cell(Math.max(first, cellPort[i]), Math.min(last, cellLast), cellRule[i]));
    }
    return cells;
  }

  int cells() {
    return cellPort.length;
  }

  /** Sweeps over all addresses, from each place where the rules that match change to the next. */
  private static final class Compilation {
    private final int cellsMax;

    /** Where ports begin that other rules match than those before. */
    private final int[] portStarts;

    private final int[] firstClass;
    private final int[] classEnd;

    /** The rules that begin and end to match at an address. */
    private final TreeMap<Address, List<Integer>> beginning = new TreeMap<>();

    private final TreeMap<Address, List<Integer>> ending = new TreeMap<>();
    private final Map<IntBuffer, Integer> rowNumbers = new HashMap<>();
    private final List<IntBuffer> rows = new ArrayList<>();
    private int cells;

    Compilation(List<NetworkRule> rules, int cellsMax) {
      this.cellsMax = cellsMax;
      var ports = new TreeSet<>(List.of(0));
      for (var rule : rules) {
        ports.add(rule.ports().first());
        ports.add(rule.ports().last() + 1);
      }
      ports.remove(PortRange.PORT_MAX + 1);
      this.portStarts = ports.stream().mapToInt(Integer::intValue).toArray();
      this.firstClass = new int[rules.size()];
      this.classEnd = new int[rules.size()];
      for (var i = 0; i < rules.size(); i++) {
        firstClass[i] = Arrays.binarySearch(portStarts, rules.get(i).ports().first());
        var end = Arrays.binarySearch(portStarts, rules.get(i).ports().last() + 1);
        classEnd[i] = end < 0 ? portStarts.length : end;
        for (var prefix : rules.get(i).addresses()) {
          prefix.spans().forEach(mark(i));
        }
      }
    }

    private Consumer<Span> mark(int rule) {
      return span -> {
        beginning.computeIfAbsent(span.first(), _ -> new ArrayList<>()).add(rule);
        if (!span.last().equals(Address.LAST)) {
          ending.computeIfAbsent(span.last().next(), _ -> new ArrayList<>()).add(rule);
        }
      };
    }

    RuleTable table() throws TooIntricate {
      var changes = new TreeSet<>(beginning.keySet());
      changes.addAll(ending.keySet());
      changes.add(Address.FIRST);
      var starts = new ArrayList<Address>();
      var rowOf = new ArrayList<Integer>();
      // Prefixes of one rule may overlap, as ::/8 and ::/127 do: so they are counted.
      var matching = new int[firstClass.length];
      var active = new BitSet();
      for (var start : changes) {
        for (var rule : ending.getOrDefault(start, List.of())) {
          active.set(rule, --matching[rule] > 0);
        }
        for (var rule : beginning.getOrDefault(start, List.of())) {
          matching[rule]++;
          active.set(rule);
        }
        var number = rowNumber(active);
        if (rowOf.isEmpty() || rowOf.getLast() != number) {
          starts.add(start);
          rowOf.add(number);
        }
      }
      return new RuleTable(starts, rowOf.stream().mapToInt(Integer::intValue).toArray(), rows);
    }

    private int rowNumber(BitSet active) throws TooIntricate {
      var made = row(active);
      var known = rowNumbers.putIfAbsent(made, rows.size());
      if (known != null) {
        return known;
      }
      cells += made.capacity() / 2;
      if (cells > cellsMax) {
        throw new TooIntricate();
      }
      rows.add(made);
      return rows.size() - 1;
    }

    /** Lets each rule take the ports that no rule before it took; returns ports and rules. */
    private IntBuffer row(BitSet active) {
      var taken = new int[portStarts.length];
      Arrays.fill(taken, NONE);
      var open = new BitSet();
      open.set(0, portStarts.length);
      for (var rule = active.nextSetBit(0); rule >= 0; rule = active.nextSetBit(rule + 1)) {
        for (var free = open.nextSetBit(firstClass[rule]);
            free >= 0 && free < classEnd[rule];
            free = open.nextSetBit(free + 1)) {
          taken[free] = rule;
          open.clear(free);
        }
        // Port zero stays open, since no rule takes it.
        if (open.cardinality() == 1) {
          break;
        }
      }
      var made = new int[2 * taken.length];
      var size = 0;
      for (var i = 0; i < taken.length; i++) {
        if (i == 0 || taken[i] != taken[i - 1]) {
          made[size++] = portStarts[i];
          made[size++] = taken[i];
        }
      }
      return IntBuffer.wrap(Arrays.copyOf(made, size));
    }
  }
}
