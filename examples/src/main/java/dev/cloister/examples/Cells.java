package dev.cloister.examples;

import dev.cloister.core.Denied;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.sandbox.guest.GuestChannel;
import dev.cloister.sandbox.host.Attachment;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.Shown;
import dev.cloister.sandbox.host.StartedCell;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.Ending;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs one function in a cell of its own, in one process and without any wire. */
@Command(
    name = "Cells",
    description = {
      "Runs a function in a cell, and writes what it sends to standard output, message by message.",
      "The last line on standard error is JSON: why it ended, and what it used. Exit 1 when the",
      "function was not admitted, failed, was ended by a limit, or exited with another code than 0."
    },
    sortOptions = false)
final class Cells implements Callable<Integer> {
  private static final Duration TICK_AT_MOST = Duration.ofMillis(10);

  /** A message is one frame, with a little around it. */
  private static final int INPUT_BYTES_MAX = GuestChannel.FRAME_BYTES - 1024;

  @Option(
      names = "--runtime",
      required = true,
      paramLabel = "NAME",
      description = "what runs it: process, container or wasm (required)")
  private @Nullable String runtime;

  @Option(
      names = "--image",
      required = true,
      paramLabel = "NAME",
      description = "what it runs in: an image's name, or its digest (required)")
  private @Nullable String image;

  @Option(
      names = "--code",
      required = true,
      paramLabel = "FILE",
      description = "the function (required)")
  private @Nullable Path code;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "what it finds in its store as data (default: nothing)")
  private @Nullable Path data;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description =
          "the images there are (default: python, javascript and webassembly, as shipped)")
  private @Nullable Path images;

  @Option(
      names = "--manifest",
      paramLabel = "FILE",
      description = "what the function needs (default: all that the policy gives)")
  private @Nullable Path manifest;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description =
          "what a function may get (default: the image, the calls that stay in the cell, no"
              + " network)")
  private @Nullable Path policy;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "the one message that it receives (default: none)")
  private @Nullable Path input;

  @Option(
      names = "--limit",
      paramLabel = "NAME=VALUE",
      description =
          "a limit, such as memoryBytes=67108864; may be repeated, not with --manifest (default:"
              + " the policy's)")
  private List<String> limits = new ArrayList<>();

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  Cells() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new Cells(), args));
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    var function = content("--code", Objects.requireNonNull(code), GuestChannel.FRAME_BYTES / 2);
    var uploaded = data == null ? new byte[0] : content("--data", data, Integer.MAX_VALUE - 8);
    var message = input == null ? null : content("--input", input, INPUT_BYTES_MAX);
    var papers = new CellPapers(Objects.requireNonNull(image), limits);
    var given =
        policy == null ? papers.policy() : NodePolicy.load(Options.readable("--policy", policy));
    var asked =
        manifest == null
            ? papers.manifest(given, function)
            : papers.refusingLimits(Manifest.load(Options.readable("--manifest", manifest)));
    try (var scratch = Scratch.create();
        var catalog = images == null ? scratch.shippedImages() : catalog(images);
        var chosen = CellRuntimes.named(Objects.requireNonNull(runtime));
        var tasks = Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory())) {
      return run(host(given, catalog, chosen, scratch, tasks), asked, function, uploaded, message);
    }
  }

  private static byte[] content(String option, Path file, int bytesMax)
      throws BadRequest, IOException {
    var size = Files.size(Options.readable(option, file));
    if (size > bytesMax) {
      throw new BadRequest(
          "%s %s: %d bytes, allowed are %d".formatted(option, file, size, bytesMax));
    }
    return Files.readAllBytes(file);
  }

  private static ImageCatalog catalog(Path directory) throws BadRequest, IOException {
    if (!Files.isDirectory(directory)) {
      throw new BadRequest("--images " + directory + ": there is no such directory");
    }
    return ImageCatalog.in(directory);
  }

  private static CellHost host(
      NodePolicy given,
      ImageCatalog catalog,
      CellRuntimes chosen,
      Scratch scratch,
      ExecutorService tasks)
      throws IOException {
    return CellHost.under(given)
        .images(catalog)
        .runtimes(chosen.runtime())
        .directory(scratch.directory().resolve("cells"))
        .executor(tasks)
        .guarantees(whatIsHad())
        .open();
  }

  /** A try-out on the user's own machine takes what that machine guarantees. */
  private static Guarantees whatIsHad() {
    return Guarantees.cell().acceptAll("a function of the user's own");
  }

  private static int run(
      CellHost opened, Manifest asked, byte[] function, byte[] uploaded, byte @Nullable [] message)
      throws IOException {
    try (opened) {
      var cell = opened.start(asked);
      var attachment = opened.attach(invocation(cell), -1);
      opened.load(invocation(cell), function, uploaded);
      if (message != null) {
        opened.send(invocation(cell), message);
      }
      opened.endInput(invocation(cell));
      var ending = carry(opened, attachment, System.out);
      System.err.println(CellReport.of(ending, attachment.usage()));
      return ending.equals(Ending.exited(0)) ? Example.OK : Example.DAMAGED;
    } catch (Denied e) {
      String.valueOf(e.getMessage()).lines().forEach(System.err::println);
      System.err.println(CellReport.refused());
      return Example.DAMAGED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static Shown invocation(StartedCell cell) {
    return Shown.now(cell.grant().invocation());
  }

  /** Ticks the host and writes what comes, until the function has ended and all was written. */
  private static Ending carry(CellHost host, Attachment attachment, PrintStream out)
      throws IOException, InterruptedException {
    while (true) {
      var next = Math.clamp(host.tick(), 1, TICK_AT_MOST.toNanos());
      var message = attachment.receive(Duration.ofNanos(next));
      if (message.isPresent()) {
        out.write(message.get().bytes());
        out.flush();
        attachment.acknowledge(message.get().number());
      } else if (attachment.isAtEnd() && attachment.ending().isPresent()) {
        return attachment.ending().get();
      }
    }
  }
}
