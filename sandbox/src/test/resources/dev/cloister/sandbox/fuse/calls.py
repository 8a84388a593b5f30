"""What a program asks of a file system, call by call, in the directory it is given; says what came of each."""
import errno
import fcntl
import mmap
import os
import stat
import sys

os.chdir(sys.argv[1])
os.umask(0o027)


def tell(what, call):
    try:
        print(what, call())
    except OSError as refused:
        print(what, errno.errorcode[refused.errno])


def content(name):
    with open(name, "rb") as file:
        return file.read()


def facts(name):
    it = os.lstat(name)
    return stat.filemode(it.st_mode), None if stat.S_ISDIR(it.st_mode) else it.st_size


# Flags of open.
fd = os.open("file", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
tell("exclusive again", lambda: os.open("file", os.O_CREAT | os.O_EXCL | os.O_RDWR))
tell("masked", lambda: facts("file"))
tell("written", lambda: os.write(fd, b"0123456789"))
tell("read back", lambda: os.pread(fd, 4, 3))
os.close(fd)
fd = os.open("file", os.O_WRONLY | os.O_APPEND)
tell("appended", lambda: os.write(fd, b"abc"))
tell("read of a writer", lambda: os.read(fd, 1))
os.close(fd)
fd = os.open("file", os.O_RDONLY)
tell("write of a reader", lambda: os.write(fd, b"x"))
tell("appended to", lambda: os.read(fd, 100))
os.close(fd)
os.close(os.open("file", os.O_WRONLY | os.O_TRUNC))
tell("emptied", lambda: facts("file"))
tell("no directory", lambda: os.open("file", os.O_RDONLY | os.O_DIRECTORY))
tell("written directory", lambda: os.open(".", os.O_WRONLY))
tell("missing", lambda: os.open("missing", os.O_RDONLY))
tell("through a file", lambda: os.open("file/x", os.O_RDONLY))
tell("a name too long", lambda: os.open("x" * 256, os.O_CREAT | os.O_WRONLY))
tell("the longest name", lambda: os.close(os.open("x" * 255, os.O_CREAT | os.O_WRONLY)))
os.unlink("x" * 255)

# Sizes, and what was never written.
fd = os.open("holes", os.O_CREAT | os.O_RDWR)
os.pwrite(fd, b"end", 100000)
tell("hole", lambda: (os.fstat(fd).st_size, os.pread(fd, 100003, 0) == b"\0" * 100000 + b"end"))
os.ftruncate(fd, 10)
os.ftruncate(fd, 20)
tell("cut and grown", lambda: os.pread(fd, 100, 0))
tell("fsync", lambda: (os.fsync(fd), os.fdatasync(fd)))
tell("seek to the end", lambda: os.lseek(fd, 0, os.SEEK_END))
tell("negative size", lambda: os.ftruncate(fd, -1))
os.close(fd)

# Names.
os.mkdir("d", 0o777)
tell("made", lambda: facts("d"))
tell("made again", lambda: os.mkdir("d"))
with open("d/inside", "w") as file:
    file.write("inside")
tell("not empty", lambda: os.rmdir("d"))
tell("unlinked directory", lambda: os.unlink("d"))
tell("removed file as directory", lambda: os.rmdir("file"))
with open("over", "w") as file:
    file.write("over")
tell("renamed over", lambda: (os.rename("d/inside", "over"), content("over"), os.listdir("d")))
tell("directory over file", lambda: os.rename("d", "over"))
tell("file over directory", lambda: os.rename("over", "d"))
os.mkdir("e")
with open("e/x", "w"):
    pass
tell("over what is not empty", lambda: os.rename("d", "e"))
tell("into itself", lambda: os.rename("e", "e/below"))
tell("over an empty one", lambda: (os.rename("e", "d"), os.listdir("d"), sorted(os.listdir("."))))
tell("pipe in a root without", lambda: os.path.exists("pipe"))

# Symbolic links, as they are and followed.
os.symlink("over", "link")
tell("link", lambda: (os.readlink("link"), content("link"), facts("link")))
os.symlink("nowhere", "dangling")
tell("dangling", lambda: content("dangling"))
tell("not followed", lambda: os.open("link", os.O_RDONLY | os.O_NOFOLLOW))
os.symlink("circle", "circle")
tell("circle", lambda: content("circle"))
os.unlink("link")
tell("link gone alone", lambda: content("over"))

# An open file outlives its name, also one that another takes.
with open("victim", "wb+", buffering=0) as file:
    file.write(b"still here")
    os.unlink("victim")
    tell("unlinked", lambda: (os.pread(file.fileno(), 100, 0), os.fstat(file.fileno()).st_nlink))
    file.write(b", and more")
    os.ftruncate(file.fileno(), 15)
    tell("unlinked size", lambda: os.fstat(file.fileno()).st_size)
    os.fchmod(file.fileno(), 0o600)
    tell("unlinked mode", lambda: stat.filemode(os.fstat(file.fileno()).st_mode))
    tell("unlinked is gone", lambda: os.stat("victim"))
with open("old", "wb+", buffering=0) as file, open("new", "wb") as other:
    file.write(b"old")
    other.write(b"new")
    other.flush()
    os.rename("new", "old")
    tell("replaced", lambda: (os.pread(file.fileno(), 10, 0), content("old")))

# Times, modes, owners.
os.utime("old", ns=(1_000_000_000_000_000_007, 1_100_000_000_000_000_009))
tell("times", lambda: (os.stat("old").st_atime_ns, os.stat("old").st_mtime_ns))
os.chmod("old", 0o751)
tell("mode", lambda: facts("old"))
tell("same owner", lambda: os.chown("old", os.getuid(), os.getgid()))

# Mapped.
with open("mapped", "wb+") as file:
    file.write(bytes(range(256)) * 64)
    file.flush()
    with mmap.mmap(file.fileno(), 0) as memory:
        tell("mapped", lambda: bytes(memory[250:260]))
        memory[0:5] = b"hello"
        memory.flush()
    tell("after the map", lambda: os.pread(file.fileno(), 8, 0))
with open("mapped", "rb") as file:
    with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as memory:
        tell("mapped to read", lambda: bytes(memory[0:6]) + memory[-3:])

# Locks are the kernel's own.
with open("old", "r+") as file:
    tell("locked", lambda: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB))
    tell("locked range", lambda: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB))

# Many names.
os.mkdir("many")
for number in range(1500):
    with open("many/%04d" % number, "w"):
        pass
tell("many", lambda: (len(os.listdir("many")), sorted(os.listdir("many"))[1234]))
with os.scandir("many") as entries:
    tell("kinds", lambda: all(entry.is_file(follow_symlinks=False) for entry in entries))
for name in os.listdir("many"):
    os.unlink("many/" + name)
tell("many gone", lambda: os.rmdir("many"))
tell("left", lambda: sorted(os.listdir(".")))
