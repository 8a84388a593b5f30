/* Sends back each message with its number, and keeps the last one and how many there were in its store. */
#include "function.h"

int main(void) {
  Bytes kept = answered(cell_get("count", 5));
  long count = kept.bytes ? atol(kept.bytes) : 0;
  free(kept.bytes);
  for (;;) {
    Bytes message = answered(cell_receive(5000));
    if (!message.bytes) {
      return 0;
    }
    char number[32];
    int digits = snprintf(number, sizeof number, "%ld ", ++count);
    done(cell_put("count", 5, number, (size_t)digits - 1));
    done(cell_put("last", 4, message.bytes, message.length));
    free(message.bytes);
    Bytes last = answered(cell_get("last", 4));
    char *answer = room((size_t)digits + last.length);
    memcpy(answer, number, (size_t)digits);
    memcpy(answer + digits, last.bytes, last.length);
    done(cell_send(answer, (size_t)digits + last.length));
    free(answer);
    free(last.bytes);
  }
}
