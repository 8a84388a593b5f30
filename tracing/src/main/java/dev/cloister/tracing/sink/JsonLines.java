package dev.cloister.tracing.sink;

import dev.cloister.core.Description;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.gate.EgressPass;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.gate.Released;
import dev.cloister.core.ledger.SignedHeartbeat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Declares a directory as the way out of a context: released lines go into {@value #TRACE},
 * heartbeats into {@value #HEARTBEATS}. An output that is there already is not touched: the seal
 * fails.
 *
 * @param directory where the files are made; made itself when it is not there
 */
public record JsonLines(Path directory) implements Declaration<Egress> {
  /** The file of the released lines. */
  public static final String TRACE = "trace.jsonl";

  /** The file of the heartbeats. */
  public static final String HEARTBEATS = "heartbeats.jsonl";

  /**
   * Declares a directory.
   *
   * @param directory where the files are made
   * @return the declaration; nothing is made yet
   */
  public static JsonLines to(Path directory) {
    return new JsonLines(directory);
  }

  @Override
  public String name() {
    return "json-lines";
  }

  /** The directory's name is left out: the measurement says what a context does, not where. */
  @Override
  public void describe(Description into) {
    into.put("files", TRACE + ", " + HEARTBEATS);
  }

  @Override
  public Egress open(Opening opening) throws IOException {
    Files.createDirectories(directory);
    var trace = create(directory.resolve(TRACE));
    try {
      return new Open(opening.pass(), directory, trace, create(directory.resolve(HEARTBEATS)));
    } catch (IOException e) {
      trace.close();
      Files.delete(directory.resolve(TRACE));
      throw e;
    }
  }

  private static OutputStream create(Path file) throws IOException {
    try {
      return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      var clear =
          new FileAlreadyExistsException(
              file.toString(), null, "it holds an earlier output: choose another directory");
      clear.initCause(e);
      throw clear;
    }
  }

  /**
   * The open files; every line is in them when a call returns. Where not even the first heartbeat
   * came, the seal failed, and no output is left of it.
   */
  private static final class Open implements Egress {
    private final EgressPass pass;
    private final Path directory;
    private final OutputStream trace;
    private final OutputStream heartbeats;
    private boolean hasBeaten;

    Open(EgressPass pass, Path directory, OutputStream trace, OutputStream heartbeats) {
      this.pass = pass;
      this.directory = directory;
      this.trace = trace;
      this.heartbeats = heartbeats;
    }

    @Override
    public void push(Released released) throws IOException {
      released.writeTo(pass, trace);
    }

    @Override
    public void beat(SignedHeartbeat heartbeat) throws IOException {
      hasBeaten = true;
      heartbeats.write((heartbeat.line() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
      try (trace) {
        heartbeats.close();
      } finally {
        if (!hasBeaten) {
          Files.deleteIfExists(directory.resolve(TRACE));
          Files.deleteIfExists(directory.resolve(HEARTBEATS));
        }
      }
    }
  }
}
