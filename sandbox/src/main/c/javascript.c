/* QuickJS as a WebAssembly guest: runs the function's source, which is its standard input, with the global `cell`.
 *
 * Nothing of QuickJS's own library (std, os, modules, workers) is linked; what a function can reach beyond the language
 * is here. No argument is converted by code of the function's own between the check of a buffer and its use.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "cell.h"
#include "quickjs.h"

#define LINE_MAX_BYTES 512
#define GRANT_MAX_BYTES 65535
/* Of the 1 MiB that the module's stack has; the rest is for what does not look. */
#define STACK_BYTES (128 << 10)

/* Memory has none but the module's own limit; that it was reached is told even where no error can be made of it. */
static int memory_ran_out;

static void *given(void *memory) {
  memory_ran_out |= !memory;
  return memory;
}

static void *allocate(JSMallocState *state, size_t size) {
  return given(malloc(size));
}

static void release(JSMallocState *state, void *memory) {
  free(memory);
}

static void *reallocate(JSMallocState *state, void *memory, size_t size) {
  if (size == 0) {
    free(memory);
    return NULL;
  }
  return given(realloc(memory, size));
}

static size_t usable_size(const void *memory) {
  return malloc_usable_size((void *)memory);
}

static const JSMallocFunctions allocation = {allocate, release, reallocate, usable_size};

static const char out_of_memory[] = "InternalError: out of memory";

static JSValue uint8_array;
static JSValue refused;

/* Nothing ambient: the language's clock is the cell's, where that is granted, and else stands at 1970. */
static int clock_is_asked;

static uint64_t number(const uint8_t *bytes, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; i++) {
    value = value << 8 | bytes[i];
  }
  return value;
}

static int now(int64_t *seconds, int32_t *nanoseconds) {
  uint8_t time[12];
  *seconds = *nanoseconds = 0;
  int32_t code = clock_is_asked ? cell_time() : CELL_REFUSED;
  if (code >= 0) {
    cell_take(time, sizeof time);
    *seconds = (int64_t)number(time, 8);
    *nanoseconds = (int32_t)number(time + 8, 4);
  }
  return code;
}

int gettimeofday(struct timeval *restrict value, void *restrict zone) {
  int64_t seconds;
  int32_t nanoseconds;
  now(&seconds, &nanoseconds);
  value->tv_sec = seconds;
  value->tv_usec = nanoseconds / 1000;
  return 0;
}

/* Throws what a negative code means. */
static JSValue thrown(JSContext *ctx, int32_t code) {
  char words[LINE_MAX_BYTES];
  int32_t length = cell_words();
  if (length > (int32_t)sizeof words) {
    length = sizeof words;
  }
  cell_take(words, (size_t)length);
  if (code == CELL_INVALID) {
    return JS_ThrowRangeError(ctx, "an argument is beyond its bounds");
  }
  JSValue text = JS_NewStringLen(ctx, words, (size_t)length);
  if (code == CELL_REFUSED) {
    JSValue error = JS_CallConstructor(ctx, refused, 1, &text);
    JS_FreeValue(ctx, text);
    return JS_IsException(error) ? error : JS_Throw(ctx, error);
  }
  JSValue error = JS_NewError(ctx);
  JS_DefinePropertyValueStr(ctx, error, "message", text, JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
  return JS_Throw(ctx, error);
}

/* The answer, in memory of the function's that the caller frees. */
static uint8_t *answer(JSContext *ctx, int32_t length) {
  uint8_t *bytes = js_malloc(ctx, length ? (size_t)length : 1);
  if (bytes) {
    cell_take(bytes, (size_t)length);
  }
  return bytes;
}

static JSValue bytes_of(JSContext *ctx, const uint8_t *bytes, size_t length) {
  JSValue buffer = JS_NewArrayBufferCopy(ctx, bytes, length);
  if (JS_IsException(buffer)) {
    return buffer;
  }
  JSValue array = JS_CallConstructor(ctx, uint8_array, 1, &buffer);
  JS_FreeValue(ctx, buffer);
  return array;
}

static JSValue answered_bytes(JSContext *ctx, int32_t code) {
  if (code == CELL_NONE) {
    return JS_NULL;
  }
  if (code < 0) {
    return thrown(ctx, code);
  }
  uint8_t *bytes = answer(ctx, code);
  if (!bytes) {
    return JS_EXCEPTION;
  }
  JSValue array = bytes_of(ctx, bytes, (size_t)code);
  js_free(ctx, bytes);
  return array;
}

static JSValue answered_nothing(JSContext *ctx, int32_t code) {
  return code < 0 ? thrown(ctx, code) : JS_UNDEFINED;
}

static JSValue answered_truth(JSContext *ctx, int32_t code) {
  return code < 0 ? thrown(ctx, code) : JS_NewBool(ctx, code);
}

/* Where the bytes of a typed array or a buffer lie. Runs none of the function's code. */
static int find_bytes(JSContext *ctx, JSValueConst value, const uint8_t **bytes, size_t *length) {
  size_t offset, size, whole;
  JSValue buffer = JS_IsObject(value) ? JS_GetTypedArrayBuffer(ctx, value, &offset, &size, NULL) : JS_EXCEPTION;
  if (JS_IsException(buffer)) {
    JS_FreeValue(ctx, JS_GetException(ctx));
    *bytes = JS_IsObject(value) ? JS_GetArrayBuffer(ctx, length, value) : NULL;
    if (!*bytes && JS_IsObject(value)) {
      JS_FreeValue(ctx, JS_GetException(ctx));
    }
  } else {
    uint8_t *start = JS_GetArrayBuffer(ctx, &whole, buffer);
    JS_FreeValue(ctx, buffer);
    if (!start) {
      return -1; /* detached, which was thrown */
    }
    if (offset > whole || size > whole - offset) {
      JS_ThrowTypeError(ctx, "the array lies outside its buffer");
      return -1;
    }
    *bytes = start + offset;
    *length = size;
  }
  if (!*bytes) {
    JS_ThrowTypeError(ctx, "bytes are needed: a Uint8Array");
    return -1;
  }
  return 0;
}

/* A text that is one already; the caller frees it. */
static const char *text_of(JSContext *ctx, JSValueConst value, size_t *length) {
  if (!JS_IsString(value)) {
    JS_ThrowTypeError(ctx, "a string is needed");
    return NULL;
  }
  return JS_ToCStringLen(ctx, length, value);
}

static JSValue js_receive(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  uint32_t milliseconds = CELL_FOREVER;
  if (!JS_IsUndefined(values[0]) && !JS_IsNull(values[0])) {
    double seconds;
    if (JS_ToFloat64(ctx, &seconds, values[0])) {
      return JS_EXCEPTION;
    }
    double wanted = seconds * 1000;
    milliseconds = !(wanted > 0) ? 0 : wanted > CELL_FOREVER - 1 ? CELL_FOREVER - 1 : (uint32_t)wanted;
  }
  return answered_bytes(ctx, cell_receive(milliseconds));
}

static JSValue js_poll(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  return answered_truth(ctx, cell_poll());
}

static JSValue js_send(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  const uint8_t *bytes;
  size_t length;
  if (find_bytes(ctx, values[0], &bytes, &length)) {
    return JS_EXCEPTION;
  }
  return answered_nothing(ctx, cell_send(bytes, length));
}

static JSValue js_get(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  size_t length;
  const char *name = text_of(ctx, values[0], &length);
  if (!name) {
    return JS_EXCEPTION;
  }
  int32_t code = cell_get(name, length);
  JS_FreeCString(ctx, name);
  return answered_bytes(ctx, code);
}

static JSValue js_put(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  const uint8_t *bytes;
  size_t length, name_length;
  const char *name = text_of(ctx, values[0], &name_length);
  if (!name) {
    return JS_EXCEPTION;
  }
  if (find_bytes(ctx, values[1], &bytes, &length)) {
    JS_FreeCString(ctx, name);
    return JS_EXCEPTION;
  }
  int32_t code = cell_put(name, name_length, bytes, length);
  JS_FreeCString(ctx, name);
  return answered_nothing(ctx, code);
}

static JSValue js_delete(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  size_t length;
  const char *name = text_of(ctx, values[0], &length);
  if (!name) {
    return JS_EXCEPTION;
  }
  int32_t code = cell_delete(name, length);
  JS_FreeCString(ctx, name);
  return answered_truth(ctx, code);
}

static JSValue js_list(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  int32_t code = cell_list();
  if (code < 0) {
    return thrown(ctx, code);
  }
  uint8_t *names = answer(ctx, code);
  if (!names) {
    return JS_EXCEPTION;
  }
  JSValue array = JS_NewArray(ctx);
  uint32_t found = 0;
  for (int32_t at = 0; at + 2 <= code;) {
    size_t length = number(names + at, 2);
    JSValue name = JS_NewStringLen(ctx, (const char *)names + at + 2, length);
    JS_DefinePropertyValueUint32(ctx, array, found++, name, JS_PROP_C_W_E);
    at += 2 + (int32_t)length;
  }
  js_free(ctx, names);
  return array;
}

static JSValue js_random(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  double wanted;
  if (JS_ToFloat64(ctx, &wanted, values[0])) {
    return JS_EXCEPTION;
  }
  if (!(wanted >= 0 && wanted <= CELL_RANDOM_MAX)) {
    return JS_ThrowRangeError(ctx, "%g random bytes: allowed are 0 to %d", wanted, CELL_RANDOM_MAX);
  }
  return answered_bytes(ctx, cell_random((uint32_t)wanted));
}

static JSValue js_time(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  int64_t seconds;
  int32_t nanoseconds;
  int32_t code = now(&seconds, &nanoseconds);
  return code < 0 ? thrown(ctx, code) : JS_NewFloat64(ctx, (double)seconds + nanoseconds / 1e9);
}

/* Text fields, one after the other. */
typedef struct {
  uint8_t *bytes;
  size_t length;
} Fields;

static int add_field(JSContext *ctx, Fields *fields, JSValueConst value) {
  size_t length;
  const char *text = JS_ToCStringLen(ctx, &length, value);
  if (!text) {
    return -1;
  }
  int failed = -1;
  if (length > 0xffff) {
    JS_ThrowRangeError(ctx, "%u bytes in one field: at most 65535", (unsigned)length);
  } else {
    uint8_t *grown = js_realloc(ctx, fields->bytes, fields->length + 2 + length);
    if (grown) {
      fields->bytes = grown;
      grown[fields->length] = (uint8_t)(length >> 8);
      grown[fields->length + 1] = (uint8_t)length;
      memcpy(grown + fields->length + 2, text, length);
      fields->length += 2 + length;
      failed = 0;
    }
  }
  JS_FreeCString(ctx, text);
  return failed;
}

/* The own enumerable properties of an object, as names and values. */
static int add_headers(JSContext *ctx, Fields *fields, JSValueConst headers) {
  JSPropertyEnum *names;
  uint32_t count;
  if (!JS_IsObject(headers)) {
    JS_ThrowTypeError(ctx, "headers are an object of names and values");
    return -1;
  }
  if (JS_GetOwnPropertyNames(ctx, &names, &count, headers, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY)) {
    return -1;
  }
  int failed = 0;
  if (count > CELL_HEADERS_MAX) {
    JS_ThrowRangeError(ctx, "%u headers: at most %d", count, CELL_HEADERS_MAX);
    failed = -1;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!failed) {
      JSValue name = JS_AtomToString(ctx, names[i].atom);
      JSValue value = JS_GetProperty(ctx, headers, names[i].atom);
      failed = JS_IsException(value) || add_field(ctx, fields, name) || add_field(ctx, fields, value);
      JS_FreeValue(ctx, name);
      JS_FreeValue(ctx, value);
    }
    JS_FreeAtom(ctx, names[i].atom);
  }
  js_free(ctx, names);
  return failed;
}

/* Headers by lower-case name; those of one name are joined by commas. */
static JSValue headers_of(JSContext *ctx, uint8_t *answer, size_t *at) {
  JSValue headers = JS_NewObjectProto(ctx, JS_NULL);
  for (size_t count = number(answer + 2, 2); count > 0; count--) {
    size_t name_length = number(answer + *at, 2);
    char *name = (char *)answer + *at + 2;
    *at += 2 + name_length;
    size_t value_length = number(answer + *at, 2);
    const char *value = (const char *)answer + *at + 2;
    *at += 2 + value_length;
    for (size_t i = 0; i < name_length; i++) {
      name[i] |= name[i] >= 'A' && name[i] <= 'Z' ? 0x20 : 0;
    }
    JSAtom atom = JS_NewAtomLen(ctx, name, name_length);
    JSValue before = JS_GetProperty(ctx, headers, atom);
    if (JS_IsUndefined(before)) {
      JS_DefinePropertyValue(ctx, headers, atom, JS_NewStringLen(ctx, value, value_length), JS_PROP_C_W_E);
    } else {
      size_t before_length;
      const char *text = JS_ToCStringLen(ctx, &before_length, before);
      char *joined = text ? js_malloc(ctx, before_length + 2 + value_length) : NULL;
      if (joined) {
        memcpy(joined, text, before_length);
        memcpy(joined + before_length, ", ", 2);
        memcpy(joined + before_length + 2, value, value_length);
        JS_DefinePropertyValue(ctx, headers, atom, JS_NewStringLen(ctx, joined, before_length + 2 + value_length),
                               JS_PROP_C_W_E);
        js_free(ctx, joined);
      }
      JS_FreeCString(ctx, text);
    }
    JS_FreeValue(ctx, before);
    JS_FreeAtom(ctx, atom);
  }
  return headers;
}

static JSValue answered_page(JSContext *ctx, int32_t code) {
  if (code < 0) {
    return thrown(ctx, code);
  }
  uint8_t *bytes = answer(ctx, code);
  if (!bytes) {
    return JS_EXCEPTION;
  }
  size_t at = 4;
  JSValue status = JS_NewInt32(ctx, (int32_t)number(bytes, 2));
  JSValue headers = headers_of(ctx, bytes, &at);
  JSValue body = bytes_of(ctx, bytes + at, (size_t)code - at);
  js_free(ctx, bytes);
  JSValue page = JS_NewArray(ctx);
  JS_DefinePropertyValueUint32(ctx, page, 0, status, JS_PROP_C_W_E);
  JS_DefinePropertyValueUint32(ctx, page, 1, headers, JS_PROP_C_W_E);
  JS_DefinePropertyValueUint32(ctx, page, 2, body, JS_PROP_C_W_E);
  return page;
}

static JSValue js_fetch(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  size_t url_length, method_length = 3, length = 0;
  const uint8_t *body = NULL;
  Fields headers = {NULL, 0};
  JSValue page = JS_EXCEPTION;
  const char *method = NULL;
  const char *url = text_of(ctx, values[0], &url_length);
  if (!url) {
    return JS_EXCEPTION;
  }
  if (!JS_IsUndefined(values[1]) && !(method = text_of(ctx, values[1], &method_length))) {
    goto end;
  }
  if (!JS_IsUndefined(values[2]) && add_headers(ctx, &headers, values[2])) {
    goto end;
  }
  /* Last, since a header's getter may have detached it. */
  if (!JS_IsUndefined(values[3]) && find_bytes(ctx, values[3], &body, &length)) {
    goto end;
  }
  page = answered_page(ctx, cell_fetch(url, url_length, method ? method : "GET", method_length, headers.bytes,
                                       headers.length, body, length));
end:
  js_free(ctx, headers.bytes);
  if (method) {
    JS_FreeCString(ctx, method);
  }
  JS_FreeCString(ctx, url);
  return page;
}

static JSValue js_call(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  const uint8_t *grant, *message;
  size_t grant_length, length;
  if (find_bytes(ctx, values[0], &grant, &grant_length) || find_bytes(ctx, values[1], &message, &length)) {
    return JS_EXCEPTION;
  }
  return answered_bytes(ctx, cell_call(grant, grant_length, message, length));
}

static JSValue js_tor(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  size_t length;
  const char *line = text_of(ctx, values[0], &length);
  if (!line) {
    return JS_EXCEPTION;
  }
  int32_t code = cell_tor(line, length);
  JS_FreeCString(ctx, line);
  if (code < 0) {
    return thrown(ctx, code);
  }
  uint8_t *reply = answer(ctx, code);
  if (!reply) {
    return JS_EXCEPTION;
  }
  JSValue text = JS_NewStringLen(ctx, (const char *)reply, (size_t)code);
  js_free(ctx, reply);
  return text;
}

static JSValue js_exit(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  int32_t code = 0;
  if (!JS_IsUndefined(values[0]) && JS_ToInt32(ctx, &code, values[0])) {
    return JS_EXCEPTION;
  }
  return answered_nothing(ctx, cell_exit(code & 0xff));
}

static void write_all(const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(STDERR_FILENO, text, length);
    if (written <= 0) {
      return;
    }
    text += written;
    length -= (size_t)written;
  }
}

static JSValue js_print(JSContext *ctx, JSValueConst self, int count, JSValueConst *values) {
  for (int i = 0; i < count; i++) {
    size_t length;
    const char *text = JS_ToCStringLen(ctx, &length, values[i]);
    if (!text) {
      return JS_EXCEPTION;
    }
    if (i) {
      write_all(" ", 1);
    }
    write_all(text, length);
    JS_FreeCString(ctx, text);
  }
  write_all("\n", 1);
  return JS_UNDEFINED;
}

static const JSCFunctionListEntry store_functions[] = {
    JS_CFUNC_DEF("get", 1, js_get),
    JS_CFUNC_DEF("put", 2, js_put),
    JS_CFUNC_DEF("delete", 1, js_delete),
    JS_CFUNC_DEF("list", 0, js_list),
};

static const JSCFunctionListEntry cell_functions[] = {
    JS_CFUNC_DEF("receive", 1, js_receive), JS_CFUNC_DEF("poll", 0, js_poll),   JS_CFUNC_DEF("send", 1, js_send),
    JS_CFUNC_DEF("random", 1, js_random),   JS_CFUNC_DEF("time", 0, js_time),   JS_CFUNC_DEF("fetch", 4, js_fetch),
    JS_CFUNC_DEF("call", 2, js_call),       JS_CFUNC_DEF("tor", 1, js_tor),     JS_CFUNC_DEF("exit", 1, js_exit),
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* The names and the errors, before any of the function's code runs; nothing of it can be changed then. */
static const char prelude[] =
    "(function (global, cell) {\n"
    "  class Refused extends Error {\n"
    "    constructor(grant) { super(grant); Object.defineProperty(this, 'grant', {value: grant, enumerable: true}); }\n"
    "  }\n"
    "  Object.defineProperty(Refused.prototype, 'name', {value: 'Refused'});\n"
    "  cell.Refused = Refused;\n"
    "  Object.freeze(Refused);\n"
    "  Object.freeze(Refused.prototype);\n"
    "  Object.freeze(cell.store);\n"
    "  Object.freeze(cell);\n"
    "  Object.defineProperty(global, 'cell', {value: cell, enumerable: true});\n"
    "  global.console = {log: global.print};\n"
    "  return Refused;\n"
    "})";

static int offer_cell(JSContext *ctx) {
  JSValue global = JS_GetGlobalObject(ctx);
  uint8_array = JS_GetPropertyStr(ctx, global, "Uint8Array");
  JSValue cell = JS_NewObject(ctx);
  JSValue store = JS_NewObject(ctx);
  JS_SetPropertyFunctionList(ctx, store, store_functions, COUNT(store_functions));
  JS_SetPropertyFunctionList(ctx, cell, cell_functions, COUNT(cell_functions));
  JS_SetPropertyStr(ctx, cell, "store", store);
  JS_SetPropertyStr(ctx, global, "print", JS_NewCFunction(ctx, js_print, "print", 1));
  JSValue offer = JS_Eval(ctx, prelude, sizeof prelude - 1, "<cell>", JS_EVAL_TYPE_GLOBAL);
  JSValue arguments[] = {global, cell};
  refused = JS_Call(ctx, offer, JS_UNDEFINED, 2, arguments);
  JS_FreeValue(ctx, offer);
  JS_FreeValue(ctx, cell);
  JS_FreeValue(ctx, global);
  return JS_IsException(refused);
}

/* Says what was thrown, on standard error with where, and to the host in one line. */
static _Noreturn void fail_with(JSContext *ctx, JSValue error) {
  size_t length = 0;
  if (memory_ran_out && JS_IsNull(error)) {
    cell_fail(out_of_memory, sizeof out_of_memory - 1);
  }
  const char *text = JS_ToCStringLen(ctx, &length, error);
  if (!text) {
    static const char unknown[] = "an error whose text cannot be had";
    JSValue second = JS_GetException(ctx);
    JS_FreeValue(ctx, second);
    cell_fail(unknown, sizeof unknown - 1);
  }
  write_all(text, length);
  write_all("\n", 1);
  if (JS_IsError(ctx, error)) {
    JSValue stack = JS_GetPropertyStr(ctx, error, "stack");
    size_t stack_length;
    const char *where = JS_IsString(stack) ? JS_ToCStringLen(ctx, &stack_length, stack) : NULL;
    if (where) {
      write_all(where, stack_length);
    }
  }
  cell_fail(text, length > LINE_MAX_BYTES ? LINE_MAX_BYTES : length);
}

static JSValue rejection;

static void note_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, JS_BOOL is_handled, void *opaque) {
  JS_FreeValue(ctx, rejection);
  rejection = is_handled ? JS_UNDEFINED : JS_DupValue(ctx, reason);
}

static char *read_source(size_t *length) {
  size_t room = 1 << 16;
  char *source = malloc(room + 1);
  *length = 0;
  while (source) {
    ssize_t got = read(STDIN_FILENO, source + *length, room - *length);
    if (got <= 0) {
      source[*length] = 0;
      return source;
    }
    *length += (size_t)got;
    if (*length == room) {
      room *= 2;
      source = realloc(source, room + 1);
    }
  }
  cell_fail(out_of_memory, sizeof out_of_memory - 1);
}

int main(void) {
  size_t length;
  char *source = read_source(&length);
  JSRuntime *runtime = JS_NewRuntime2(&allocation, NULL);
  JSContext *ctx = runtime ? JS_NewContext(runtime) : NULL;
  if (!ctx || offer_cell(ctx)) {
    cell_fail(out_of_memory, sizeof out_of_memory - 1);
  }
  JS_SetMaxStackSize(runtime, STACK_BYTES);
  JS_SetHostPromiseRejectionTracker(runtime, note_rejection, NULL);
  rejection = JS_UNDEFINED;
  clock_is_asked = 1;
  JSValue result = JS_Eval(ctx, source, length, "<function>", JS_EVAL_TYPE_GLOBAL);
  if (JS_IsException(result)) {
    fail_with(ctx, JS_GetException(ctx));
  }
  for (int jobs = 1; jobs > 0;) {
    JSContext *of;
    jobs = JS_ExecutePendingJob(runtime, &of);
    if (jobs < 0) {
      fail_with(of, JS_GetException(of));
    }
  }
  if (!JS_IsUndefined(rejection)) {
    fail_with(ctx, rejection);
  }
  return 0;
}
