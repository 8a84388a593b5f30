package dev.cloister.sandbox.vaultfs;

import java.nio.file.attribute.GroupPrincipal;

/** The owner of all that is in a vault, and the group: a cell has one user. */
enum VaultPrincipal implements GroupPrincipal {
  /** The only one. */
  CELL;

  @Override
  public String getName() {
    return "cell";
  }
}
