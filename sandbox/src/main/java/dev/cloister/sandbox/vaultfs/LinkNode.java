package dev.cloister.sandbox.vaultfs;

import java.time.Instant;

/** A symbolic link: a name of another path, which need not lead anywhere. */
final class LinkNode extends Node {
  static final int SYMBOLIC_LINK = 0120000;
  private static final int ALL = 0777;

  final VaultPath target;
  final int targetBytes;

  LinkNode(long number, VaultPath target, int targetBytes, Instant now) {
    super(number, SYMBOLIC_LINK, ALL, now);
    this.target = target;
    this.targetBytes = targetBytes;
  }

  @Override
  long size() {
    return targetBytes;
  }

  @Override
  int links() {
    return names;
  }
}
