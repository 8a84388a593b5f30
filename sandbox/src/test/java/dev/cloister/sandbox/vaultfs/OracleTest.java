package dev.cloister.sandbox.vaultfs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import dev.cloister.sandbox.vaultfs.FileScript.Outcome;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same is done to a vault, to the JDK's own file system, and to jimfs, and the same comes of
 * it: but for what {@link Difference} names.
 */
final class OracleTest {
  private static final int STEPS = 500;

  @TempDir private Path scratch;

  private static FileSystem jimfs() {
    return Jimfs.newFileSystem(
        Configuration.unix().toBuilder()
            .setAttributeViews("basic", "owner", "posix", "unix")
            .setWorkingDirectory("/")
            .build());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatAProgramSeesIsWhatItSeesInTheJdksFileSystem(int seed) throws IOException {
    try (var vault = Vaults.in(scratch.resolve("vault"));
        var ours = FileScript.below(Files.createDirectory(vault.root().resolve("work")));
        var theirs = FileScript.below(Files.createDirectory(scratch.resolve("work")))) {
      compare(seed, ours, theirs, Difference::allows);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 12, 13, 14, 15, 16, 17, 18})
  void whatAProgramSeesIsWhatItSeesInJimfs(int seed) throws IOException {
    try (var vault = Vaults.in(scratch.resolve("vault"));
        var jimfs = jimfs();
        var ours = FileScript.plain(Files.createDirectory(vault.root().resolve("work")));
        var theirs = FileScript.plain(Files.createDirectory(jimfs.getPath("/work")))) {
      compare(seed, ours, theirs, Difference::allowsJimfs);
    }
  }

  private static void compare(
      int seed, FileScript ours, FileScript theirs, BiPredicate<Outcome, Outcome> allows) {
    var seeds = new Random(seed);
    var done = new ArrayList<Outcome>();
    for (var step = 0; step < STEPS; step++) {
      var next = seeds.nextLong();
      var outcome = ours.step(next);
      done.add(outcome);
      assertThat(theirs.step(next))
          .as(() -> "seed " + seed + ", after " + last(done))
          .matches(other -> allows.test(other, outcome));
    }
    assertThat(ours.tree()).as("seed %d", seed).isEqualTo(theirs.tree()).isNotEmpty();
  }

  private static String last(List<Outcome> done) {
    return String.join(
        "\n",
        done.subList(Math.max(0, done.size() - 5), done.size()).stream()
            .map(Outcome::toString)
            .toList());
  }

  @Test
  void everySetOfOptionsOpensWhatItOpensInTheJdk() throws IOException {
    var all = StandardOpenOption.values();
    try (var vault = Vaults.in(scratch.resolve("vault"))) {
      for (var bits = 0; bits < 1 << all.length; bits++) {
        var options = new HashSet<StandardOpenOption>();
        for (var i = 0; i < all.length; i++) {
          if ((bits >> i & 1) != 0) {
            options.add(all[i]);
          }
        }
        for (var isThere : List.of(true, false)) {
          assertThat(opened(vault.root(), options, isThere))
              .as("%s, file is there: %s", options, isThere)
              .isEqualTo(opened(scratch, options, isThere));
        }
      }
    }
  }

  private static String opened(Path directory, Set<StandardOpenOption> options, boolean isThere)
      throws IOException {
    var file = directory.resolve("file");
    Files.deleteIfExists(file);
    if (isThere) {
      Files.write(file, new byte[7]);
    }
    try (var channel = Files.newByteChannel(file, options)) {
      return "%d of %d, %s then".formatted(channel.position(), channel.size(), Files.exists(file));
    } catch (IOException | RuntimeException e) {
      return e.getClass().getSimpleName() + Files.exists(file);
    }
  }

  @Test
  void pathsAreReckonedWithAsTheJdkDoes() throws IOException {
    var seed = 20261122L;
    var random = new Random(seed);
    try (var vault = Vaults.in(scratch.resolve("vault"))) {
      var systems = List.of(vault.fileSystem(), scratch.getFileSystem());
      for (var i = 0; i < 3000; i++) {
        var first = text(random);
        var second = text(random);
        var told =
            systems.stream()
                .map(system -> reckoned(system.getPath(first), system.getPath(second)))
                .toList();
        assertThat(told.getFirst())
            .as("seed %d: %s and %s", seed, first, second)
            .isEqualTo(told.getLast());
      }
    }
  }

  private static String text(Random random) {
    var pieces = List.of("a", "b", "ab", ".", "..", "/", "/", "/");
    var text = new StringBuilder();
    for (var i = random.nextInt(7); i > 0; i--) {
      text.append(pieces.get(random.nextInt(pieces.size())));
    }
    return text.toString();
  }

  private static List<String> reckoned(Path path, Path other) {
    var told = new ArrayList<String>();
    told.add(path + " " + path.isAbsolute() + path.getNameCount() + path.getRoot());
    told.add(path.getFileName() + " " + path.getParent() + " " + path.normalize());
    told.add(path.resolve(other) + " " + path.resolveSibling(other));
    told.add(path.startsWith(other) + " " + path.endsWith(other) + " " + path.equals(other));
    told.add("" + Integer.signum(path.compareTo(other)));
    path.forEach(name -> told.add("name " + name));
    try {
      told.add("relative " + path.relativize(other));
    } catch (IllegalArgumentException e) {
      told.add("not relative");
    }
    return told;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "**",
        "*.java",
        "a?c",
        "[abc]*",
        "[!a]*",
        "[a-c]b",
        "[!a-c]",
        "{a,b}c",
        "\\*",
        "[-a]",
        "a{",
        "[a",
        "a\\",
        "{a{b}}",
        "[*]",
        "*.{java,class}",
        "/**/b",
        "a,b",
        "[^a]",
        "[a/b]"
      })
  void globsMatchWhatTheyMatchInTheJdk(String glob) throws IOException {
    try (var vault = Vaults.in(scratch.resolve("vault"))) {
      assertThat(matched(vault.fileSystem(), glob))
          .isEqualTo(matched(scratch.getFileSystem(), glob));
    }
  }

  private static List<String> matched(FileSystem system, String glob) {
    try {
      var matcher = system.getPathMatcher("glob:" + glob);
      return List.of(
              "a", "b", "c", "ab", "abc", "bc", "ac", "x.java", "x.class", "/a/b", "a/b", "*", "-",
              "^", "^a", "a,b", ".", "[", "a{")
          .stream()
          .filter(name -> matcher.matches(system.getPath(name)))
          .toList();
    } catch (RuntimeException e) {
      return List.of(e.getClass().getSimpleName());
    }
  }
}
