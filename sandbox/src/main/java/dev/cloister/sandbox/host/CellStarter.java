package dev.cloister.sandbox.host;

import dev.cloister.core.ContextId;
import dev.cloister.core.Denied;
import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.policy.ApiCall;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * How a cell comes to be: admitted by the policy, given an image and a runtime, promised its
 * limits, sealed, and started; whatever fails undoes what went before. Safe for use by many
 * threads.
 */
final class CellStarter implements AutoCloseable {
  /** What the host holds every function to, whatever runs it. */
  private static final Set<Resource> METERED =
      Set.of(Resource.WALL_SECONDS, Resource.DISK_BYTES, Resource.BYTES_IN, Resource.BYTES_OUT);

  private final CellHostPlan plan;
  private final FunctionCalls calls;
  private final CellStores stores;
  private final Optional<CellMounts> mounts;
  private final Consumer<HostCounter> counted;
  private final Promises promises;

  /** With what each is on this host, in the order in which they are tried. */
  private final Map<FunctionRuntime, RuntimeLabel> runtimes = new LinkedHashMap<>();

  CellStarter(CellHostPlan plan, Path directory, FunctionCalls calls, Consumer<HostCounter> counted)
      throws IOException {
    this.plan = plan;
    this.calls = calls;
    this.stores = CellStores.in(directory);
    this.mounts = mounts(plan);
    this.counted = counted;
    this.promises = new Promises(plan.policy.total());
    for (var runtime : plan.runtimes) {
      runtimes.putIfAbsent(runtime, runtime.label().enforcing(METERED));
    }
  }

  private Optional<CellMounts> mounts(CellHostPlan plan) throws IOException {
    if (plan.mounts.isEmpty()) {
      return Optional.empty();
    }
    try {
      var asked = plan.mounts.get();
      return Optional.of(CellMounts.in(asked.directory(), asked.threads()));
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, stores::close);
      throw e;
    }
  }

  List<RuntimeLabel> labels() {
    return List.copyOf(runtimes.values());
  }

  ResourceLimits promised() {
    return promises.promised();
  }

  Cell start(Manifest manifest) throws IOException {
    admit(manifest);
    var image = image(manifest);
    var runtime = runtime(image);
    var limits = plan.policy.limitsFor(manifest);
    promise(limits);
    try {
      var cell = start(manifest, image, runtime, limits);
      counted.accept(HostCounter.STARTED);
      return cell;
    } catch (IOException | RuntimeException | Error e) {
      promises.release(limits);
      counted.accept(HostCounter.NOT_STARTED);
      throw e;
    }
  }

  private void admit(Manifest manifest) {
    var admission = plan.policy.admit(manifest, plan.time);
    if (!admission.admitted()) {
      counted.accept(HostCounter.NOT_ADMITTED);
      throw new Denied("policy", admission.toString());
    }
  }

  private Image image(Manifest manifest) throws IOException {
    try {
      var image =
          plan.images
              .find(manifest.image())
              .orElseThrow(() ->
                  new Denied("images", "the catalog has no image \"" + manifest.image() + "\""));
      ImageCatalog.verify(image);
      return image;
    } catch (Denied e) {
      counted.accept(HostCounter.NO_IMAGE);
      throw e;
    }
  }

  private FunctionRuntime runtime(Image image) {
    for (var runtime : runtimes.keySet()) {
      if (runtime.runs(image.kind())) {
        return runtime;
      }
    }
    counted.accept(HostCounter.NO_IMAGE);
    throw new Denied(
        "images." + image.name(),
        "no runtime of this host runs images of kind " + image.kind().label());
  }

  private void promise(ResourceLimits limits) {
    try {
      promises.make(limits);
    } catch (Denied e) {
      counted.accept(HostCounter.NO_ROOM);
      throw e;
    }
  }

  private Cell start(Manifest manifest, Image image, FunctionRuntime runtime, ResourceLimits limits)
      throws IOException {
    var launch = new Launch(name(), image, allowed(image), limits, manifest.network());
    var context = seal(new CellFacts(manifest, nameOf(runtime), launch));
    try {
      var guest = runtime.start(writing(launch, manifest, context.part(CellStore.class)));
      return cell(manifest, context, guest, limits);
    } catch (IOException | RuntimeException | Error e) {
      Failures.undo(e, context::close);
      throw e;
    }
  }

  /** Who may store has files too, where its runtime can show them. */
  private Launch writing(Launch launch, Manifest manifest, CellStore store) throws IOException {
    if (!manifest.api().contains(ApiCall.STORE)) {
      return launch;
    }
    return switch (launch.image().kind()) {
      case WEBASSEMBLY -> launch.writing(store.files());
      case PYTHON, PYTHON_OP, CONFIDENTIAL ->
          mounts.isPresent() ? launch.writing(store.mountedFiles(mounts.get())) : launch;
      case JAVA, JAVASCRIPT -> launch;
    };
  }

  private String nameOf(FunctionRuntime runtime) {
    return Objects.requireNonNull(runtimes.get(runtime)).name();
  }

  /** Names a cell for its runtime alone; nobody outside learns this name. */
  private static String name() {
    return ContextId.random(new SecureRandom()).hex();
  }

  private Cell cell(
      Manifest manifest, SealedContext context, GuestProcess guest, ResourceLimits limits) {
    var gate = context.part(CellGate.class);
    var store = context.part(CellStore.class);
    var meter = new Meter(limits);
    var tor = tor(manifest).map(_ -> context.part(TorGate.class));
    var api =
        new GrantedApi(
            manifest, meter, context, calls, tor, () -> counted.accept(HostCounter.REFUSED));
    var cell =
        new Cell(
            new Cell.Parts(manifest, limits, context, gate, store, meter, api, guest),
            plan.policy.lifetime(),
            ending -> ended(ending, limits));
    meter.whenReached(cell::end);
    return cell;
  }

  private void ended(Ending ending, ResourceLimits limits) {
    promises.release(limits);
    counted.accept(HostCounter.ENDED);
    if (ending.cause() == Ending.Cause.LIMIT) {
      counted.accept(HostCounter.LIMITED);
    }
  }

  /** Everything that decides what the function can do is declared, and so measured. */
  private SealedContext seal(CellFacts facts) throws IOException {
    var context =
        ContextPlan.named("cell", plan.guarantees)
            .time(plan.time)
            .host(plan.machine)
            .exchange(new CellGate.Declared(facts, plan.inboxBytes, plan.outboxBytes))
            .store(stores.declare(facts.launch().limits().of(Resource.DISK_BYTES)));
    tor(facts.manifest()).ifPresent(context::exchange);
    return context.seal();
  }

  /** The way to Tor, for a function that may speak to it. */
  private Optional<TorGate.Declared> tor(Manifest manifest) {
    return plan.tor
        .filter(_ -> manifest.api().contains(ApiCall.TOR))
        .map(relay -> new TorGate.Declared(relay, plan.callDeadline));
  }

  /** The policy narrows what an image may call; it never widens it. */
  private Set<String> allowed(Image image) {
    return image.systemCalls().stream()
        .filter(plan.policy.systemCalls()::leaves)
        .collect(Collectors.toSet());
  }

  /** Gives back the directories of the stores and mounts. */
  @Override
  public void close() throws IOException {
    var failures = new Failures();
    mounts.ifPresent(open -> failures.run(open::close));
    failures.run(stores::close);
    failures.throwFirst();
  }
}
