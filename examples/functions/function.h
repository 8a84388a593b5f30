/* What the functions in C beside this file have in common: answers in memory of their own, and errors let out. */
#ifndef FUNCTION_H
#define FUNCTION_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"

typedef struct {
  char *bytes;
  size_t length;
} Bytes;

static inline _Noreturn void fail(const char *words) {
  cell_fail(words, strlen(words));
}

/* A result that is none of an error. */
static inline int32_t done(int32_t code) {
  if (code < CELL_NONE) {
    char words[600];
    int length = cell_words() < 500 ? cell_words() : 500;
    char answer[500];
    cell_take(answer, (size_t)length);
    snprintf(words, sizeof words, "%s: %.*s",
             code == CELL_REFUSED ? "refused" : code == CELL_FAILED ? "failed" : "invalid", length, answer);
    fail(words);
  }
  return code;
}

static inline void *room(size_t size) {
  void *memory = malloc(size ? size : 1);
  if (!memory) {
    fail("MemoryError");
  }
  return memory;
}

/* The answer of a call; its `bytes` are null when there is none, and else end with a zero that does not count. */
static inline Bytes answered(int32_t code) {
  Bytes answer = {NULL, 0};
  if (done(code) != CELL_NONE) {
    answer.bytes = room((size_t)code + 1);
    answer.length = (size_t)code;
    cell_take(answer.bytes, answer.length);
    answer.bytes[answer.length] = 0;
  }
  return answer;
}

#endif
