/* What a function compiled to WebAssembly may ask of its host: the imports of module "cell".
 *
 * A call answers with 0 or more, or with a negative code. Where it says "answers", the answer lies with the host, its
 * length is what the call returned, and cell_take copies it; the next call, whatever it is, replaces it. After
 * CELL_REFUSED the answer is the name of the grant or limit, after CELL_FAILED why: cell_words is its length.
 * Pointers and lengths outside the function's memory trap. See abi.md beside this file.
 */
#ifndef CELL_H
#define CELL_H

#include <stddef.h>
#include <stdint.h>

#define CELL_IMPORT(name) __attribute__((import_module("cell"), import_name(#name)))

/* There is none: no message in time, no such entry. */
#define CELL_NONE (-1)
/* It was not granted, or goes beyond a limit; the answer names which. */
#define CELL_REFUSED (-2)
/* The host tried in vain; the answer says why. */
#define CELL_FAILED (-3)
/* An argument was beyond its bounds; nothing was done. */
#define CELL_INVALID (-4)

/* For cell_receive: as long as it takes. */
#define CELL_FOREVER UINT32_MAX

/* What a message, an entry or a body has at most. */
#define CELL_BYTES_MAX ((16 << 20) - 9)
#define CELL_NAME_MAX 255
#define CELL_RANDOM_MAX 65536
#define CELL_TOR_MAX 4096
#define CELL_HEADERS_MAX 128

/* Copies up to `length` bytes of the answer; returns how many there were. */
CELL_IMPORT(take) int32_t cell_take(void *to, size_t length);
/* The length of the last answer, also that of a refusal's or a failure's words. */
CELL_IMPORT(words) int32_t cell_words(void);

/* Answers the client's next message; CELL_NONE when none came in time, or none will come any more. */
CELL_IMPORT(receive) int32_t cell_receive(uint32_t milliseconds);
/* 1 when cell_receive would answer at once, or 0. */
CELL_IMPORT(poll) int32_t cell_poll(void);
/* Sends a message to the client; waits while the client's buffer is full. */
CELL_IMPORT(send) int32_t cell_send(const void *message, size_t length);

/* Answers an entry; CELL_NONE when there is none. The uploaded data is the entry "data". */
CELL_IMPORT(get) int32_t cell_get(const char *name, size_t name_length);
/* Writes an entry, whole or not at all. */
CELL_IMPORT(put) int32_t cell_put(const char *name, size_t name_length, const void *value, size_t length);
/* 1 when there was an entry to remove, or 0. */
CELL_IMPORT(delete) int32_t cell_delete(const char *name, size_t name_length);
/* Answers the entries' names, sorted: each a length (two bytes, the high one first) and UTF-8. */
CELL_IMPORT(list) int32_t cell_list(void);

/* Answers random bytes, CELL_RANDOM_MAX at most. */
CELL_IMPORT(random) int32_t cell_random(uint32_t count);
/* Answers the time since 1970: seconds (eight bytes, signed) and nanoseconds (four), the highest byte first. */
CELL_IMPORT(time) int32_t cell_time(void);

/* Fetches a page by the host's policy. `headers`: pairs of name and value, each a length (two bytes, the high one
 * first) and UTF-8. Answers: status (two bytes), count of headers (two), the headers, and the rest is the body. */
CELL_IMPORT(fetch) int32_t cell_fetch(const char *url, size_t url_length, const char *method, size_t method_length,
                                      const void *headers, size_t headers_length, const void *body, size_t body_length);
/* Calls another function by its grant; answers what it said. */
CELL_IMPORT(call) int32_t cell_call(const void *grant, size_t grant_length, const void *message, size_t length);
/* Speaks one line to the relay's Tor; answers its reply. */
CELL_IMPORT(tor) int32_t cell_tor(const char *line, size_t length);

/* Ends this function, if it may end itself: returns only a refusal. */
CELL_IMPORT(exit) int32_t cell_exit(int32_t code);
/* Ends this function with an error that nothing caught, in its own words, 512 bytes at most. */
CELL_IMPORT(fail) _Noreturn void cell_fail(const char *words, size_t length);

#endif
