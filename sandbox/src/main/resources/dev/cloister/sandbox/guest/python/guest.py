"""Runs one function: takes its code from the host, and leaves it nothing but the module `cell`.

Run by loader.py, with cell.py beside it. Only what the interpreter has built in is imported
before the function's code, since every file opened here is opened at each start.
"""
import posix
import sys

PROTOCOL = b"cloister\0\1"
PARENT_DEATH_SIGNAL, KILL = 1, 9


def private_channel():
    """Moves the channel away from descriptors 0 and 1, so that a stray print or input() cannot reach it."""
    posix.closerange(3, min(max(posix.sysconf("SC_OPEN_MAX"), 256), 1 << 16))
    source, sink = posix.dup(0), posix.dup(1)
    empty, closed = posix.pipe()
    posix.dup2(empty, 0)
    posix.dup2(2, 1)
    posix.close(empty)
    posix.close(closed)
    sys.stdout = sys.__stdout__ = sys.stderr
    return source, sink


def forget_surroundings():
    """All but the way to the function's own proxy, where its image has one: that is for the function."""
    for name in list(posix.environ):
        if name != b"ALL_PROXY":
            posix.unsetenv(name)
            del posix.environ[name]
    sys.argv[:] = ["function"]
    sys.orig_argv = []


def load_module():
    """The module `cell`, from beside this file; no directory is added to where imports look."""
    cell = type(sys)("cell")
    exec(content("cell"), cell.__dict__)
    sys.modules["cell"] = cell
    return cell


def find_prctl():
    """A way to call prctl(2), or None in an image without _ctypes. The package ctypes would cost milliseconds.

    None too for the first process of a namespace: it dies with whoever made that."""
    if posix.getpid() == 1:
        return None
    try:
        import _ctypes

        address = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")
        return lambda *arguments: _ctypes.call_function(address, arguments)
    except (ImportError, OSError):
        return None


def die_with(parent, prctl):
    """The host's death takes the function along, even one that never calls. The host loads only when the thread
    that started this process is gone, for the signal comes with that thread's death (prctl(2))."""
    if prctl is not None:
        prctl(PARENT_DEATH_SIGNAL, KILL)
    if posix.getppid() != parent:
        posix._exit(70)


def run(code, module):
    exec(compile(code, "<function>", "exec"), module.__dict__)
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()


def exit_code(request):
    if request.code is None:
        return 0
    if isinstance(request.code, int):
        return request.code & 0xFF
    print(request.code)
    return 1


def last_line(error):
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        name = "%s.%s" % (kind.__module__, name)
    try:
        text = str(error)
    except BaseException:
        text = "<its text cannot be had>"
    line = (name + ": " + text if text else name).encode("utf-8", "replace")
    return line[:512].decode("utf-8", "ignore").encode()


def show(error):
    try:
        ours = error.__traceback__
        error.__traceback__ = ours and ours.tb_next and ours.tb_next.tb_next
        sys.__excepthook__(type(error), error, error.__traceback__)
    except BaseException:
        pass  # its last line is told all the same


def main():
    parent = posix.getppid()
    source, sink = private_channel()
    forget_surroundings()
    cell = load_module()
    channel = cell._channel = cell._Channel(source, sink)
    channel.write(0x01, PROTOCOL)
    prctl = find_prctl()  # while the host makes ready
    kind, load = channel.read()
    if kind != 0x02 or load[:2] != PROTOCOL[-2:]:
        posix._exit(70)
    channel.limit = int.from_bytes(load[2:6], "big")
    posix.register_at_fork(after_in_child=channel.forked)
    die_with(parent, prctl)
    function = type(sys)("__main__")
    sys.modules["__main__"] = function
    reserve = bytes(1 << 20)  # untouched address space, so that running out of it can still be told
    end, word = 0x20, b"\0"
    try:
        run(load[6:], function)
    except SystemExit as request:
        word = bytes((exit_code(request),))
    except BaseException as error:
        if isinstance(error, MemoryError):
            del reserve
            function.__dict__.clear()
            load = error.__traceback__ = error.__context__ = None
        end, word = 0x21, last_line(error)
        show(error)
    try:
        channel.end(end, word)
    finally:
        cell._leave(word[0] if end == 0x20 else 1)


main()
