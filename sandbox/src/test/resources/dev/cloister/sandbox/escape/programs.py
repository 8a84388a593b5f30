"""New processes and other programs."""
import mmap
import subprocess


def many(fork):
    """More processes at once than any function here is given."""
    reading, writing = os.pipe()
    children = []
    try:
        while len(children) < 24:
            child = fork()
            if child == 0:
                libc.close(writing)
                libc.read(reading, ctypes.create_string_buffer(1), 1)
                libc._exit(0)
            children.append(child)
        return True
    finally:
        os.close(writing)
        for child in children:
            os.waitpid(child, 0)


def forks_more_than_it_may(world):
    return many(os.fork)


def forks_more_than_it_may_by_clone(world):
    """clone(2) with no flag but the signal at the end: a fork by another name."""
    return many(lambda: call("clone", 17, 0, 0, 0, 0))


def forks_more_than_it_may_by_clone3(world):
    arguments = ctypes.create_string_buffer(88)
    arguments[32] = 17
    return many(lambda: call("clone3", arguments, 88))


def forks_by_the_call_of_32_bits(world):
    return many(lambda: by_32_bits(2, 0, 0, 0))


def gets_out_of_sight_of_its_parent(world):
    """A session of its own, which a signal to its group does not reach, and a parent that is gone."""
    def leave():
        os.setsid()
        return b"%d" % os.getsid(0)

    return int(in_a_child(leave)) != os.getsid(0)


def reads_a_file_by_the_calls_of_32_bits(world):
    """int 0x80, whose numbers are others: what a filter of numbers alone mistakes."""
    low = libc.mmap
    low.restype = ctypes.c_void_p
    memory = low(None, 4096, 3, 0x62, -1, 0)
    if memory in (None, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), "no low memory")
    ctypes.memmove(memory, world["readable"].encode() + b"\0", len(world["readable"]) + 1)
    descriptor = by_32_bits(5, memory, 0, 0)
    length = by_32_bits(3, descriptor, memory, 64)
    return ctypes.string_at(memory, length)


def kills_by_the_call_of_32_bits(world):
    by_32_bits(37, world["mortal"], 9, 0)


# push rbx; mov eax,edi; mov ebx,esi; mov r8d,ecx; mov ecx,edx; mov edx,r8d; int 0x80; cdqe; pop rbx; ret
BY_32_BITS = bytes.fromhex("53 89f8 89f3 4189c8 89d1 4489c2 cd80 4898 5b c3")


def by_32_bits(number, first, second, third):
    if os.uname().machine != "x86_64":
        raise Absent("calls of 32 bits on this processor")
    code = mmap.mmap(-1, 4096, prot=7)
    code.write(BY_32_BITS)
    function = ctypes.CFUNCTYPE(ctypes.c_long, *[ctypes.c_long] * 4)(
        ctypes.addressof(ctypes.c_char.from_buffer(code)))
    result = function(number, first, second, third)
    if result < 0:
        raise OSError(-result, os.strerror(-result))
    return result


def starts_a_program(world):
    return subprocess.run(["/bin/cat", world["readable"]], capture_output=True).stdout


def spawns_a_program(world):
    reading, writing = os.pipe()
    child = os.posix_spawn(
        "/bin/cat", ["cat", world["readable"]], {}, file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)])
    os.close(writing)
    os.waitpid(child, 0)
    return os.read(reading, 64)


def shell(directory):
    """What makes a shell write to the directory, and speak on this process's channel."""
    for descriptor in range(3, 32):
        attempted(lambda d: os.set_inheritable(d, True), descriptor)
    return ["sh", "-c", "echo here > '%s/made'; for d in 1 3 4 5 6 7 8 9; do echo here >&$d; done" % directory]


def becomes_a_shell(world):
    os.execv("/bin/sh", shell(world["directory"]))


def becomes_another_python(world):
    os.execv(sys.executable or "/usr/bin/python3", ["python3", "-c", "open('%s/made', 'w')" % world["directory"]])


def becomes_a_program_by_its_descriptor(world):
    words = (ctypes.c_char_p * 4)(*[word.encode() for word in shell(world["directory"])])
    call("execveat", os.open("/bin/sh", os.O_RDONLY), b"", words, (ctypes.c_char_p * 1)(), 0x1000)


def becomes_a_program_that_is_in_no_file(world):
    descriptor = os.memfd_create("program")
    os.write(descriptor, read("/bin/sh", 1 << 24))
    os.execve(descriptor, shell(world["directory"]), {})


def becomes_a_program_by_the_loader(world):
    """The dynamic loader as the program: it needs no right to execute what it loads."""
    loader = next(
        line.split()[-1] for line in read("/proc/self/maps", 1 << 20).decode().splitlines() if "/ld-linux" in line)
    os.execv(loader, [loader, "/bin/sh"] + shell(world["directory"])[1:])


def is_lifted_by_a_setuid_program(world):
    """As nobody, reads with root's rights."""
    return subprocess.run(
        [world["setuid"], world["secret"]], capture_output=True,
        **({"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {})).stdout
