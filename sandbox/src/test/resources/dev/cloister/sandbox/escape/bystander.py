"""The host's side of the world, for one or more attacks: a process of root's with secrets in every place that has
them, and open to everything that reaches out. `bystander.py DIRECTORY CANARY` writes its coordinates (JSON, one
line; the canary is not in them) and then answers each line on its standard input by one line: what it noticed
since it started, or `-`. It ends and takes all it made away when its standard input does."""
import ctypes
import json
import mmap
import os
import resource
import selectors
import signal
import socket
import stat
import struct
import sys

DIRECTORY, CANARY = sys.argv[1:]
SECRET = CANARY.encode()
TICK = 0.02
GRACE = 0.01  # what was done just before a question, such as a kill, takes effect in this time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.shmat.restype = ctypes.c_void_p
X86 = os.uname().machine == "x86_64"
noticed = []
world = {"directory": DIRECTORY, "pid": os.getpid(), "host": os.getppid()}


def notice(what):
    if what not in noticed:
        noticed.append(what)


def checked(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


class Files:
    """What lies outside, and how it was."""

    MADE = {"secret": 0o600, "open": 0o666, "readable": 0o644, "victim": 0o666, "moved": 0o666, "timed": 0o644}

    def __init__(self):
        os.chmod(DIRECTORY, 0o777)
        for name, mode in self.MADE.items():
            world[name] = path = os.path.join(DIRECTORY, name)
            self.make(path, SECRET if name in ("secret", "readable") else b"as it was", mode)
        named = world["named"] = os.path.join(DIRECTORY, "named")
        os.mkdir(named)
        self.make(os.path.join(named, CANARY), b"", 0o644)
        self.make(os.path.join(DIRECTORY, "escape_module.py"), b"SECRET = '%s'\n" % SECRET, 0o644)
        os.utime(world["timed"], ns=(0, int(CANARY[:14], 16)))
        self.handle()
        self.programs()
        self.before = self.seen()

    @staticmethod
    def make(path, content, mode):
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, mode)

    @staticmethod
    def handle():
        handle = ctypes.create_string_buffer(struct.pack("Ii", 120, 0), 128)
        mount = ctypes.c_int()
        if libc.name_to_handle_at(-100, world["secret"].encode(), handle, ctypes.byref(mount), 0) == 0:
            size = struct.unpack_from("I", handle)[0]
            world["handle"] = handle.raw[:8 + size].hex()

    @staticmethod
    def programs():
        world["setuid"] = program = os.path.join(DIRECTORY, "cat")
        with open("/bin/cat", "rb") as source:
            Files.make(program, source.read(), 0o4755)
        world["library"] = library = os.path.join(DIRECTORY, "library.so")
        with open("/proc/self/maps") as maps:
            loaded = next(line.split()[-1] for line in maps if "/libffi" in line)
        with open(loaded, "rb") as source:
            Files.make(library, source.read(), 0o755)

    @staticmethod
    def seen():
        found = {}
        for entry in os.scandir(DIRECTORY):
            info = entry.stat(follow_symlinks=False)
            content = None
            if stat.S_ISREG(info.st_mode) and info.st_size < 4096:
                with open(entry.path, "rb") as file:
                    content = file.read()
            found[entry.name] = (
                info.st_mode, info.st_uid, info.st_mtime_ns, content, os.listxattr(entry.path, follow_symlinks=False))
        return found

    def look(self):
        now = self.seen()
        for name in sorted(self.before.keys() | now.keys()):
            if self.before.get(name) != now.get(name):
                notice("file " + name)


class Memory:
    """Secrets in this process: memory, environment (given), arguments (given), name, an unlinked file."""

    WRITABLE = b"as it was"

    def __init__(self):
        self.secret = ctypes.create_string_buffer(SECRET)
        self.victim = ctypes.create_string_buffer(self.WRITABLE, 64)
        world.update(memory=ctypes.addressof(self.secret), victimMemory=ctypes.addressof(self.victim))
        libc.prctl(15, ctypes.c_char_p(SECRET[:15]), 0, 0, 0)
        path = os.path.join(DIRECTORY, "unlinked-" + CANARY)
        self.file = open(path, "w+b", buffering=0)
        self.file.write(SECRET.ljust(4096))
        self.mapped = mmap.mmap(self.file.fileno(), 4096)
        os.unlink(path)
        world["descriptor"] = self.file.fileno()
        world["environment"] = bool(os.environ.get("ESCAPE"))

    def look(self):
        if self.victim.raw[:len(self.WRITABLE)] != self.WRITABLE:
            notice("memory written")


class Settings:
    """What the kernel keeps of a process, and others may turn."""

    def __init__(self):
        self.before = self.seen()

    @staticmethod
    def seen():
        with open("/proc/self/oom_score_adj") as file:
            oom = int(file.read())
        return {
            "nice": os.getpriority(os.PRIO_PROCESS, 0),
            "affinity": os.sched_getaffinity(0),
            "scheduler": os.sched_getscheduler(0),
            "limit": resource.getrlimit(resource.RLIMIT_NOFILE),
            "ioprio": libc.syscall(252 if X86 else 31, 1, 0),
            "oom": oom,
            "hostname": os.uname().nodename,
        }

    def look(self):
        now = self.seen()
        for name, value in self.before.items():
            if now[name] != value:
                notice("setting " + name)


class Signals:
    """Itself, which counts signals, and a child that dies of them."""

    def __init__(self):
        signal.signal(signal.SIGUSR1, lambda number, frame: notice("signal"))
        self.mortal = os.fork()
        if self.mortal == 0:
            os.setsid()
            libc.prctl(1, signal.SIGKILL, 0, 0, 0)
            for descriptor in (0, 1, 2):
                os.close(descriptor)
            while True:
                signal.pause()
        world["mortal"] = self.mortal

    def look(self):
        if self.mortal and os.waitpid(self.mortal, os.WNOHANG)[0]:
            self.mortal = 0
            notice("child killed")

    def close(self):
        if self.mortal:
            os.kill(self.mortal, signal.SIGKILL)
            os.waitpid(self.mortal, 0)


class Shared:
    """System V and POSIX objects that anybody may open."""

    WRITABLE = b"as it was"

    def __init__(self):
        self.segment = checked(libc.shmget(0, 4096, 0o1666))
        address = libc.shmat(self.segment, None, 0)
        self.memory = (ctypes.c_char * 4096).from_address(address)
        self.memory[:64 + len(self.WRITABLE)] = SECRET.ljust(64, b"\0") + self.WRITABLE
        self.queue = checked(libc.msgget(0, 0o1666))
        checked(libc.msgsnd(self.queue, struct.pack("l", 1) + SECRET, len(SECRET), 0))
        self.semaphore = checked(libc.semget(0, 1, 0o1666))
        world.update(segment=self.segment, queue=self.queue, semaphore=self.semaphore)
        name = "escape-%d" % os.getpid()
        world["file"] = self.file = "/dev/shm/" + name
        Files.make(self.file, SECRET, 0o666)
        self.named = ("/" + name).encode()
        old = os.umask(0)
        rt = ctypes.CDLL(None, use_errno=True)
        self.posix = checked(rt.mq_open(self.named, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK, 0o666, None))
        os.umask(old)
        checked(libc.mq_send(self.posix, SECRET, len(SECRET), 0))
        world["posixQueue"] = name

    def look(self):
        if self.memory[64:64 + len(self.WRITABLE)] != self.WRITABLE:
            notice("segment written")
        info = ctypes.create_string_buffer(128)
        checked(libc.msgctl(self.queue, 2, info))
        if struct.unpack_from("L", info, 80)[0] != 1:
            notice("queue")
        if libc.semctl(self.semaphore, 0, 12) != 0:
            notice("semaphore")
        attributes = (ctypes.c_long * 8)()
        libc.mq_getattr(self.posix, attributes)
        if attributes[3] != 1:
            notice("POSIX queue")
        with open(self.file, "rb") as file:
            if file.read() != SECRET:
                notice("shared file")

    def close(self):
        libc.shmctl(self.segment, 0, None)
        libc.msgctl(self.queue, 0, None)
        libc.semctl(self.semaphore, 0, 0)
        libc.mq_unlink(self.named)
        os.unlink(self.file)


class Keys:
    """A key that all may read, for a minute."""

    def __init__(self):
        self.call = lambda *arguments: checked(libc.syscall(*(
            ctypes.c_char_p(a) if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments)))
        self.add, self.control = (248, 250) if X86 else (217, 219)
        name = "escape-%d" % os.getpid()
        self.key = self.call(self.add, b"user", name.encode(), SECRET, len(SECRET), -4)
        self.call(self.control, 5, self.key, 0x3F3F3F3F)
        self.call(self.control, 15, self.key, 60)
        world.update(key=self.key, keyName=name)

    def close(self):
        try:
            self.call(self.control, 9, self.key, -4)
        except OSError:
            pass  # timed out


def facts():
    """What of this host an attack has to know."""
    world["cards"] = [card for _, card in socket.if_nameindex() if card != "lo"]
    for name in ("fuse", "kvm", "net/tun", "console", "kmsg", "loop-control", "userfaultfd", "btrfs-control", "mem",
                 "cpu/0/msr", "hwrng", "vsock", "vhost-net", "uinput"):
        try:
            if stat.S_ISCHR(os.stat("/dev/" + name).st_mode):
                world.setdefault("devices", []).append(name)
        except OSError:
            pass
    with open("/proc/self/mountinfo") as file:
        mounts = [line.split(" - ") for line in file]
    for kind in ("cgroup2", "cgroup"):
        found = [m[0].split()[4] for m in mounts if m[1].split()[0] == kind and os.access(m[0].split()[4], os.W_OK)]
        if found:
            world["cgroup"] = os.path.join(found[0], "escape-%d" % os.getpid())
            break
    packages = "/usr/lib/python3/dist-packages"
    world["packages"] = packages if os.path.isdir(packages) else ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("169.254.169.254", 9))
            world["address"] = probe.getsockname()[0]
        except OSError:
            pass  # a host with no network


class Group:
    """A control group that is not there."""

    @staticmethod
    def look():
        if os.path.isdir(world.get("cgroup", "")):
            notice("control group")
            os.rmdir(world["cgroup"])


def asked(selector, seconds):
    """Serves whoever comes; whether the standard input has something to say."""
    ready = selector.select(seconds)
    for key, _ in ready:
        if key.data:
            key.data(key.fileobj)
    return any(key.data is None for key, _ in ready)


def look(*parts):
    for part in parts:
        part.look()


def main():
    selector = selectors.DefaultSelector()
    facts()
    files, memory, settings, signals, shared, keys = Files(), Memory(), Settings(), Signals(), Shared(), Keys()
    sockets, terminal, group = Sockets(selector), Terminal(selector), Group()
    files.before = files.seen()
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    try:
        print(json.dumps(world), flush=True)
        while True:
            while not asked(selector, TICK):
                look(memory, settings, signals, terminal)
                sockets.tick()
            if not os.read(0, 1024):
                return
            asked(selector, GRACE)
            look(files, memory, settings, signals, shared, terminal, group)
            print(", ".join(noticed) or "-", flush=True)
    finally:
        signals.close()
        shared.close()
        keys.close()


main()
