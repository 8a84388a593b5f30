package dev.cloister.tor.onionproxy;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.testing.FunctionRuntimeContract;
import dev.cloister.sandbox.testing.PythonBehaviours;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What every runtime does, this one does with an onion proxy beside each function. */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
final class OnionProxyContractTest extends FunctionRuntimeContract {
  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  @TempDir private Path directory;
  private final ExecutorService tasks =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  private Image image;
  private OnionProxyRuntime runtime;

  @BeforeEach
  void openTheRuntime(PrivateTorNetwork network) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var catalog = Files.createDirectories(directory.resolve("images"));
    PythonOp.install(Files.createDirectory(catalog.resolve("python-op")));
    try (var images = ImageCatalog.in(catalog)) {
      image = images.find("python-op").orElseThrow();
    }
    runtime =
        OnionProxyRuntime.in(directory.resolve("op"), Thread.ofPlatform().factory(), tasks)
            .network(ProxiedCells.lines(network))
            .open();
  }

  @AfterEach
  void closeTheRuntime() throws IOException {
    runtime.close();
    tasks.close();
  }

  @Override
  protected ExecutorService tasks() {
    return tasks;
  }

  @Override
  protected OnionProxyRuntime runtime() {
    return runtime;
  }

  @Override
  protected Launch launch(String cell, ResourceLimits limits) {
    return new Launch(cell, image, image.systemCalls(), limits, NetworkPolicy.none());
  }

  @Override
  protected byte[] code(Behaviour behaviour) {
    return PythonBehaviours.code(behaviour);
  }
}
