"""Tries one attack on a process: python3 attack.py ACT PID PLAIN SECRET; says what came of it.

PLAIN and SECRET are addresses at which the word "canary" stands.
"""
import ctypes
import errno
import os
import signal
import subprocess
import sys

act, pid, plain, secret = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
libc = ctypes.CDLL(None, use_errno=True)


def syscall(*arguments):
    result = libc.syscall(*[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def memory(address):
    with open(f"/proc/{pid}/mem", "rb", 0) as file:
        file.seek(address)
        return file.read(6) == b"canary"


def copied(address):
    class Vector(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    here = ctypes.create_string_buffer(6)
    to, source = Vector(ctypes.addressof(here), 6), Vector(address, 6)
    syscall(310, pid, ctypes.byref(to), 1, ctypes.byref(source), 1, 0)
    return here.raw == b"canary"


def ptrace():
    seize, detach = 0x4206, 17
    syscall(101, seize, pid, 0, 0)
    os.kill(pid, 0)
    return True


def said(word, *command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    return word in done.stdout


def core():
    where = os.path.join(os.environ.get("ATTACK_DIRECTORY", "/tmp"), f"gcore-{os.getuid()}")
    subprocess.run(["gcore", "-o", where, str(pid)], capture_output=True, stdin=subprocess.DEVNULL)
    file = f"{where}.{pid}"
    if not os.path.exists(file):
        return False
    os.remove(file)
    return True


def overwritten():
    with open(f"/proc/{pid}/mem", "r+b", 0) as file:
        file.seek(plain)
        return file.write(b"canary") == 6


def injected():
    """Has the process itself copy its secret to where anything can be read; and zeroes that again."""
    here = plain + 8
    script = [
        "handle SIGSEGV nostop noprint pass",
        "set scheduler-locking on",
        f"call (void*)memcpy((void*){here}, (void*){secret}, 6)",
        f"x/s (char*){here}",
        f"call (void*)memset((void*){here}, 0, 6)",
    ]
    lines = [word for line in script for word in ("-ex", line)]
    return said('"canary"', "gdb", "-batch", "-p", str(pid), *lines)


def thief():
    handle = syscall(434, pid, 0)
    return syscall(438, handle, 0, 0) >= 0


acts = {
    "memory": lambda: memory(plain),
    "secret": lambda: memory(secret),
    "copy": lambda: copied(plain),
    "copy-secret": lambda: copied(secret),
    "environment": lambda: bool(open(f"/proc/{pid}/environ", "rb").read()),
    "map": lambda: bool(open(f"/proc/{pid}/maps", "rb").read()),
    "descriptors": lambda: bool(os.listdir(f"/proc/{pid}/fd")),
    "steal-descriptor": thief,
    "ptrace": ptrace,
    "gdb": lambda: said('"canary"', "gdb", "-batch", "-p", str(pid), "-ex", f"x/s (char*){plain}"),
    "gdb-secret": lambda: said('"canary"', "gdb", "-batch", "-p", str(pid), "-ex", f"x/s (char*){secret}"),
    "gcore": core,
    "overwrite": overwritten,
    "inject": injected,
    "stop": lambda: os.kill(pid, signal.SIGSTOP) is None and os.kill(pid, signal.SIGCONT) is None,
}

try:
    print("succeeds" if acts[act]() else "refused")
except OSError as refusal:
    print("refused", errno.errorcode[refusal.errno])
