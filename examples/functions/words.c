/* Counts words in a stream of messages, which may end within a word; at the end sends them, most frequent first. */
#include "function.h"

typedef struct {
  char *word;
  size_t length;
  long count;
} Count;

static Count *counts;
static size_t known, capacity;
static char *word;
static size_t length, longest;

static int order(const char *a, size_t a_length, const char *b, size_t b_length) {
  int first = memcmp(a, b, a_length < b_length ? a_length : b_length);
  return first ? first : a_length < b_length ? -1 : a_length > b_length;
}

static int most_frequent_first(const void *a, const void *b) {
  const Count *one = a, *other = b;
  if (one->count != other->count) {
    return one->count > other->count ? -1 : 1;
  }
  return order(one->word, one->length, other->word, other->length);
}

/* In a list that is kept in the order of its words. */
static void count_word(void) {
  size_t low = 0, high = known;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (order(counts[middle].word, counts[middle].length, word, length) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < known && !order(counts[low].word, counts[low].length, word, length)) {
    counts[low].count++;
    return;
  }
  if (known == capacity) {
    capacity = capacity ? capacity * 2 : 64;
    counts = realloc(counts, capacity * sizeof *counts);
    if (!counts) {
      fail("MemoryError");
    }
  }
  memmove(counts + low + 1, counts + low, (known - low) * sizeof *counts);
  char *copy = room(length);
  memcpy(copy, word, length);
  counts[low] = (Count){copy, length, 1};
  known++;
}

static void add(char byte) {
  if (byte == ' ' || byte == '\n') {
    if (length) {
      count_word();
    }
    length = 0;
    return;
  }
  if (length == longest) {
    longest = longest ? longest * 2 : 64;
    word = realloc(word, longest);
    if (!word) {
      fail("MemoryError");
    }
  }
  word[length++] = byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte;
}

int main(void) {
  for (;;) {
    Bytes message = answered(cell_receive(5000));
    if (!message.bytes) {
      break;
    }
    for (size_t i = 0; i < message.length; i++) {
      add(message.bytes[i]);
    }
    free(message.bytes);
  }
  add(' ');
  qsort(counts, known, sizeof *counts, most_frequent_first);
  for (size_t i = 0; i < known; i++) {
    char *line = room(counts[i].length + 32);
    int digits = sprintf(line, "%ld ", counts[i].count);
    memcpy(line + digits, counts[i].word, counts[i].length);
    done(cell_send(line, (size_t)digits + counts[i].length));
    free(line);
  }
  return 0;
}
