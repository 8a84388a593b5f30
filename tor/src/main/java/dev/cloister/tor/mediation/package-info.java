/**
 * What a stranger's function may do with the relay's tor: a gate in front of the control port. A
 * function's line is read whole, judged by what the operator granted, and a command is made anew of
 * what was read; no byte of the line itself goes to tor. Answers and events are filtered likewise,
 * and the identifiers in them are the function's own.
 *
 * <p>Each refusal names its rule: {@code tor.line}, {@code tor.verb}, {@code tor.words}, {@code
 * tor.getinfo}, {@code tor.event}, {@code tor.circuit}, {@code tor.path}, {@code tor.purpose},
 * {@code tor.stream}, {@code tor.onion}, {@code tor.key}, {@code tor.flag}, {@code tor.target},
 * {@code tor.credential}, {@code tor.rate}, {@code tor.bound}.
 *
 * <p>Depends on the module's words, control, core's gates and policies.
 */
package dev.cloister.tor.mediation;
