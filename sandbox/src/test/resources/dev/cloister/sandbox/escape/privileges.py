"""Other users, capabilities, namespaces, roots and mounts. What changes the process itself is done by it alone and
dies with it; a mount is made in a mount namespace of its own, or else where the bystander's directory is."""
import signal

NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME = (
    0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80)
PRIVATE, RECURSIVE, BIND, REMOUNT = 1 << 18, 1 << 14, 1 << 12, 1 << 5


def becomes_another_user(world):
    os.setresuid(12345, 12345, 12345)
    return os.getuid() == 12345


def becomes_another_group(world):
    os.setresgid(12345, 12345, 12345)
    return os.getgid() == 12345


def joins_other_groups(world):
    os.setgroups([0, 6, 12345])
    return 12345 in os.getgroups()


def is_root(world):
    """Root's rights where it counts: on a file of root's alone."""
    os.setuid(0)
    return read(world["secret"])


def takes_capabilities(world):
    header = ctypes.create_string_buffer(0x20080522.to_bytes(4, "little"), 8)
    admin = (1 << 21).to_bytes(4, "little")
    return call("capset", header, ctypes.create_string_buffer(admin * 2 + bytes(16), 24)) == 0


def keeps_capabilities_over_a_program(world):
    return call("prctl", 28, 1 << 4, 0, 0, 0) == 0  # PR_SET_SECUREBITS


def turns_the_random_addresses_off(world):
    call("personality", 0x0040000)
    return call("personality", 0xFFFFFFFF) == 0x0040000


def changes_its_segment_table(world):
    entry = ctypes.create_string_buffer(16)
    entry[12] = 1
    return call("modify_ldt", 1, entry, 16) >= 0


def has_a_user_namespace(world):
    return call("unshare", NEWUSER) == 0


def has_a_mount_namespace(world):
    return call("unshare", NEWNS) == 0


def has_a_network_namespace(world):
    return call("unshare", NEWNET) == 0


def has_a_process_namespace(world):
    return call("unshare", NEWPID) == 0


def has_other_namespaces(world):
    return call("unshare", NEWUTS | NEWIPC | NEWCGROUP) == 0


def has_a_namespace_of_time(world):
    return call("unshare", NEWTIME) == 0


def has_a_user_namespace_by_clone(world):
    child = call("clone", NEWUSER | 17, 0, 0, 0, 0)
    if child == 0:
        libc._exit(0)
    return child > 0


def joins_the_hosts_mount_namespace(world):
    call("setns", os.open("/proc/%d/ns/mnt" % world["pid"], os.O_RDONLY), NEWNS)
    return read(world["secret"])


def joins_the_hosts_network_namespace(world):
    return call("setns", os.open("/proc/%d/ns/net" % world["pid"], os.O_RDONLY), NEWNET) == 0


def joins_all_namespaces_of_a_process(world):
    call("setns", call("pidfd_open", world["pid"], 0), NEWNS | NEWNET | NEWIPC | NEWUTS)
    return read(world["secret"])


def leaves_its_root_by_chroot(world):
    """The old way out of a changed root: a second one, with the working directory outside it."""
    inner = os.path.join(first([lambda d=d: d for d in own_directories()]), "root-%d" % os.getpid())
    os.mkdir(inner)
    outer = os.open("/", os.O_RDONLY)
    try:
        os.chroot(inner)
        os.fchdir(outer)
        for _ in range(64):
            os.chdir("..")
        os.chroot(".")
        return read(world["secret"])
    finally:
        os.rmdir(inner)


def alone_with_its_mounts():
    """A mount namespace whose mounts are nobody else's, where that can be had."""
    try:
        call("unshare", NEWNS)
        call("mount", b"none", b"/", None, RECURSIVE | PRIVATE, None)
    except OSError:
        pass


def mounts_a_file_system(world):
    alone_with_its_mounts()
    return call("mount", b"none", world["named"].encode(), b"tmpfs", 0, None) == 0


def mounts_the_hosts_processes(world):
    alone_with_its_mounts()
    call("mount", b"none", world["named"].encode(), b"proc", 0, None)
    return read(world["named"] + "/%d/environ" % world["pid"])


def mounts_a_directory_elsewhere(world):
    alone_with_its_mounts()
    call("mount", world["directory"].encode(), b"/mnt", None, BIND, None)
    return read("/mnt/secret")


def makes_a_mount_writable(world):
    alone_with_its_mounts()
    if not os.path.ismount("/usr"):
        call("mount", b"/usr", b"/usr", None, BIND, None)
    return call("mount", b"none", b"/usr", None, BIND | REMOUNT, None) == 0


def takes_a_mount_away(world):
    alone_with_its_mounts()
    return call("umount2", b"/proc", 2) == 0


def changes_its_root_by_pivot_root(world):
    alone_with_its_mounts()
    target = world["named"].encode()
    call("mount", b"none", target, b"tmpfs", 0, None)
    os.mkdir(target + b"/old")
    call("pivot_root", target, target + b"/old")
    return read("/old" + world["secret"])


def makes_a_file_system_in_steps(world):
    descriptor = call("fsopen", b"tmpfs", 0)
    call("fsconfig", descriptor, 6, None, None, 0)
    return call("fsmount", descriptor, 0, 0) >= 0


def copies_the_tree_of_mounts(world):
    tree = call("open_tree", -100, b"/", 1)
    with open(os.open(world["secret"][1:], os.O_RDONLY, dir_fd=tree), "rb") as file:
        return file.read()


def names_the_host(world):
    """As it is named already, lest it were the real one."""
    name = os.uname().nodename.encode()
    return call("sethostname", name, len(name)) == 0


def names_the_domain(world):
    name = read("/proc/sys/kernel/domainname").strip() if os.access("/proc/sys/kernel/domainname", os.R_OK) else b"-"
    return call("setdomainname", name, len(name)) == 0


def sets_the_clock(world):
    """To nothing: the kernel asks for the right first, and then there is nothing to set."""
    return call("settimeofday", None, None) == 0


def restarts_a_machine_of_its_own(world):
    """reboot(2), which in a process namespace of one's own only ends its first process."""
    child = call("clone", NEWPID | 17, 0, 0, 0, 0)
    if child == 0:
        if libc.getpid() == 1:
            libc.syscall(NUMBERS["reboot"][COLUMN], 0xFEE1DEAD, 672274793, 0x01234567, 0)
        libc._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGHUP
