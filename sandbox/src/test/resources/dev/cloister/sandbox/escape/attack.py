"""What the attacks of all areas share; in front of each one's code. An attack takes the world's coordinates and
returns loot (bytes or text, in which the world's canary must be), True when a system call did what no guest may,
or nothing when the world itself will have noticed. What is refused raises OSError."""
import ctypes
import errno
import json
import os
import sys

# Numbers of system calls: x86-64, then the generic table.
NUMBERS = {
    "add_key": (248, 217), "bpf": (321, 280), "capset": (126, 91), "clone": (56, 220), "clone3": (435, 435),
    "execveat": (322, 281), "fanotify_init": (300, 262), "fanotify_mark": (301, 263), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fsopen": (430, 430), "get_robust_list": (274, 100), "inotify_add_watch": (254, 27),
    "inotify_init1": (294, 26), "io_uring_enter": (426, 426), "io_uring_setup": (425, 425), "ioprio_set": (251, 30),
    "kcmp": (312, 272), "keyctl": (250, 219), "memfd_secret": (447, 447), "mlock": (149, 228),
    "modify_ldt": (154, None), "mount": (165, 40), "mq_open": (240, 180), "mq_timedreceive": (243, 183),
    "mq_timedsend": (242, 182), "msgrcv": (70, 188), "msgsnd": (69, 189), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "open_tree": (428, 428), "perf_event_open": (298, 241), "personality": (135, 92),
    "pidfd_getfd": (438, 438), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pivot_root": (155, 41),
    "prctl": (157, 167), "process_madvise": (440, 440), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "ptrace": (101, 117), "reboot": (169, 142), "request_key": (249, 218),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "semop": (65, 193), "setdomainname": (171, 162),
    "sethostname": (170, 161), "setns": (308, 268), "settimeofday": (164, 170), "shmctl": (31, 195),
    "shmget": (29, 194), "syslog": (103, 116), "tgkill": (234, 131), "tkill": (200, 130), "umount2": (166, 39),
    "unshare": (272, 97), "userfaultfd": (323, 282),
}
COLUMN = 0 if os.uname().machine == "x86_64" else 1

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


class Absent(Exception):
    """This host has no such thing: there is nothing to escape by."""


def call(name, *arguments):
    """A raw system call, past whatever Python or the C library would do about it."""
    number = NUMBERS[name][COLUMN]
    if number is None:
        raise Absent(name + " on this processor")
    result = libc.syscall(ctypes.c_long(number), *map(word, arguments))
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), name)
    return result


def word(argument):
    if isinstance(argument, int):
        return ctypes.c_long(argument)
    if isinstance(argument, bytes):
        return ctypes.c_char_p(argument)
    return argument if argument is None else ctypes.byref(argument)


def read(path, size=1 << 16):
    found = b""
    with open(path, "rb", buffering=0) as file:
        while len(found) < size and (more := file.read(size - len(found))):
            found += more
    return found


def write(path, data, flags=os.O_WRONLY):
    descriptor = os.open(path, flags | os.O_NOCTTY)
    try:
        return os.write(descriptor, data)
    finally:
        os.close(descriptor)


def first(attempts):
    """The first that does not fail; when all do, the last one's error."""
    refusal = OSError(errno.EPERM, "nothing to try")
    for attempt in attempts:
        try:
            return attempt()
        except OSError as error:
            refusal = error
    raise refusal


def attempted(work, argument):
    """What it gives, or nothing."""
    try:
        return work(argument)
    except OSError:
        return None


def own_directories():
    """Where a function may be able to make files."""
    return [directory for directory in (os.getcwd(), "/tmp", "/dev/shm", "/var/tmp") if os.access(directory, os.W_OK)]


def in_a_child(work):
    """Does the work in a forked child, which must come back with bytes; what fails there fails here."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            result = b"+" + work()
        except OSError as error:
            result = b"-%d" % (error.errno or errno.EPERM)
        except BaseException as error:
            result = b"!" + repr(error).encode()
        os.write(writing, result)
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as told:
        result = told.read()
    os.waitpid(child, 0)
    if result[:1] == b"+":
        return result[1:]
    number = int(result[1:]) if result[:1] == b"-" else errno.ECHILD
    if result[:1] == b"!":
        raise AssertionError(result.decode())
    raise OSError(number, os.strerror(number))


def verdict(attack, world):
    try:
        result = attack(world)
    except Absent as error:
        return "absent", str(error)
    except OSError as error:
        name = errno.errorcode.get(error.errno, "?")
        return "absent" if name in ("ENOSYS", "EAFNOSUPPORT", "EPROTONOSUPPORT") else "refused", name + " " + str(error)
    except MemoryError:
        return "refused", "out of memory"
    except Exception as error:
        if type(error).__name__ == "Refused":
            return "refused", str(error)
        return "fault", repr(error)
    if result is True:
        return "escaped", ""
    if result is None or result is False:
        return "nothing", ""
    return "loot", (result if isinstance(result, str) else result.decode("latin-1"))


def attempt(name):
    """Runs one attack. That it was begun is told first, so that an end without a verdict can be judged."""
    import cell

    world = json.loads(cell.store.get("data"))
    attack = globals()[name]
    cell.send(b"begun")
    outcome, text = verdict(attack, world)
    cell.send((outcome + " " + text).encode("latin-1", "replace"))
