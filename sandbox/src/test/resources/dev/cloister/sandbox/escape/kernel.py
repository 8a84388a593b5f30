"""Ways into the kernel that no function needs: devices, rings, programs, keys, queues, terminals."""
import fcntl
import mmap
import stat
import struct
import termios


def opened(world, name, flags=os.O_RDWR):
    if name not in world["devices"]:
        raise Absent("/dev/" + name)
    return os.open("/dev/" + name, flags | os.O_NONBLOCK | os.O_NOCTTY)


def opens_the_kernels_log(world):
    return len(os.read(opened(world, "kmsg", os.O_RDONLY), 8192)) > 0


def opens_the_console(world):
    return opened(world, "console", os.O_WRONLY) >= 0


def opens_fuse(world):
    return opened(world, "fuse") >= 0


def makes_a_virtual_machine(world):
    return fcntl.ioctl(opened(world, "kvm"), 0xAE01, 0) >= 0


def makes_a_network_card(world):
    """In a network namespace of its own, where that can be had."""
    try:
        call("unshare", 0x40000000)
    except OSError:
        pass
    fcntl.ioctl(opened(world, "net/tun"), 0x400454CA, struct.pack("16sH22x", b"escape%d", 0x1001))
    return True


def opens_the_loop_devices(world):
    return opened(world, "loop-control") >= 0


def opens_a_file_system_driver(world):
    return opened(world, "btrfs-control") >= 0


def opens_the_random_generators_hardware(world):
    return opened(world, "hwrng", os.O_RDONLY) >= 0


def opens_the_way_to_other_machines(world):
    return opened(world, "vsock", os.O_RDONLY) >= 0


def opens_user_faults_by_the_device(world):
    return fcntl.ioctl(opened(world, "userfaultfd"), 0xAA00, 0) >= 0


def handles_its_own_page_faults(world):
    return call("userfaultfd", 0) >= 0


def reads_a_device_by_a_node_of_its_own(world):
    """The kernel's log, which is character device 1, 11, wherever its name is."""

    def by(directory):
        path = os.path.join(directory, "node-%d" % os.getpid())
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 11))
        try:
            return len(os.read(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 8192)) > 0
        finally:
            os.unlink(path)

    return first([lambda d=d: by(d) for d in own_directories() + [world["directory"]]])


def writes_to_a_terminal(world):
    """Escape sequences to a user's screen."""
    write(world["terminal"], b"\x1b]0;here\x07\x1b[2J")


def types_into_a_terminal(world):
    descriptor = os.open(world["terminal"], os.O_RDWR | os.O_NOCTTY)
    for letter in b"here\n":
        fcntl.ioctl(descriptor, termios.TIOCSTI, bytes([letter]))


def types_into_its_own_terminal(world):
    """Whichever of its descriptors is one, after making it its own."""
    descriptor = first([
        lambda: next(d for d in range(16) if os.isatty(d)) if any(map(os.isatty, range(16))) else write("/dev/tty", b""),
        lambda: os.open(world["terminal"], os.O_RDWR)])
    fcntl.ioctl(descriptor, termios.TIOCSTI, b"x")


def has_a_ring_of_requests(world):
    return call("io_uring_setup", 4, ctypes.create_string_buffer(120)) >= 0


def reads_a_file_by_a_ring(world):
    """io_uring: open and read without the calls open and read."""
    path = ctypes.create_string_buffer(world["readable"].encode())
    buffer = ctypes.create_string_buffer(64)
    ring = Ring()
    descriptor = ring.ask(18, -100, ctypes.addressof(path), 0)
    length = ring.ask(22, descriptor, ctypes.addressof(buffer), 64)
    return buffer.raw[:length]


class Ring:
    """One request after the other; io_uring(7)."""

    def __init__(self):
        parameters = ctypes.create_string_buffer(120)
        self.descriptor = call("io_uring_setup", 4, parameters)
        entries, completions = struct.unpack_from("II", parameters)
        self.queue = struct.unpack_from("8I", parameters, 40)
        self.done = struct.unpack_from("8I", parameters, 80)
        size = max(self.queue[6] + 4 * entries, self.done[5] + 16 * completions)
        self.rings = mmap.mmap(self.descriptor, size)
        self.requests = mmap.mmap(self.descriptor, 64 * entries, offset=0x10000000)

    def ask(self, operation, descriptor, address, length):
        self.requests[:64] = struct.pack("<BBHiQQII", operation, 0, 0, descriptor, 0, address, length, 0).ljust(64, b"\0")
        tail = struct.unpack_from("I", self.rings, self.queue[1])[0]
        struct.pack_into("I", self.rings, self.queue[6] + 4 * (tail & 3), 0)
        struct.pack_into("I", self.rings, self.queue[1], tail + 1)
        call("io_uring_enter", self.descriptor, 1, 1, 1, None, 0)
        head = struct.unpack_from("I", self.rings, self.done[0])[0]
        result = struct.unpack_from("i", self.rings, self.done[5] + 16 * (head & 7) + 8)[0]
        struct.pack_into("I", self.rings, self.done[0], head + 1)
        if result < 0:
            raise OSError(-result, os.strerror(-result))
        return result


def has_a_map_in_the_kernel(world):
    return call("bpf", 0, ctypes.create_string_buffer(struct.pack("IIII", 2, 4, 4, 1), 72), 72) >= 0


def loads_a_program_into_the_kernel(world):
    program = ctypes.create_string_buffer(bytes.fromhex("b700000000000000 9500000000000000"))
    licence = ctypes.create_string_buffer(b"GPL")
    attributes = struct.pack("IIQQ", 1, 2, ctypes.addressof(program), ctypes.addressof(licence))
    return call("bpf", 5, ctypes.create_string_buffer(attributes, 72), 72) >= 0


def reads_a_key_by_its_number(world):
    return key(world["key"])


def finds_a_key_by_its_name(world):
    return key(call("keyctl", 10, -4, b"user", world["keyName"].encode(), 0))


def requests_a_key(world):
    return key(call("request_key", b"user", world["keyName"].encode(), None, 0))


def key(number):
    buffer = ctypes.create_string_buffer(64)
    length = call("keyctl", 11, number, buffer, 64)
    return buffer.raw[:length]


def keeps_a_secret_in_the_kernel(world):
    """In the keyring of its process, which dies with it."""
    return key(call("add_key", b"user", b"escape", b"here", 4, -2)) == b"here"


def joins_another_session_of_keys(world):
    return call("keyctl", 1, None) > 0


def attached(segment):
    libc.shmat.restype = ctypes.c_void_p
    address = libc.shmat(segment, None, 0)
    if address == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return address


def reads_a_shared_segment(world):
    return ctypes.string_at(attached(world["segment"]), 64)


def writes_a_shared_segment(world):
    ctypes.memmove(attached(world["segment"]) + 64, b"changed", 7)


def leaves_a_segment_behind(world):
    """Memory that outlives its process; taken away here at once."""
    segment = call("shmget", 0, 1 << 20, 0o1600)
    call("shmctl", segment, 0, None)
    return True


def takes_a_message_of_others(world):
    buffer = ctypes.create_string_buffer(128)
    length = call("msgrcv", world["queue"], buffer, 64, 0, 0x800)
    return buffer.raw[8:8 + length]


def sends_a_message_to_others(world):
    call("msgsnd", world["queue"], ctypes.create_string_buffer(struct.pack("l4s", 1, b"here"), 64), 4, 0x800)


def turns_a_semaphore_of_others(world):
    call("semop", world["semaphore"], ctypes.create_string_buffer(struct.pack("Hhh", 0, 1, 0x800)), 1)


def takes_a_message_of_a_named_queue(world):
    descriptor = call("mq_open", world["posixQueue"].encode(), os.O_RDWR | os.O_NONBLOCK, 0, None)
    buffer = ctypes.create_string_buffer(8192)
    length = call("mq_timedreceive", descriptor, buffer, 8192, None, None)
    return buffer.raw[:length]


def sends_a_message_to_a_named_queue(world):
    descriptor = call("mq_open", world["posixQueue"].encode(), os.O_RDWR | os.O_NONBLOCK, 0, None)
    call("mq_timedsend", descriptor, b"here", 4, 0, None)
