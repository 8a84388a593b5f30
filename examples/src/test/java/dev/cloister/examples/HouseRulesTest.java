package dev.cloister.examples;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNTHETIC;
import static com.tngtech.archunit.lang.conditions.ArchConditions.have;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.lang.foreign.Linker;
import java.lang.module.ModuleDescriptor.Requires;
import java.net.HttpURLConnection;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.security.Security;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the library never does: no process model of its own, and each library in its room. */
final class HouseRulesTest {

  /** Each rule must refuse this class, or it would guard nothing. */
  @SuppressWarnings({"unused", "FutureReturnValueIgnored"})
  static final class Offender {
    static @Nullable String shared;
    static final ArrayList<String> GROWING = new ArrayList<>();

    Object[] offend(List<String> list) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> {}));
      Security.addProvider(Security.getProviders()[0]);
      Thread.setDefaultUncaughtExceptionHandler((_, _) -> {});
      return new Object[] {
        Thread.ofVirtual(),
        Executors.newCachedThreadPool(),
        new Timer(),
        CompletableFuture.runAsync(() -> {}),
        Linker.nativeLinker(),
        list.parallelStream()
      };
    }
  }

  /** Each line would tell a local resolver what is asked of Tor, or connect past it. */
  @SuppressWarnings({"unused", "AddressSelection"})
  static final class Indiscreet {
    Object[] offend(String name, InetAddress known) throws IOException {
      return new Object[] {
        InetAddress.getByName(name),
        Inet6Address.getAllByName(name),
        InetAddress.getLocalHost(),
        known.getHostName(),
        known.getCanonicalHostName(),
        new InetSocketAddress(name, 1).getHostName(),
        new Socket(name, 1),
        URI.create(name).toURL().openStream(),
        (Function<HttpURLConnection, Object>) HttpURLConnection::getRequestMethod
      };
    }
  }

  private static final JavaClasses INDISCREET =
      new ClassFileImporter().importClasses(Indiscreet.class);

  private static final JavaClasses OFFENDER = new ClassFileImporter().importClasses(Offender.class);

  private static final Set<String> EXECUTION_TYPES =
      Set.of(
          "java.lang.Thread$Builder",
          "java.lang.ref.Cleaner",
          "java.util.Timer",
          "java.util.concurrent.Executors",
          "java.util.concurrent.ForkJoinPool",
          "java.util.concurrent.ScheduledThreadPoolExecutor",
          "java.util.concurrent.StructuredTaskScope",
          "java.util.concurrent.ThreadPoolExecutor");

  /** Nothing that runs code is made here: callers bring threads, executors, clocks. */
  private static final ArchRule MAKES_NO_THREAD =
      noClasses()
          .should()
          .dependOnClassesThat(
              describe(
                  "make or schedule threads", type -> EXECUTION_TYPES.contains(type.getName())))
          .orShould()
          .beAssignableTo(Thread.class)
          .orShould()
          .accessTargetWhere(describe("runs code elsewhere", HouseRulesTest::runsCodeElsewhere));

  /** The process is its owner's: no hook, listener, provider, property or stream of it is set. */
  private static final ArchRule SETS_NOTHING_OF_THE_PROCESS =
      noClasses()
          .should()
          .accessTargetWhere(describe("changes the process", HouseRulesTest::changesTheProcess));

  /** Names are resolved by exits alone, and bytes go by the streams of {@code tor.socks} alone. */
  private static final ArchRule LOOKS_UP_NOTHING =
      noClasses()
          .should()
          .accessTargetWhere(describe("asks a resolver", HouseRulesTest::asksResolver))
          .orShould()
          .dependOnClassesThat(
              describe(
                  "are clients of their own",
                  type ->
                      type.isAssignableTo(URL.class) || type.isAssignableTo(URLConnection.class)));

  private static boolean asksResolver(JavaAccess<?> access) {
    var target = access.getTarget();
    var owner = target.getOwner();
    if (owner.isAssignableTo(InetAddress.class)) {
      return Set.of(
              "getByName", "getAllByName", "getLocalHost", "getHostName", "getCanonicalHostName")
          .contains(target.getName());
    }
    var byName =
        target instanceof CodeUnitAccessTarget unit
            && unit.getName().equals("<init>")
            && unit.getRawParameterTypes().stream()
                .anyMatch(type -> type.isEquivalentTo(String.class));
    return (owner.isAssignableTo(Socket.class) && byName)
        || (owner.isEquivalentTo(InetSocketAddress.class)
            && (byName || target.getName().equals("getHostName")));
  }

  private static final ArchRule NO_STATIC_STATE =
      fields()
          .that()
          .areStatic()
          .and(describe("are written by people", f -> !f.getModifiers().contains(SYNTHETIC)))
          .should(
              have(
                  describe(
                      "a final, unchanging value",
                      (JavaField field) ->
                          field.getModifiers().contains(FINAL) && !isMutable(field.getRawType()))));

  private static boolean runsCodeElsewhere(JavaAccess<?> access) {
    var target = access.getTarget();
    return switch (target.getOwner().getName()) {
      case "java.lang.Thread" ->
          Set.of("<init>", "ofVirtual", "ofPlatform", "startVirtualThread", "start")
                  .contains(target.getName())
              && !startsACallersThread(access);
      case "java.util.concurrent.CompletableFuture" -> target.getName().endsWith("Async");
      default -> Set.of("parallelStream", "parallel").contains(target.getName());
    };
  }

  /**
   * A caller's thread is started: to be thrown away with the restrictions put on it, or for the
   * life of a guest within this process or of its mount.
   */
  private static boolean startsACallersThread(JavaAccess<?> access) {
    return Set.of(
                "dev.cloister.sandbox.confine.Spawning",
                "dev.cloister.sandbox.host.CellMounts",
                "dev.cloister.sandbox.runtime.wasm.WasmGuest")
            .contains(access.getOriginOwner().getName())
        && access.getTarget().getName().equals("start");
  }

  private static boolean changesTheProcess(JavaAccess<?> access) {
    var target = access.getTarget();
    return switch (target.getOwner().getName()) {
      case "java.lang.Runtime" ->
          Set.of("addShutdownHook", "exit", "halt", "exec").contains(target.getName());
      case "java.lang.System" ->
          Set.of("exit", "setOut", "setErr", "setIn", "setProperty").contains(target.getName());
      case "java.lang.Thread" -> target.getName().equals("setDefaultUncaughtExceptionHandler");
      case "java.security.Security" ->
          Set.of("addProvider", "insertProviderAt", "removeProvider", "setProperty")
              .contains(target.getName());
      default ->
          (target.getOwner().getPackageName().startsWith("java.lang.management")
                  && !readsTheTimeOfAThread(access))
              || target.getOwner().getPackageName().startsWith("javax.management");
    };
  }

  private static boolean readsTheTimeOfAThread(JavaAccess<?> access) {
    return access.getOriginOwner().getSimpleName().equals("GuestThread")
        && Set.of(
                "getThreadMXBean",
                "getThreadCpuTime",
                "isThreadCpuTimeSupported",
                "isThreadCpuTimeEnabled")
            .contains(access.getTarget().getName());
  }

  /** Interfaces pass: {@code List.of} cannot be told from a list that grows. */
  private static boolean isMutable(JavaClass type) {
    return type.getPackageName().startsWith("java.util.concurrent.atomic")
        || type.getPackageName().startsWith("java.util.concurrent.locks")
        || type.isAssignableTo(ThreadLocal.class)
        || type.isAssignableTo(StringBuilder.class)
        || (type.getPackageName().startsWith("java.util")
            && !type.isInterface()
            && (type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class)));
  }

  private static List<String> offences(ArchRule rule) {
    return offences(rule, OFFENDER);
  }

  private static List<String> offences(ArchRule rule, JavaClasses offender) {
    return rule.evaluate(offender).getFailureReport().getDetails();
  }

  @Test
  void noThreadExecutorOrTimerIsMade() {
    MAKES_NO_THREAD.check(Library.CLASSES);
    assertThat(offences(MAKES_NO_THREAD))
        .anyMatch(line -> line.contains("java.lang.Thread.<init>"))
        .anyMatch(line -> line.contains("ofVirtual"))
        .anyMatch(line -> line.contains("Executors"))
        .anyMatch(line -> line.contains("java.util.Timer"))
        .anyMatch(line -> line.contains("runAsync"))
        .anyMatch(line -> line.contains("parallelStream"));
  }

  @Test
  void noHookHandlerOrProviderIsRegistered() {
    SETS_NOTHING_OF_THE_PROCESS.check(Library.CLASSES);
    assertThat(offences(SETS_NOTHING_OF_THE_PROCESS))
        .anyMatch(line -> line.contains("addShutdownHook"))
        .anyMatch(line -> line.contains("addProvider"))
        .anyMatch(line -> line.contains("setDefaultUncaughtExceptionHandler"));
  }

  @Test
  void theTorModuleResolvesNoNameAndConnectsByItsOwnStreamsAlone() {
    LOOKS_UP_NOTHING.check(
        Library.CLASSES.that(
            describe("are the tor module's", type -> Library.module(type).equals("tor"))));
    assertThat(offences(LOOKS_UP_NOTHING, INDISCREET))
        .anyMatch(line -> line.contains("InetAddress.getByName("))
        .anyMatch(line -> line.contains("Address.getAllByName("))
        .anyMatch(line -> line.contains("InetAddress.getLocalHost("))
        .anyMatch(line -> line.contains("InetAddress.getHostName("))
        .anyMatch(line -> line.contains("InetAddress.getCanonicalHostName("))
        .anyMatch(line -> line.contains("InetSocketAddress.<init>("))
        .anyMatch(line -> line.contains("InetSocketAddress.getHostName("))
        .anyMatch(line -> line.contains("Socket.<init>("))
        .anyMatch(line -> line.contains("java.net.URL.openStream("))
        .anyMatch(line -> line.contains("HttpURLConnection"));
  }

  /**
   * The one has a pool of threads, and passes over a SOCKS proxy: it would connect past Tor; the
   * other asks name servers.
   */
  @Test
  void javaNetHttpAndNamingAreRequiredByNoModule() {
    assertThat(Library.DESCRIPTORS)
        .flatMap(module -> module.getDescriptor().requires())
        .extracting(Requires::name)
        .contains("dev.cloister.core")
        .doesNotContain("java.net.http", "java.naming");
  }

  @Test
  void noStaticFieldChanges() {
    NO_STATIC_STATE.check(Library.CLASSES);
    assertThat(offences(NO_STATIC_STATE))
        .anyMatch(line -> line.contains("shared"))
        .anyMatch(line -> line.contains("GROWING"));
  }

  @Test
  void nativeCallsComeFromTwoPackagePrivateClasses() {
    assertThat(nativeCallers(Library.CLASSES))
        .allMatch(type -> !type.getModifiers().contains(JavaModifier.PUBLIC))
        .extracting(JavaClass::getName)
        .containsExactlyInAnyOrder(
            "dev.cloister.core.internal.os.FfmLibc", "dev.cloister.core.internal.os.Libpcap");
    assertThat(nativeCallers(OFFENDER)).isNotEmpty();
  }

  private static Set<JavaClass> nativeCallers(JavaClasses classes) {
    return classes.stream()
        .filter(type ->
            type.getDirectDependenciesFromSelf().stream()
                .map(dependency -> dependency.getTargetClass().getName())
                .anyMatch(name ->
                    name.startsWith("java.lang.foreign.Linker")
                        || name.startsWith("java.lang.foreign.SymbolLookup")))
        .map(Library::outermost)
        .collect(Collectors.toSet());
  }

  /**
   * The packages in which a library may be used; JSpecify is everywhere, and only annotates. What
   * writes a line's values in {@code tracing.anonymize} is the generator that {@code
   * tracing.internal} hands out.
   */
  private static final Map<String, Set<String>> ROOMS_OF_LIBRARIES =
      Map.of(
          "tools.jackson.core",
          Set.of(
              "core.policy",
              "core.ledger",
              "tracing.internal",
              "tracing.anonymize",
              "tracing.sink"),
          "tools.jackson.databind",
          Set.of("core.policy", "core.ledger"),
          "tools.jackson.dataformat.yaml",
          Set.of("core.policy"),
          "jdk.jfr",
          Set.of("core.ledger"),
          "com.github.benmanes.caffeine",
          Set.of("core.token"),
          "org.apache.hc.core5",
          Set.of("sandbox.host"),
          "com.dylibso.chicory",
          Set.of("sandbox.runtime.wasm"),
          "com.google.common",
          Set.of("core.policy", "tor", "tor.control", "tor.mediation", "tor.socks", "tor.testing"),
          "org.junit",
          Set.of(
              "core.testing",
              "crypto.testing",
              "sandbox.testing",
              "tor.testing",
              "tracing.testing"));

  @Test
  void librariesStayInTheirRooms() {
    var strangers =
        Library.CLASSES.stream()
            .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
            .filter(dependency ->
                !mayUse(
                    Library.room(dependency.getOriginClass()),
                    dependency.getTargetClass().getBaseComponentType()))
            .map(Dependency::getDescription);
    assertThat(strangers).isEmpty();
  }

  private static boolean mayUse(String room, JavaClass other) {
    var name = other.getPackageName();
    if (other.isPrimitive()
        || Library.isOurs(other)
        || name.startsWith("java.")
        || name.startsWith("javax.crypto")
        || name.startsWith("javax.net")
        || name.equals("org.jspecify.annotations")) {
      return true;
    }
    return ROOMS_OF_LIBRARIES.entrySet().stream()
        .anyMatch(
            library -> name.startsWith(library.getKey()) && library.getValue().contains(room));
  }
}
