package dev.cloister.tracing.flow;

/**
 * The two ends of a connection, the lower first. A host is 128 bits; an IPv4 address is the lowest
 * 32.
 *
 * @param lowHostLeft the upper half of the lower host
 * @param lowHostRight the lower half of the lower host
 * @param highHostLeft the upper half of the higher host
 * @param highHostRight the lower half of the higher host
 * @param ports IP version, lower end's port, higher end's port
 */
record FlowKey(
    long lowHostLeft, long lowHostRight, long highHostLeft, long highHostRight, long ports) {

  boolean isIpv4() {
    return ports >>> Integer.SIZE == 4;
  }

  int lowPort() {
    return (int) (ports >>> Short.SIZE) & 0xffff;
  }

  int highPort() {
    return (int) ports & 0xffff;
  }
}
