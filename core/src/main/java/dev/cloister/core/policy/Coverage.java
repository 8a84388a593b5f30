package dev.cloister.core.policy;

import dev.cloister.core.policy.Address.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Tells whether one network policy accepts all that another asks for, exactly: over the intervals
 * of addresses and ports that the rules make, not by samples.
 *
 * <p>A rule that accepts asks for its destinations but those that a rule before it rejects. So what
 * each rule asks for does not depend on other rules that accept, and together they ask for what the
 * asking policy accepts.
 */
final class Coverage {
  private final NetworkPolicy given;
  private final NetworkPolicy asked;

  /** The rules of the asking policy that reject, and which rule of it each was. */
  private final NetworkPolicy rejections;

  private final int[] rejectionIndex;

  Coverage(NetworkPolicy given, NetworkPolicy asked) {
    this.given = given;
    this.asked = asked;
    var rules = new ArrayList<NetworkRule>();
    var indexes = new ArrayList<Integer>();
    for (var i = 0; i < asked.rules().size(); i++) {
      if (!asked.rules().get(i).accepts()) {
        rules.add(asked.rules().get(i));
        indexes.add(i);
      }
    }
    this.rejections = NetworkPolicy.of(rules);
    this.rejectionIndex = indexes.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * A destination that is asked for and not given.
   *
   * @param rule the rule that asks for it
   * @param address one of its addresses
   * @param port one of its ports
   * @param refusal what refuses it
   */
  record Gap(NetworkRule rule, Address address, int port, Decision refusal) {
    String example() {
      return Address.text(address.inet()) + ":" + port;
    }
  }

  /** Returns one destination for each rule that asks for some that are not given. */
  List<Gap> gaps() {
    var gaps = new ArrayList<Gap>();
    for (var i = 0; i < asked.rules().size(); i++) {
      if (asked.rules().get(i).accepts()) {
        gap(i).ifPresent(gaps::add);
      }
    }
    return gaps;
  }

  private Optional<Gap> gap(int index) {
    var rule = asked.rules().get(index);
    return rule.addresses().stream()
        .flatMap(prefix -> prefix.spans().stream())
        .flatMap(span -> boxes(given.table(), span, rule.ports()))
        .filter(box -> !given.decision(box.rule()).accepted())
        .flatMap(box -> gap(index, box).stream())
        .findFirst();
  }

  /** Finds what a rule asks for of all that is refused in one box. */
  private Optional<Gap> gap(int index, Box refused) {
    return boxes(rejections.table(), refused.span(), refused.ports())
        .filter(box -> box.rule() == RuleTable.NONE || rejectionIndex[box.rule()] > index)
        .findFirst()
        .map(box ->
            new Gap(
                asked.rules().get(index),
                box.span().first(),
                box.ports().first(),
                given.decision(refused.rule())));
  }

  /** Destinations that one rule decides. */
  private record Box(Span span, PortRange ports, int rule) {}

  /** Cuts destinations into boxes, each decided by one rule, as they are needed. */
  private static Stream<Box> boxes(RuleTable table, Span span, PortRange ports) {
    var first = table.interval(span.first().high(), span.first().low());
    return IntStream.range(first, table.intervals())
        .takeWhile(interval -> table.span(interval).first().compareTo(span.last()) <= 0)
        .boxed()
        .flatMap(interval ->
            table.cells(interval, ports.first(), ports.last()).stream()
                .map(cell ->
                    new Box(
                        span.and(table.span(interval)),
                        new PortRange(cell.first(), cell.last()),
                        cell.rule())));
  }
}
