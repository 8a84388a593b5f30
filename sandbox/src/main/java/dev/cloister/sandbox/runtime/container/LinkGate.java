package dev.cloister.sandbox.runtime.container;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * What stands at the host's end of a function's link: all that the function reaches. Closing it,
 * after the function's end or a start that failed, is its owner's.
 */
@FunctionalInterface
public interface LinkGate {

  /**
   * Opens it, before the function starts. Rules of the firewall stand already: nobody else reaches
   * the address.
   *
   * @param at where to listen, by TCP
   * @return what the function's environment is to have besides, by name
   * @throws IOException to start nothing
   */
  Map<String, String> open(InetSocketAddress at) throws IOException;
}
