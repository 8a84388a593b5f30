package dev.cloister.sandbox.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where functions in the background run, of four processors. */
final class BackgroundProcessorsTest {
  @TempDir private Path scratch;
  private FakeKernel kernel;
  private BackgroundProcessors processors;

  @BeforeEach
  void open() throws IOException {
    kernel = new FakeKernel(scratch, "memory", "pids", "cpu", "cpuacct", "freezer");
    processors = new BackgroundProcessors(kernel);
  }

  private static BitSet numbers(int... each) {
    var all = new BitSet();
    for (var one : each) {
      all.set(one);
    }
    return all;
  }

  @Test
  void theyAreTheLastOnesAndAsManyAsTheSharesNeedTogether() {
    processors.add(0.5);
    assertThat(processors.now()).isEqualTo(numbers(3));
    processors.add(0.5);
    assertThat(processors.now()).isEqualTo(numbers(3));
    processors.add(0.1);
    assertThat(processors.now()).isEqualTo(numbers(2, 3));
    processors.remove(0.1);
    assertThat(processors.now()).isEqualTo(numbers(3));
    processors.add(2.5);
    assertThat(processors.now()).isEqualTo(numbers(0, 1, 2, 3));
  }

  @Test
  void oneWithoutALimitMayHaveAll() {
    processors.add(Double.POSITIVE_INFINITY);
    assertThat(processors.now()).isEqualTo(processors.all());
    processors.remove(Double.POSITIVE_INFINITY);
    processors.add(0.5);
    assertThat(processors.now()).isEqualTo(numbers(3));
  }

  @Test
  void sharesThatCannotBeSummedExactlyNeedNoProcessorMore() {
    for (var i = 0; i < 10; i++) {
      processors.add(0.1);
    }
    assertThat(processors.now()).isEqualTo(numbers(3));
  }

  @Test
  void itsThreadsAreKeptThereAndLetGoAndWhatIsBornMeanwhileIsFound() throws IOException {
    var places = new ControlPlaces(kernel.root, kernel.proc, "");
    try (var groups = ControlGroups.find(places, kernel, TimeSource.system());
        var group = groups.create(ControlLimits.none().withCpuShare(0.5))) {
      var first = kernel.start(0);
      group.enter(Entry.ofProcess(first)).close();
      group.background(true);
      var second = kernel.start(0);
      group.enter(Entry.ofProcess(second)).close();
      for (var call = 0; call < 10; call++) {
        group.background(true);
      }
      assertThat(kernel.kept).containsOnlyKeys(List.of(first, second));
      assertThat(kernel.kept.values()).containsOnly(numbers(3));
      assertThat(kernel.keeps).as("one thread once, two threads twice").isEqualTo(5);

      for (var call = 0; call < 10; call++) {
        group.background(false);
      }
      assertThat(kernel.kept.values()).containsOnly(numbers(0, 1, 2, 3));
      assertThat(kernel.keeps).isEqualTo(11);
    }
  }

  @Test
  void oneThatEndsInTheBackgroundLeavesItsShareToNobody() throws IOException {
    var places = new ControlPlaces(kernel.root, kernel.proc, "");
    try (var groups = ControlGroups.find(places, kernel, TimeSource.system())) {
      try (var ended = groups.create(ControlLimits.none().withCpuShare(3))) {
        ended.background(true);
        assertThat(groups.background().now()).isEqualTo(numbers(1, 2, 3));
      }
      assertThat(groups.background().now()).isEqualTo(numbers(3));
    }
  }
}
