/* What programs do with files, by the C library: compiled for WASI and for the system, it says the same of each. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef __wasi__
#include "cell.h"
#endif

static char said[65536];
static size_t length;

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  length += (size_t)vsnprintf(said + length, sizeof said - length, format, arguments);
  va_end(arguments);
}

static void outcome(const char *what, int result) {
  say("%s: %s\n", what, result < 0 ? strerror(errno) : "done");
}

static int by_name(const void *one, const void *other) {
  return strcmp(*(char *const *)one, *(char *const *)other);
}

static void list(const char *path) {
  DIR *directory = opendir(path);
  if (!directory) {
    outcome(path, -1);
    return;
  }
  char *names[600];
  int count = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL && count < 600;) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      names[count] = malloc(strlen(entry->d_name) + 3);
      sprintf(names[count++], "%s%s", entry->d_name, entry->d_type == DT_DIR ? "/" : "");
    }
  }
  closedir(directory);
  qsort(names, (size_t)count, sizeof *names, by_name);
  say("%s has %d:", path, count);
  for (int i = 0; i < count; i++) {
    if (i < 8 || i == count - 1) {
      say(" %s", names[i]);
    }
    free(names[i]);
  }
  say("\n");
}

static void show(const char *path) {
  struct stat about;
  if (stat(path, &about) < 0) {
    outcome(path, -1);
    return;
  }
  say("%s is a %s of %lld\n", path, S_ISDIR(about.st_mode) ? "directory" : "file",
      S_ISDIR(about.st_mode) ? 0LL : (long long)about.st_size);
}

static void streams(void) {
  FILE *file = fopen("notes", "w");
  for (int i = 0; i < 5000; i++) {
    fprintf(file, "line %d\n", i);
  }
  fclose(file);
  show("notes");
  file = fopen("notes", "r+");
  char line[64];
  fseek(file, 100, SEEK_SET);
  fgets(line, sizeof line, file);
  say("at 100: %s", line);
  fseek(file, -10, SEEK_END);
  fgets(line, sizeof line, file);
  say("at the end: %s", line);
  say("tell: %ld\n", ftell(file));
  rewind(file);
  fputs("LINE", file);
  fflush(file);
  rewind(file);
  fgets(line, sizeof line, file);
  say("first: %s", line);
  fclose(file);
  file = fopen("notes", "a");
  fputs("appended\n", file);
  fclose(file);
  file = fopen("notes", "r");
  unsigned sum = 0;
  for (int c; (c = fgetc(file)) != EOF;) {
    sum = sum * 31 + (unsigned)c;
  }
  say("sum: %u, error %d\n", sum, ferror(file));
  fclose(file);
  say("no such file: %d\n", fopen("missing", "r") == NULL ? errno == ENOENT : -1);
  say("exclusive: %d\n", fopen("notes", "wx") == NULL ? errno == EEXIST : -1);
}

static void descriptors(void) {
  int file = open("data", O_RDWR | O_CREAT | O_TRUNC, 0644);
  char buffer[64] = "0123456789";
  say("write: %d\n", (int)write(file, buffer, 10));
  say("pwrite: %d\n", (int)pwrite(file, "xyz", 3, 20));
  say("pread: %d", (int)pread(file, buffer, 64, 8));
  for (int i = 0; i < 15; i++) {
    say(" %d", buffer[i]);
  }
  say("\nposition: %lld\n", (long long)lseek(file, 0, SEEK_CUR));
  outcome("before the beginning", (int)lseek(file, -1, SEEK_SET));
  outcome("truncate", ftruncate(file, 5));
  show("data");
  outcome("grow", ftruncate(file, 100000));
  show("data");
  say("read past: %d\n", (int)pread(file, buffer, 64, 200000));
  struct iovec pieces[] = {{"one ", 4}, {"", 0}, {"two", 3}};
  lseek(file, 3, SEEK_SET);
  say("writev: %d\n", (int)writev(file, pieces, 3));
  lseek(file, 0, SEEK_SET);
  say("read: %d %.12s\n", (int)read(file, buffer, 12), buffer);
  outcome("append from here", fcntl(file, F_SETFL, O_APPEND));
  say("write: %d\n", (int)write(file, "end", 3));
  show("data");
  outcome("sync", fsync(file));
  outcome("datasync", fdatasync(file));
  struct timespec times[2] = {{1000, 5000}, {2000000000, 7000}};
  outcome("times", futimens(file, times));
  struct stat about;
  fstat(file, &about);
  say("modified %lld %ld, accessed %lld\n", (long long)about.st_mtim.tv_sec, about.st_mtim.tv_nsec,
      (long long)about.st_atim.tv_sec);
  outcome("rename", rename("data", "moved"));
  say("fstat: %d %lld\n", fstat(file, &about), (long long)about.st_size);
  outcome("unlink", unlink("moved"));
  outcome("unlink again", unlink("moved"));
  say("of a file without a name: %d, %lld\n", fstat(file, &about), (long long)about.st_size);
  say("read: %d\n", (int)pread(file, buffer, 64, 0));
  outcome("close", close(file));
  outcome("close again", close(file));
}

static void directories(void) {
  outcome("mkdir", mkdir("one", 0755));
  outcome("mkdir again", mkdir("one", 0755));
  outcome("mkdir two", mkdir("one/two/", 0755));
  outcome("mkdir of nothing", mkdir("none/two", 0755));
  outcome("mkdir in a file", mkdir("notes/two", 0755));
  for (int i = 0; i < 500; i++) {
    char name[64];
    sprintf(name, "one/an entry of a fairly long name, which is number %03d", i);
    close(open(name, O_CREAT | O_WRONLY, 0644));
  }
  list("one");
  list("one/two");
  list("none");
  list("notes");
  outcome("rmdir of what is not empty", rmdir("one"));
  outcome("rmdir of a file", rmdir("notes"));
  outcome("rename into itself", rename("one", "one/two/three"));
  outcome("rename of a directory over a file", rename("one", "notes"));
  outcome("rename of a file over a directory", rename("notes", "one/two"));
  outcome("mkdir", mkdir("empty", 0755));
  outcome("rename over what is not empty", rename("empty", "one"));
  outcome("rename over an empty one", rename("one", "empty"));
  list(".");
  outcome("open to write", open("empty", O_WRONLY));
  outcome("open a file as a directory", open("notes", O_RDONLY | O_DIRECTORY));
  outcome("a file by a slash", open("notes/", O_RDONLY));
  show("./empty/../empty/two/");
  int inner = open("empty/two", O_RDONLY | O_DIRECTORY);
  int file = openat(inner, "deep", O_CREAT | O_RDWR, 0644);
  outcome("rename of what is open", rename("empty/two", "three"));
  close(file);
  file = openat(inner, "deep", O_RDONLY);
  outcome("from there", file);
  close(file);
  list("three");
  outcome("unlink of a directory", unlink("three") < 0 ? (errno == EISDIR || errno == EPERM ? 0 : -1) : -1);
  outcome("remove", remove("three/deep"));
  outcome("remove a directory", remove("three"));
  DIR *directory = opendir("empty");
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_name[0] != '.') {
      unlinkat(dirfd(directory), entry->d_name, 0);
    }
  }
  closedir(directory);
  list("empty");
  outcome("rmdir", rmdir("empty"));
  list(".");
}

static void names(void) {
  char name[300];
  memset(name, 'n', sizeof name - 1);
  name[255] = 0;
  int file = open(name, O_CREAT | O_WRONLY, 0644);
  outcome("a name of 255", file);
  close(file);
  outcome("its end", unlink(name));
  name[255] = 'n';
  name[256] = 0;
  say("a name of 256: %d\n", open(name, O_CREAT | O_WRONLY, 0644) < 0 ? errno == ENAMETOOLONG : -1);
}

int main(void) {
  streams();
  descriptors();
  directories();
  names();
#ifdef __wasi__
  cell_send(said, length);
#else
  fwrite(said, 1, length, stdout);
#endif
  return 0;
}
