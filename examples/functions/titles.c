/* Fetches each page that a message names, and sends its status, its type and its title, or who refused it. */
#include <strings.h>

#include "function.h"

static size_t number(const char *at) {
  return (size_t)(unsigned char)at[0] << 8 | (unsigned char)at[1];
}

/* Bytes within others; null when they are not there. */
static const char *find(const char *bytes, size_t length, const char *wanted) {
  size_t size = strlen(wanted);
  for (size_t i = 0; i + size <= length; i++) {
    if (!memcmp(bytes + i, wanted, size)) {
      return bytes + i;
    }
  }
  return NULL;
}

static void tell(const Bytes page) {
  const char *type = "-";
  size_t type_length = 1, at = 4;
  for (size_t headers = number(page.bytes + 2); headers > 0; headers--) {
    size_t name_length = number(page.bytes + at);
    const char *name = page.bytes + at + 2;
    at += 2 + name_length;
    size_t value_length = number(page.bytes + at);
    if (name_length == 12 && !strncasecmp(name, "content-type", 12)) {
      type = page.bytes + at + 2;
      type_length = value_length;
    }
    at += 2 + value_length;
  }
  const char *body = page.bytes + at;
  const char *start = find(body, page.length - at, "<title>");
  const char *end = find(body, page.length - at, "</title>");
  const char *title = "-";
  size_t title_length = 1;
  if (start && end && start < end) {
    title = start + 7;
    title_length = (size_t)(end - title);
  }
  char *line = room(64 + type_length + title_length);
  int length = sprintf(line, "%zu %.*s %.*s", number(page.bytes), (int)type_length, type, (int)title_length, title);
  done(cell_send(line, (size_t)length));
  free(line);
}

int main(void) {
  static const char accept[] = "\0\6accept\0\11text/html";
  for (;;) {
    Bytes url = answered(cell_receive(5000));
    if (!url.bytes) {
      return 0;
    }
    int32_t code = cell_fetch(url.bytes, url.length, "GET", 3, accept, sizeof accept - 1, NULL, 0);
    free(url.bytes);
    if (code == CELL_REFUSED) {
      char line[600] = "refused ";
      int32_t words = cell_take(line + 8, sizeof line - 8);
      done(cell_send(line, 8 + (size_t)words));
      continue;
    }
    Bytes page = answered(code);
    tell(page);
    free(page.bytes);
  }
}
