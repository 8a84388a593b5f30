package dev.cloister.tor.mediation;

import dev.cloister.core.Denied;
import java.util.Locale;

/** Why a line of a function is refused. */
enum Rule {
  /** A line is 1 to 4,096 printable ASCII characters without quotes and backslashes. */
  LINE,
  /** Only verbs that were granted. */
  VERB,
  /** Only the words that a verb takes here. */
  WORDS,
  /** Only keys that were granted. */
  GETINFO,
  /** Only kinds of events that were granted. */
  EVENT,
  /** Only one's own circuits. */
  CIRCUIT,
  /** Three to eight different relays, each by its fingerprint. */
  PATH,
  /** A circuit is for one's own streams alone. */
  PURPOSE,
  /** Only one's own streams. */
  STREAM,
  /** Only one's own services, and addresses of version 3. */
  ONION,
  /** A service's key is new, or one of version 3. */
  KEY,
  /** A service ends with its function, and hides where it is. */
  FLAG,
  /** A service leads where the operator lets it. */
  TARGET,
  /** A client's key for a service that nobody else here has one for, and for no longer. */
  CREDENTIAL,
  /** So many lines a second. */
  RATE,
  /** So many circuits, services and other things at a time. */
  BOUND;

  String label() {
    return "tor." + name().toLowerCase(Locale.ROOT);
  }

  Denied denied(String act) {
    return new Denied(label(), act);
  }
}
