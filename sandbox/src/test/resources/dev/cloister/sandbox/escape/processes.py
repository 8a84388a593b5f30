"""Other processes: their memory, their descriptors, their signals, and what the kernel keeps of them."""
import resource
import signal
import socket

SEIZE, INTERRUPT, PEEK, POKE, DETACH = 0x4206, 0x4207, 2, 5, 17


def seized(world, work):
    """Stops the process, as a debugger does, and lets it go on."""
    pid = world["pid"]
    call("ptrace", SEIZE, pid, 0, 0)
    try:
        call("ptrace", INTERRUPT, pid, 0, 0)
        os.waitpid(pid, 0x40000000)
        return work(pid)
    finally:
        call("ptrace", DETACH, pid, 0, 0)


def reads_memory_as_a_debugger(world):
    def peek(pid):
        found, cell = b"", ctypes.c_long()
        for offset in range(0, 32, 8):
            call("ptrace", PEEK, pid, world["memory"] + offset, cell)
            found += bytes(cell)
        return found

    return seized(world, peek)


def writes_memory_as_a_debugger(world):
    seized(world, lambda pid: call("ptrace", POKE, pid, world["victimMemory"], int.from_bytes(b"changed!", "little")))


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def copied(name, world, address, buffer, length):
    local = Vector(ctypes.addressof(buffer), length)
    remote = Vector(address, length)
    return call(name, world["pid"], local, 1, remote, 1, 0)


def reads_memory_with_process_vm_readv(world):
    buffer = ctypes.create_string_buffer(32)
    copied("process_vm_readv", world, world["memory"], buffer, 32)
    return buffer.raw


def writes_memory_with_process_vm_writev(world):
    copied("process_vm_writev", world, world["victimMemory"], ctypes.create_string_buffer(b"changed"), 7)


def advises_on_another_process_memory(world):
    vector = Vector(world["memory"] & ~4095, 4096)
    return call("process_madvise", call("pidfd_open", world["pid"], 0), vector, 1, 20, 0) > 0


def takes_a_descriptor_of_another_process(world):
    pidfd = call("pidfd_open", world["pid"], 0)
    return os.pread(call("pidfd_getfd", pidfd, world["descriptor"], 0), 32, 0)


def holds_another_process_by_a_descriptor(world):
    return call("pidfd_open", world["pid"], 0) >= 0


def compares_what_two_processes_share(world):
    return call("kcmp", world["pid"], os.getpid(), 1, 0, 0) >= 0


def learns_an_address_in_another_process(world):
    head, length = ctypes.c_void_p(), ctypes.c_size_t()
    return call("get_robust_list", world["pid"], head, length) == 0


def counts_what_another_process_does(world):
    return perf_event(world["pid"]) >= 0


def counts_what_the_processor_does(world):
    return perf_event(0) >= 0


def perf_event(pid):
    attributes = ctypes.create_string_buffer(128)
    attributes[0], attributes[4] = 1, 128
    return call("perf_event_open", attributes, pid, -1, -1, 0)


def kills_a_process(world):
    os.kill(world["mortal"], signal.SIGKILL)


def kills_a_process_group(world):
    os.killpg(world["mortal"], signal.SIGKILL)


def signals_a_process(world):
    os.kill(world["pid"], signal.SIGUSR1)


def signals_a_thread(world):
    call("tkill", world["pid"], signal.SIGUSR1)


def signals_a_thread_of_a_group(world):
    call("tgkill", world["pid"], world["pid"], signal.SIGUSR1)


def signals_with_a_value(world):
    call("rt_sigqueueinfo", world["pid"], signal.SIGUSR1, signal_information())


def signals_a_thread_with_a_value(world):
    call("rt_tgsigqueueinfo", world["pid"], world["pid"], signal.SIGUSR1, signal_information())


def signal_information():
    """A siginfo_t that says SI_QUEUE."""
    information = ctypes.create_string_buffer(128)
    information[0:4] = int(signal.SIGUSR1).to_bytes(4, "little")
    information[8:12] = (-1 & 0xFFFFFFFF).to_bytes(4, "little")
    return information


def signals_by_a_descriptor(world):
    call("pidfd_send_signal", call("pidfd_open", world["pid"], 0), signal.SIGUSR1, None, 0)


def signals_by_owning_a_socket(world):
    """Input on a socket of this process, announced to the other (F_SETOWN and F_SETSIG)."""
    import fcntl

    one, other = socket.socketpair()
    fcntl.fcntl(one, fcntl.F_SETSIG, signal.SIGUSR1)
    fcntl.fcntl(one, fcntl.F_SETOWN, world["pid"])
    fcntl.fcntl(one, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    other.send(b"here")


def signals_its_parent(world):
    """One that changes nothing."""
    os.kill(os.getppid(), signal.SIGCONT)
    return True


def asks_whether_a_process_lives(world):
    os.kill(world["pid"], 0)
    return True


def reaches_every_process_at_once(world):
    """kill(2) to -1, with the signal that is none."""
    os.kill(-1, 0)
    return True


def slows_a_process_down(world):
    os.setpriority(os.PRIO_PROCESS, world["pid"], 7)


def changes_a_process_scheduler(world):
    os.sched_setscheduler(world["pid"], os.SCHED_BATCH, os.sched_param(0))


def ties_a_process_to_one_processor(world):
    if os.cpu_count() == 1:
        raise Absent("a second processor")
    os.sched_setaffinity(world["pid"], {0})


def changes_a_process_disk_priority(world):
    call("ioprio_set", 1, world["pid"], 3 << 13)


def changes_a_process_limits(world):
    _, hard = resource.prlimit(world["pid"], resource.RLIMIT_NOFILE)
    resource.prlimit(world["pid"], resource.RLIMIT_NOFILE, (77, hard))


def goes_before_all_others(world):
    """A priority above the one it was given."""
    return os.nice(-5) is not None


def becomes_a_real_time_process(world):
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return True


def locks_memory_without_end(world):
    """More than an unprivileged process may, which is 8 MiB."""
    size = 24 << 20
    memory = ctypes.create_string_buffer(size)
    return call("mlock", ctypes.addressof(memory), size) == 0


def has_memory_that_the_kernel_cannot_take_back(world):
    return call("memfd_secret", 0) >= 0
