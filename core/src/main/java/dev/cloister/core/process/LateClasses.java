package dev.cloister.core.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where classes come from that are loaded after the seal. */
final class LateClasses {
  /** A name that no jar has, so that each is opened to look for it. */
  private static final String IN_NO_JAR = "META-INF/dev.cloister.sought-in-every-jar";

  private LateClasses() {}

  /**
   * Opens every jar of the class path and of the module path, as the class loaders do at the first
   * class of each: from then on it is read by its descriptor, whoever may open the file.
   */
  static void openEveryJar() throws IOException {
    ClassLoader.getSystemClassLoader().getResources(IN_NO_JAR).hasMoreElements();
    for (var module : ModuleLayer.boot().modules()) {
      var found = module.getResourceAsStream(IN_NO_JAR);
      if (found != null) {
        found.close();
      }
    }
  }

  /** Every entry of the class path and of the module path. */
  static List<Path> path() {
    return Stream.concat(entries("java.class.path").stream(), entries("jdk.module.path").stream())
        .toList();
  }

  /** The directories of classes, each file of which is opened when it is needed. */
  static List<Path> directories() {
    var directories = new ArrayList<Path>();
    for (var entry : entries("java.class.path")) {
      if (Files.isDirectory(entry)) {
        directories.add(entry);
      }
    }
    for (var entry : entries("jdk.module.path")) {
      if (Files.exists(entry.resolve("module-info.class"))) {
        directories.add(entry);
      }
    }
    return directories;
  }

  private static List<Path> entries(String property) {
    @Nullable String path = System.getProperty(property);
    return path == null
        ? List.of()
        : List.of(path.split(File.pathSeparator, -1)).stream()
            .filter(entry -> !entry.isEmpty())
            .map(Path::of)
            .toList();
  }
}
