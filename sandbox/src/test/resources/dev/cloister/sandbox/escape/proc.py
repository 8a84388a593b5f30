"""What /proc and /sys tell of the host and of its processes, and take."""


def of(world, name):
    return "/proc/%d/%s" % (world["pid"], name)


def reads_a_process_environment(world):
    return read(of(world, "environ"))


def reads_a_process_arguments(world):
    return read(of(world, "cmdline"))


def reads_every_process_name(world):
    names = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                names.append(read("/proc/%s/comm" % entry))
            except OSError:
                pass
    return b" ".join(names)


def reads_a_process_memory_map(world):
    return read(of(world, "maps"), 1 << 20)


def reads_a_process_memory(world):
    with open(of(world, "mem"), "rb", buffering=0) as memory:
        memory.seek(world["memory"])
        return memory.read(32)


def writes_a_process_memory(world):
    with open(of(world, "mem"), "r+b", buffering=0) as memory:
        memory.seek(world["victimMemory"])
        memory.write(b"changed")


def opens_a_process_unlinked_file(world):
    with open(of(world, "fd/%d" % world["descriptor"]), "rb", buffering=0) as file:
        file.seek(0)
        return file.read(32)


def reads_through_a_process_root(world):
    return read(of(world, "root") + world["secret"])


def reads_through_its_parents_root(world):
    return read("/proc/%d/root" % os.getppid() + world["readable"])


def reads_through_a_process_working_directory(world):
    return read(of(world, "cwd") + "/readable")


def reads_its_parents_environment(world):
    return len(read("/proc/%d/environ" % os.getppid())) > 0


def finds_the_hosts_environment_in_its_own(world):
    return any(name in os.environ for name in ("PATH", "HOME", "ESCAPE")) or b"PATH=" in read("/proc/self/environ")


def makes_a_process_the_first_to_be_killed(world):
    write(of(world, "oom_score_adj"), b"500")


def lists_the_hosts_listening_ports(world):
    return b":%04X" % world["tcp4"] in read("/proc/net/tcp", 1 << 20)


def lists_the_hosts_unix_sockets(world):
    return read("/proc/net/unix", 1 << 20)


def sets_a_setting_of_the_kernels(world):
    """The program for core files, which root's kernel starts outside every container. It stays what it was."""
    path = "/proc/sys/kernel/core_pattern"
    before = read(path)
    return write(path, before) == len(before)


def learns_the_kernels_addresses(world):
    return any(int(line.split()[0], 16) for line in read("/proc/kallsyms").splitlines()[:64])


def learns_the_kernels_command_line(world):
    return len(read("/proc/cmdline")) > 0


def learns_physical_addresses(world):
    """Page frame numbers, as for rowhammer."""
    page = ctypes.create_string_buffer(b"touched", 4096)
    with open("/proc/self/pagemap", "rb", buffering=0) as pagemap:
        pagemap.seek(ctypes.addressof(page) // 4096 * 8)
        return int.from_bytes(pagemap.read(8), "little") & (1 << 55) - 1 != 0


def learns_the_hosts_network_addresses(world):
    cards = [card for card in os.listdir("/sys/class/net") if card != "lo"]
    if not cards:
        raise Absent("a network card")
    return any(len(read("/sys/class/net/%s/address" % card)) == 18 for card in cards)


def reads_the_kernels_types(world):
    return first([lambda: read("/sys/kernel/btf/vmlinux", 64), lambda: read("/sys/kernel/notes", 64)]) != b""


def learns_what_hardware_the_host_has(world):
    return bool(os.listdir("/sys/class/block"))


def makes_a_control_group(world):
    if "cgroup" not in world:
        raise Absent("a writable control group hierarchy")
    os.mkdir(world["cgroup"])


def reads_the_kernels_log(world):
    """syslog(2): the last lines, and none of them taken away."""
    line = ctypes.create_string_buffer(4096)
    return call("syslog", 3, line, 4096) > 0
