package dev.cloister.sandbox.runtime.wasm;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.attribute.BasicFileAttributes;

/** A file that a guest has open, with a position of its own. */
final class OpenFile extends Descriptor {
  final FileChannel channel;

  /** What it was when it was opened, and the number of that very file. */
  final BasicFileAttributes opened;

  final long number;
  long position;

  OpenFile(FileChannel channel, GuestTree.Place place, BasicFileAttributes opened, long rights) {
    super(place.names(), rights, 0);
    this.channel = channel;
    this.opened = opened;
    this.number = FileStat.number(place.path(), opened);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
