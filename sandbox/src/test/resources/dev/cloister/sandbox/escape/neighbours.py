"""The function next door, in the same runtime and of the same host: its files, memory, words and life. The world's
`neighbours` are the processes that came with it."""
import signal


def each(world, work):
    """The first neighbouring process on which it works."""
    return first([lambda pid=pid: work(pid) for pid in world["neighbours"]])


def all_of(world, work):
    """What it gives of every neighbouring process on which it works, or else the error of the last."""
    found, refusal = [], None
    for pid in world["neighbours"]:
        try:
            found.append(work(pid))
        except OSError as error:
            refusal = error
    if not found:
        raise refusal or OSError(errno.ESRCH, "no neighbour")
    return b" ".join(found)


def sees_it(world):
    return any(str(pid) in os.listdir("/proc") for pid in world["neighbours"])


def reads_its_environment(world):
    return all_of(world, lambda pid: read("/proc/%d/environ" % pid))


def reads_its_arguments(world):
    return all_of(world, lambda pid: read("/proc/%d/cmdline" % pid))


def reads_its_files(world):
    def files(pid):
        place = "/proc/%d/cwd/" % pid
        return b" ".join(
            attempted(read, place + name) or b"" for name in os.listdir(place) if name.startswith("neighbour-"))

    return all_of(world, files)


def reads_its_open_files(world):
    def files(pid):
        place = "/proc/%d/fd/" % pid
        return b" ".join(
            attempted(read, place + name) or b"" for name in os.listdir(place)
            if "/neighbour-" in os.readlink(place + name))

    return all_of(world, files)


def finds_its_files_where_all_may_write(world):
    found = b""
    for place in ("/tmp", "/dev/shm", "/var/tmp"):
        for name in attempted(os.listdir, place) or ():
            if name.startswith("neighbour-"):
                found += attempted(read, os.path.join(place, name)) or b""
    return found


def finds_its_files_from_its_own(world):
    """Up from the working directory, and down again two steps."""
    found = b""
    for above in ("..", "../.."):
        for name in attempted(os.listdir, above) or ():
            inner = os.path.join(above, name)
            for file in attempted(os.listdir, inner) or ():
                if file.startswith("neighbour-"):
                    found += attempted(read, os.path.join(inner, file)) or b""
    return found


def reads_its_memory(world):
    return all_of(world, memory)


def memory(pid):
    """What stands behind the neighbour's mark, in whatever it may write to."""
    found = b""
    with open("/proc/%d/mem" % pid, "rb", buffering=0) as content:
        for line in read("/proc/%d/maps" % pid, 1 << 20).decode().splitlines():
            span, rights = line.split()[:2]
            start, end = (int(address, 16) for address in span.split("-"))
            if rights.startswith("rw") and end - start < 1 << 26:
                content.seek(start)
                part = attempted(content.read, end - start) or b""
                at = part.find(b"neighbour:")
                while at >= 0:
                    found += part[at:at + 48]
                    at = part.find(b"neighbour:", at + 1)
    return found


def reads_its_memory_without_a_file(world):
    def one(pid):
        buffer = ctypes.create_string_buffer(8)
        vectors = [(ctypes.c_void_p * 2)(address, 8) for address in (
            ctypes.addressof(buffer), start_of_the_stack(pid))]
        return call("process_vm_readv", pid, vectors[0], 1, vectors[1], 1, 0) == 8

    return each(world, one)


def start_of_the_stack(pid):
    """Of the neighbour's, as the kernel tells; or anywhere, since the right is asked for first."""
    for line in (attempted(lambda path: read(path, 1 << 20), "/proc/%d/maps" % pid) or b"").decode().splitlines():
        if line.endswith("[stack]"):
            return int(line.split("-")[1].split()[0], 16) - 64
    return 4096


def holds_it_as_a_debugger(world):
    def one(pid):
        call("ptrace", 0x4206, pid, 0, 0)
        call("ptrace", 0x4207, pid, 0, 0)
        os.waitpid(pid, 0x40000000)
        call("ptrace", 17, pid, 0, 0)
        return True

    return each(world, one)


def takes_its_descriptors(world):
    def one(pid):
        return call("pidfd_getfd", call("pidfd_open", pid, 0), 0, 0) >= 0

    return each(world, one)


def opens_its_channel(world):
    """Whichever pipe or socket it talks on, to hear or to speak in its place."""
    def one(pid):
        place = "/proc/%d/fd/" % pid
        pipes = [name for name in os.listdir(place) if os.readlink(place + name).startswith("pipe:")]
        return first([lambda n=n: os.open(place + n, os.O_RDWR | os.O_NONBLOCK) for n in pipes]) >= 0

    return each(world, one)


def kills_it(world):
    for pid in world["neighbours"]:
        attempted(lambda each: os.kill(each, signal.SIGKILL), pid)


def kills_it_with_all_others_of_its_user(world):
    """kill(2) to -1, but only where the user is not root: there it would be the end of all."""
    if os.getuid() == 0:
        return kills_it(world)
    os.kill(-1, signal.SIGKILL)


def stops_it(world):
    return each(world, lambda pid: os.kill(pid, signal.SIGSTOP) or os.kill(pid, signal.SIGCONT) or True)


def slows_it_down(world):
    return each(world, lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19) or True)


def takes_its_files_away(world):
    def one(pid):
        return call("setns", call("pidfd_open", pid, 0), 0x20000) == 0

    return each(world, one)
