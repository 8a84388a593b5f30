package dev.cloister.sandbox.vaultfs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The file of a vault as whoever may write to the host's disk has it. */
final class HostDisk implements AutoCloseable {
  static final int PAGE = 4096;

  private final Path file;
  private final FileChannel channel;

  private HostDisk(Path file) throws IOException {
    this.file = file;
    this.channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  static HostDisk of(Path directory) throws IOException {
    return new HostDisk(directory.resolve("blocks.vault"));
  }

  byte[] all() throws IOException {
    return Files.readAllBytes(file);
  }

  byte[] read(long position, int length) throws IOException {
    var bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        break;
      }
    }
    return bytes.array();
  }

  void write(long position, byte[] bytes) throws IOException {
    var buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer, position + buffer.position());
    }
  }

  void truncate(long size) throws IOException {
    channel.truncate(size);
  }

  long size() throws IOException {
    return channel.size();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
