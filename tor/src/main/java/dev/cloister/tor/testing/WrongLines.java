package dev.cloister.tor.testing;

/** Lines that tor refuses, and the first line of what it says, as tor 0.4.9.11 was heard to. */
final class WrongLines {
  static final String ROWS =
      """
      FOO bar => 510 Unrecognized command "FOO"
      foo => 510 Unrecognized command "foo"
      getinfo VERSION => 552 Unrecognized key "VERSION"
      GETINFO version nosuch => 552 Unrecognized key "nosuch"
      GETINFO nosuch a => 552-Unrecognized key "nosuch"
      EXTENDCIRCUIT => 512 Bad arguments to EXTENDCIRCUIT: Need at least 1 argument(s)
      EXTENDCIRCUIT x => 552 Unknown circuit "x"
      EXTENDCIRCUIT 0 nosuchname => 552 No such router "nosuchname"
      EXTENDCIRCUIT 0 purpose=foo => 552 Unknown purpose "foo"
      CLOSECIRCUIT => 512 Bad arguments to CLOSECIRCUIT: Need at least 1 argument(s)
      CLOSECIRCUIT x => 552 Unknown circuit "x"
      CLOSESTREAM 999999 => 512 Bad arguments to CLOSESTREAM: Need at least 2 argument(s)
      CLOSESTREAM 999999 1 => 552 Unknown stream "999999"
      ATTACHSTREAM 999999 => 512 Bad arguments to ATTACHSTREAM: Need at least 2 argument(s)
      ATTACHSTREAM x 0 => 552 Unknown stream "x"
      GETINFO => 250 OK
      GETCONF => 250 OK
      GETCONF nosuch => 552 Unrecognized configuration key "nosuch"
      GETCONF ContactInfo=1 => 552 Unrecognized configuration key "ContactInfo=1"
      SETCONF => 250 OK
      SETCONF nosuch=1 => 552 Unrecognized option: Unknown option 'nosuch'.  Failing.
      SETCONF MaxCircuitDirtiness=x => 513 Unacceptable option value: Could not parse MaxCircuitDirtiness: Provided value is malformed or out of bounds: Unable to parse x as a number
      SETCONF __LeaveStreamsUnattached=2 => 513 Unacceptable option value: Could not parse __LeaveStreamsUnattached: Unrecognized value 2. Allowed values are 0 and 1.
      SETCONF ContactInfo="a b => 512 Bad arguments to SETCONF: Cannot parse keyword argument(s)
      SETCONF =1 => 512 Bad arguments to SETCONF: Cannot parse keyword argument(s)
      SETCONF ExitPolicy="accept foo" => 513 Unacceptable option value: Error in ExitPolicy entry.
      SETEVENTS nosuch => 552 Unrecognized event "nosuch"
      SETEVENTS EXTENDED CIRC => 250 OK
      SIGNAL => 512 Bad arguments to SIGNAL: Need at least 1 argument(s)
      SIGNAL foo => 552 Unrecognized signal code "foo"
      SIGNAL NEWNYM x => 512 Bad arguments to SIGNAL: Cannot accept more than 1 argument(s)
      ADD_ONION => 512 Bad arguments to ADD_ONION: Need at least 1 argument(s)
      ADD_ONION NEW:BEST => 512 Missing 'Port' argument
      ADD_ONION NEW:FOO Port=80 => 513 Invalid key type
      ADD_ONION NEW Port=80 => 512 Invalid key type/blob
      ADD_ONION NEW:BEST Port=x => 512 Invalid VIRTPORT/TARGET
      ADD_ONION NEW:BEST Port=80,foo => 512 Invalid VIRTPORT/TARGET
      ADD_ONION NEW:BEST Flags=Foo Port=80 => 512 Invalid 'Flags' argument: "Foo"
      ADD_ONION NEW:BEST Flags= Port=80 => 512 Invalid 'Flags' argument
      ADD_ONION NEW:BEST MaxStreams=99999 Port=80 => 512 Invalid MaxStreams
      ADD_ONION NEW:BEST Foo=1 Port=80 => 512 Bad arguments to ADD_ONION: Unrecognized keyword argument "Foo"
      ADD_ONION ED25519-V3:AAAA Port=80 => 512 Failed to decode ED25519-V3 key
      ADD_ONION NEW:BEST Flags=V3Auth Port=80 => 512 No auth clients specified
      ADD_ONION NEW:BEST ClientAuthV3=zz Flags=V3Auth Port=80 => 512 Cannot decode v3 client auth key
      ADD_ONION NEW:BEST Flags=NonAnonymous Port=80 => 512 Tor is in anonymous hidden service mode
      DEL_ONION => 512 Bad arguments to DEL_ONION: Need at least 1 argument(s)
      DEL_ONION foo => 512 Malformed Onion Service id
      HSFETCH => 512 Bad arguments to HSFETCH: Need at least 1 argument(s)
      HSFETCH foo => 513 Invalid argument "foo"
      HSFETCH v2-foo => 513 Invalid argument "v2-foo"
      HSFETCH duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad SERVER=foo => 552 Server "foo" not found
      HSFETCH duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad FOO=1 => 512 Bad arguments to HSFETCH: Unrecognized keyword argument "FOO"
      ONION_CLIENT_AUTH_ADD => 512 Incomplete ONION_CLIENT_AUTH_ADD command
      ONION_CLIENT_AUTH_ADD foo x25519:AAAA => 512 Invalid v3 address "foo"
      ONION_CLIENT_AUTH_ADD duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad foo:AAAA => 552 Unrecognized key type "foo"
      ONION_CLIENT_AUTH_ADD duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad x25519:AAAA => 512 Failed to decode x25519 private key
      ONION_CLIENT_AUTH_ADD duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad x25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA => 553 Invalid private key "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      ONION_CLIENT_AUTH_VIEW foo => 512 Invalid v3 address "foo"
      ONION_CLIENT_AUTH_REMOVE => 512 Incomplete ONION_CLIENT_AUTH_REMOVE command
      ONION_CLIENT_AUTH_REMOVE foo => 512 Invalid v3 address "foo"
      ONION_CLIENT_AUTH_REMOVE duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad => 251 No credentials for "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad\"\
      """;

  private WrongLines() {}
}
