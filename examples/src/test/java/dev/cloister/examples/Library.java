package dev.cloister.examples;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;

/** The classes that users get: all modules but examples and benchmarks, without tests. */
final class Library {
  /** The five rooms. */
  static final List<String> MODULES = List.of("core", "crypto", "sandbox", "tracing", "tor");

  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(MODULES.stream().map(module -> "dev.cloister." + module).toList());

  /** A class of every module, so that the modules themselves can be asked. */
  static final List<Module> DESCRIPTORS =
      Arrays.stream(
              new Class<?>[] {
                dev.cloister.core.Mode.class,
                dev.cloister.crypto.storage.SpillStore.class,
                dev.cloister.sandbox.image.ImageDigest.class,
                dev.cloister.tracing.tracer.Tracer.class,
                dev.cloister.tor.OnionAddress.class
              })
          .map(Class::getModule)
          .toList();

  private Library() {}

  /** Returns the room of a class, such as {@code core}. */
  static String module(JavaClass type) {
    return type.getPackageName().split("\\.", -1)[2];
  }

  /** Returns a package without what all have in common, such as {@code core.gate}. */
  static String room(JavaClass type) {
    return type.getPackageName().substring("dev.cloister.".length());
  }

  static boolean isOurs(JavaClass type) {
    return type.getPackageName().startsWith("dev.cloister.");
  }

  static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(Library::outermost).orElse(type);
  }
}
