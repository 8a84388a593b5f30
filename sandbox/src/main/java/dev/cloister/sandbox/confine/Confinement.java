package dev.cloister.sandbox.confine;

import java.util.List;
import java.util.OptionalInt;

/**
 * What was put on a guest on this host, and what this kernel lacks. Each layer's own limits stand
 * in this package's description.
 *
 * @param landlockVersion the ABI whose rules hold, 0 when none was asked for or the kernel has none
 * @param filesConfined whether only the files of the rules can be opened
 * @param tcpRefused whether the kernel refuses TCP bind and connect whatever the filter allows
 * @param signalsScoped whether no signal and no abstract Unix socket reaches out
 * @param callsNamed whether refused calls are told by name, and calls that only the start needs are
 *     refused after the seal
 * @param user the uid of its own, without which it has this process's
 * @param lacks a line for each thing that was asked for and this kernel does not have
 */
public record Confinement(
    int landlockVersion,
    boolean filesConfined,
    boolean tcpRefused,
    boolean signalsScoped,
    boolean callsNamed,
    OptionalInt user,
    List<String> lacks) {

  /** Copies. */
  public Confinement {
    lacks = List.copyOf(lacks);
  }
}
