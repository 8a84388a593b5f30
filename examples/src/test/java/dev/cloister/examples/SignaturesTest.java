package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.lang.module.ModuleDescriptor.Exports;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What users compile against are our own types and the JDK's, and in test packages JUnit's. */
final class SignaturesTest {
  private static final Set<String> EXPORTED =
      Library.DESCRIPTORS.stream()
          .flatMap(module -> module.getDescriptor().exports().stream())
          .filter(exports -> !exports.isQualified())
          .map(Exports::source)
          .collect(Collectors.toSet());

  private static Stream<JavaClass> exportedTypes() {
    return Library.CLASSES.stream()
        .filter(type -> EXPORTED.contains(type.getPackageName()))
        .filter(SignaturesTest::isVisible);
  }

  private static boolean isVisible(JavaClass type) {
    return isVisible(type.getModifiers())
        && type.getEnclosingClass().map(SignaturesTest::isVisible).orElse(true);
  }

  private static boolean isVisible(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }

  private static Stream<JavaMember> exportedMembers() {
    return exportedTypes()
        .flatMap(type -> type.getMembers().stream())
        .filter(member -> isVisible(member.getModifiers()))
        .filter(member -> !member.getModifiers().contains(JavaModifier.SYNTHETIC));
  }

  /** Type parameters too. */
  private static Stream<JavaClass> named(JavaMember member) {
    var inSignature = member.getAllInvolvedRawTypes().stream();
    return member instanceof JavaCodeUnit unit
        ? Stream.concat(inSignature, unit.getExceptionTypes().stream())
        : inSignature;
  }

  /** What is no type of ours, the JDK's, or for an extension of tests JUnit's. */
  private static boolean isStrange(JavaClass owner, JavaClass named) {
    var name = named.getBaseComponentType().getPackageName();
    return !named.getBaseComponentType().isPrimitive()
        && !(owner.getPackageName().endsWith(".testing")
            && name.equals("org.junit.jupiter.api.extension"))
        && !name.startsWith("java.")
        && !name.startsWith("javax.crypto")
        && !name.startsWith("javax.net")
        && !EXPORTED.contains(name);
  }

  @Test
  void membersNameOurExportedTypesAndThoseOfTheJdkAlone() {
    var strange =
        exportedMembers()
            .filter(member -> named(member).anyMatch(named -> isStrange(member.getOwner(), named)))
            .map(JavaMember::getFullName);
    assertThat(strange).isEmpty();
    assertThat(exportedMembers()).hasSizeGreaterThan(500);
  }

  @Test
  void typesExtendOurExportedTypesAndThoseOfTheJdkAlone() {
    var strange =
        exportedTypes()
            .filter(type ->
                Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream())
                    .anyMatch(named -> isStrange(type, named)))
            .map(JavaClass::getName);
    assertThat(strange).isEmpty();
  }
}
