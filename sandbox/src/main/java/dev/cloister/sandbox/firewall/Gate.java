package dev.cloister.sandbox.firewall;

import java.net.Inet4Address;

/**
 * The one TCP port that a function reaches, at the host's end of its link.
 *
 * @param host the host's address there
 * @param port from 1
 */
record Gate(Inet4Address host, int port) {}
