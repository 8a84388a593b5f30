"""Files of the host: their bytes, names and times; and making, changing and watching them."""
import threading
import time


def reads_what_only_root_may_read(world):
    return read(world["secret"])


def reads_what_everyone_may_read(world):
    return read(world["readable"])


def reads_by_climbing_with_dots(world):
    return read("../" * 40 + world["readable"][1:])


def through(world, make, directories):
    """Reads by a link that is made where one can be."""
    def within(directory):
        link = os.path.join(directory, "link-%d" % os.getpid())
        make(world["readable"], link)
        try:
            return read(link)
        finally:
            os.unlink(link)

    return first([lambda d=d: within(d) for d in directories])


def reads_through_a_symbolic_link_of_its_own(world):
    return through(world, os.symlink, own_directories())


def reads_through_a_hard_link_of_its_own(world):
    return through(world, os.link, own_directories() + [world["directory"]])


def wins_a_race_of_symbolic_links(world):
    """A path that is checked as harmless and opened as the secret: the check is this process's own, as a naive
    host's would be; behind a boundary no turn of the race gives the secret."""
    directory = first([lambda d=d: d for d in own_directories()])
    path, plain = [os.path.join(directory, "%s-%d" % (name, os.getpid())) for name in ("race", "plain")]
    open(plain, "w").close()
    os.symlink(plain, path)
    over = threading.Event()

    def swap():
        while not over.is_set():
            for target in (plain, world["secret"]):
                os.symlink(target, path + "+")
                os.replace(path + "+", path)

    thread = threading.Thread(target=swap)
    sys.setswitchinterval(1e-6)
    try:
        thread.start()
    except RuntimeError as error:
        raise OSError(errno.EAGAIN, str(error))
    try:
        until = time.monotonic() + 5
        while time.monotonic() < until:
            if os.path.realpath(path) != world["secret"] and (content := read(path)):
                return content
        raise OSError(errno.EAGAIN, "the race was lost each time")
    finally:
        over.set()
        thread.join()
        for name in (path, path + "+", plain):
            if os.path.lexists(name):
                os.unlink(name)


def lists_a_directory(world):
    return "\n".join(os.listdir(world["named"]))


def learns_when_a_file_was_changed(world):
    return "%014x" % os.stat(world["timed"]).st_mtime_ns


def reads_by_a_handle_instead_of_a_path(world):
    """open_by_handle_at(2), which looks at no directory on the way."""
    handle = ctypes.create_string_buffer(bytes.fromhex(world["handle"]))

    def within(mount):
        descriptor = os.open(mount, os.O_RDONLY)
        try:
            return os.read(call("open_by_handle_at", descriptor, handle, os.O_RDONLY), 64)
        finally:
            os.close(descriptor)

    return first([lambda m=m: within(m) for m in (world["directory"], "/", "/usr", "/tmp", "/lib")])


def makes_a_handle_of_a_file(world):
    handle = ctypes.create_string_buffer(128)
    handle[0] = 120
    mount = ctypes.c_int()
    return call("name_to_handle_at", -100, world["readable"].encode(), handle, mount, 0) == 0


def makes_a_file(world):
    write(os.path.join(world["directory"], "made"), b"here", os.O_WRONLY | os.O_CREAT)


def makes_a_directory(world):
    os.mkdir(os.path.join(world["directory"], "made"))


def makes_a_named_pipe(world):
    os.mkfifo(os.path.join(world["directory"], "made"))


def makes_a_symbolic_link(world):
    os.symlink("/etc/passwd", os.path.join(world["directory"], "made"))


def overwrites_a_file(world):
    write(world["open"], b"changed")


def truncates_a_file(world):
    os.truncate(world["open"], 0)


def renames_a_file(world):
    os.rename(world["moved"], world["moved"] + "-away")


def removes_a_file(world):
    os.unlink(world["moved"])


def changes_the_mode_of_a_file(world):
    os.chmod(world["open"], 0o4777)


def changes_the_owner_of_a_file(world):
    os.chown(world["open"], 12345, 12345)


def changes_the_times_of_a_file(world):
    os.utime(world["open"])


def adds_an_attribute_to_a_file(world):
    os.setxattr(world["open"], "user.escape", b"here")


def watches_a_directory_with_inotify(world):
    descriptor = call("inotify_init1", 0)
    return call("inotify_add_watch", descriptor, world["named"].encode(), 0xFFF) >= 0


def watches_a_directory_with_fanotify(world):
    descriptor = call("fanotify_init", 0, os.O_RDONLY)
    return call("fanotify_mark", descriptor, 1, 0x08000020, -100, world["named"].encode()) == 0


def reads_shared_memory_by_its_file(world):
    return read(world["file"])


def writes_shared_memory_by_its_file(world):
    write(world["file"], b"changed")


def reads_the_hosts_password_hashes(world):
    return b"root:" in read("/etc/shadow")


def learns_what_the_hosts_python_has_installed(world):
    if not world["packages"]:
        raise Absent("a directory of Python's packages")
    return bool(os.listdir(world["packages"]))


def imports_a_module_of_the_hosts(world):
    sys.path.insert(0, world["directory"])
    try:
        import escape_module
    except ImportError as error:
        raise OSError(errno.ENOENT, str(error))
    return escape_module.SECRET


def loads_a_library_of_the_hosts(world):
    ctypes.CDLL(world["library"])
    return world["library"] in read("/proc/self/maps", 1 << 20).decode()
