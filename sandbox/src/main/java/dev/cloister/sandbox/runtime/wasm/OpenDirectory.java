package dev.cloister.sandbox.runtime.wasm;

import java.io.IOException;
import java.util.List;

/** A directory that a guest has open, and how far it has read in it. */
final class OpenDirectory extends Descriptor {
  /** Whether the guest found it open. */
  final boolean given;

  final Listing listing;

  OpenDirectory(List<String> names, long rights, long inheriting, boolean given) {
    super(names, rights, inheriting);
    this.given = given;
    this.listing = new Listing();
  }

  @Override
  public void close() throws IOException {
    listing.close();
  }
}
