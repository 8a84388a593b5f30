package dev.cloister.sandbox.host;

import dev.cloister.core.Description;
import dev.cloister.core.policy.ApiCall;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.Resource;
import dev.cloister.sandbox.runtime.Launch;

/**
 * All that decides what a function can do, as it is measured.
 *
 * @param manifest what it asked for, and got
 * @param runtime the name of what runs it
 * @param launch what is started for it
 */
record CellFacts(Manifest manifest, String runtime, Launch launch) {

  /** Writes the facts, each on a line, in an order that depends on nothing else. */
  void describe(Description into) {
    into.put("manifest", manifest.digest())
        .put("runtime", runtime)
        .put("image", launch.image().digest().hex())
        .put("api", manifest.api().stream().sorted().map(ApiCall::label).toList())
        .put("network", launch.network())
        .put("system-calls", launch.systemCalls().stream().sorted().toList());
    for (var resource : Resource.values()) {
      into.put("limit-" + resource.label(), resource.text(launch.limits().of(resource)));
    }
  }
}
