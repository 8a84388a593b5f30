package dev.cloister.core.policy;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How much of each resource may be used. A resource that is not named is not given: its amount is
 * zero, never "as much as there is"; where something else stands in for it, {@link #orElse} says
 * so. Limits promise nothing until a runtime enforces them. Immutable.
 *
 * @param amounts whole units of each resource that is named, in the order of {@link Resource}
 */
public record ResourceLimits(Map<Resource, Long> amounts) {

  /** Takes amounts of zero or more. */
  public ResourceLimits {
    var ordered = new EnumMap<Resource, Long>(Resource.class);
    ordered.putAll(amounts);
    ordered.forEach((resource, amount) -> {
      if (amount < 0) {
        throw new IllegalArgumentException(
            "%s %d: allowed are amounts from 0".formatted(resource.label(), amount));
      }
    });
    amounts = Collections.unmodifiableMap(ordered);
  }

  /**
   * One resource of which more is asked than there is.
   *
   * @param resource which
   * @param asked whole units that are asked for
   * @param allowed whole units that there are
   */
  public record Excess(Resource resource, long asked, long allowed) {

    /**
     * Says what does not fit.
     *
     * @return such as {@code cpuShare 1.5: allowed 0.5}
     */
    @Override
    public String toString() {
      return "%s %s: allowed %s"
          .formatted(resource.label(), resource.text(asked), resource.text(allowed));
    }
  }

  /**
   * Names no resource.
   *
   * @return limits that give nothing
   */
  public static ResourceLimits none() {
    return new ResourceLimits(Map.of());
  }

  /**
   * Reads limits.
   *
   * @param node a mapping from labels of resources to numbers
   * @return the limits
   * @throws dev.cloister.core.PolicyRejected when it is no such mapping, with the place
   */
  public static ResourceLimits read(Node node) {
    node.only(Arrays.stream(Resource.values()).map(Resource::label).collect(Collectors.toSet()));
    var amounts = new EnumMap<Resource, Long>(Resource.class);
    for (var resource : Resource.values()) {
      node.optional(resource.label())
          .ifPresent(value -> amounts.put(resource, amount(resource, value)));
    }
    return new ResourceLimits(amounts);
  }

  private static long amount(Resource resource, Node value) {
    var text = value.scalar();
    try {
      return resource.amount(value.kind() == Node.Kind.NUMBER ? text : "\"" + text + "\"");
    } catch (IllegalArgumentException e) {
      throw value.rejected(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Names one more resource, or another amount of it.
   *
   * @param resource which
   * @param amount whole units, from 0 to {@link Resource#AMOUNT_MAX}
   * @return new limits
   */
  public ResourceLimits with(Resource resource, long amount) {
    if (amount > Resource.AMOUNT_MAX) {
      throw new IllegalArgumentException(
          "%s %d: allowed are amounts up to %d"
              .formatted(resource.label(), amount, Resource.AMOUNT_MAX));
    }
    var changed = new EnumMap<Resource, Long>(Resource.class);
    changed.putAll(amounts);
    changed.put(resource, amount);
    return new ResourceLimits(changed);
  }

  /**
   * Names one more resource, or another amount of it.
   *
   * @param resource which
   * @param text the amount as documents write it, such as {@code 0.5}
   * @return new limits
   * @throws IllegalArgumentException when it is no amount of this resource
   */
  public ResourceLimits with(Resource resource, String text) {
    return with(resource, resource.amount(text));
  }

  /**
   * Tells whether a resource is named, be it with zero.
   *
   * @param resource which
   * @return whether it is
   */
  public boolean names(Resource resource) {
    return amounts.containsKey(resource);
  }

  /**
   * Returns how much of a resource may be used.
   *
   * @param resource which
   * @return whole units of it: zero when it is not named
   */
  public long of(Resource resource) {
    return amounts.getOrDefault(resource, 0L);
  }

  /**
   * Returns a limit of time.
   *
   * @param resource {@link Resource#CPU_SECONDS} or {@link Resource#WALL_SECONDS}
   * @return its amount: zero when it is not named
   */
  public Duration duration(Resource resource) {
    return switch (resource) {
      case CPU_SECONDS, WALL_SECONDS -> Duration.of(of(resource), ChronoUnit.MICROS);
      case CPU_SHARE, MEMORY_BYTES, PROCESSES, OPEN_FILES, DISK_BYTES, BYTES_IN, BYTES_OUT ->
          throw new IllegalArgumentException(resource.label() + " is no time");
    };
  }

  /**
   * Names what other limits name beyond these.
   *
   * @param defaults the amount of each resource that is not named here
   * @return new limits
   */
  public ResourceLimits orElse(ResourceLimits defaults) {
    var all = new EnumMap<Resource, Long>(Resource.class);
    all.putAll(defaults.amounts);
    all.putAll(amounts);
    return new ResourceLimits(all);
  }

  /**
   * Adds resource by resource; a sum beyond {@code long} stays at its largest value, which fits in
   * nothing that a document can say.
   *
   * @param other what to add
   * @return new limits that name what either names
   */
  public ResourceLimits plus(ResourceLimits other) {
    var sum = new EnumMap<Resource, Long>(Resource.class);
    sum.putAll(amounts);
    other.amounts.forEach((resource, amount) -> sum.merge(resource, amount, ResourceLimits::added));
    return new ResourceLimits(sum);
  }

  private static long added(long one, long other) {
    return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
  }

  /**
   * Takes away resource by resource.
   *
   * @param other what to take away
   * @return new limits that name what these name
   * @throws IllegalArgumentException when there is not that much: what was never added cannot be
   *     taken away
   */
  public ResourceLimits minus(ResourceLimits other) {
    var excess = other.excessOver(this);
    if (!excess.isEmpty()) {
      throw new IllegalArgumentException("cannot take away " + excess.getFirst());
    }
    var rest = new EnumMap<Resource, Long>(Resource.class);
    amounts.forEach((resource, amount) -> rest.put(resource, amount - other.of(resource)));
    return new ResourceLimits(rest);
  }

  /**
   * Tells what does not fit.
   *
   * @param ceiling the most there is of each resource: nothing of what it does not name
   * @return every resource of which these limits have more, in the order of {@link Resource}
   */
  public List<Excess> excessOver(ResourceLimits ceiling) {
    return amounts.entrySet().stream()
        .filter(amount -> amount.getValue() > ceiling.of(amount.getKey()))
        .map(amount -> new Excess(amount.getKey(), amount.getValue(), ceiling.of(amount.getKey())))
        .toList();
  }

  /**
   * Tells whether all of it fits.
   *
   * @param ceiling the most there is of each resource: nothing of what it does not name
   * @return whether no resource has more here
   */
  public boolean fitsIn(ResourceLimits ceiling) {
    return excessOver(ceiling).isEmpty();
  }

  /**
   * Shows the limits as documents write them.
   *
   * @return such as <code>{cpuShare: 0.5, memoryBytes: 65536}</code>
   */
  @Override
  public String toString() {
    return amounts.entrySet().stream()
        .map(amount -> amount.getKey().label() + ": " + amount.getKey().text(amount.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }
}
