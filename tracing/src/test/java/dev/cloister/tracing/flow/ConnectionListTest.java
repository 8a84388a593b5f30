package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A list gives its connections in the order in which they were put at its end. */
final class ConnectionListTest {

  private static Connection connection(int number) {
    return new Connection(number, 0, number, 0, 0, 0, 1, true);
  }

  @Test
  void aListDoesWhatALinkedSetDoes() {
    for (var seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      var list = new ConnectionList();
      var model = new LinkedHashSet<Connection>();
      for (var i = 0; i < 500; i++) {
        var known = new ArrayList<>(model);
        if (known.isEmpty() || random.nextBoolean()) {
          var added = connection(i);
          list.addLast(added, i);
          model.add(added);
          assertThat(added.listedAt).isEqualTo(i);
        } else {
          var any = known.get(random.nextInt(known.size()));
          list.remove(any);
          model.remove(any);
          if (random.nextBoolean()) {
            list.addLast(any, i);
            model.add(any);
          }
        }
        assertThat(list.first())
            .as("seed %d", seed)
            .isSameAs(model.isEmpty() ? null : model.getFirst());
      }
      for (var expected : model) {
        assertThat(list.first()).as("seed %d", seed).isSameAs(expected);
        list.remove(expected);
      }
      assertThat(list.first()).isNull();
    }
  }
}
