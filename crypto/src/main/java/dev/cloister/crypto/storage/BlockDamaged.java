package dev.cloister.crypto.storage;

/** A block could not be opened, and why; the loss of its records, which the store counts. */
final class BlockDamaged extends Exception {
  private static final long serialVersionUID = 1L;

  private final Loss loss;

  BlockDamaged(Loss loss) {
    super(loss.cause());
    this.loss = loss;
  }

  Loss loss() {
    return loss;
  }
}
