"""What a process finds open that its host did not mean to leave it. The plain start leaves two open, as programs do
that make children without care: the secret file, and the directory it is in."""


def reads_a_file_that_was_left_open(world):
    found = b""
    for descriptor in range(3, 256):
        try:
            found += os.pread(descriptor, 4096, 0)
        except OSError:
            pass
    return found


def walks_from_a_directory_that_was_left_open(world):
    def from_there(descriptor):
        file = os.open("secret", os.O_RDONLY, dir_fd=descriptor)
        return os.read(file, 64)

    return first([lambda d=d: from_there(d) for d in range(3, 256)])


def climbs_from_a_directory_that_was_left_open(world):
    def from_there(descriptor):
        file = os.open("../" * 40 + world["secret"][1:], os.O_RDONLY, dir_fd=descriptor)
        return os.read(file, 64)

    return first([lambda d=d: from_there(d) for d in range(0, 256)])


def opens_its_descriptors_anew(world):
    def anew(descriptor):
        return os.read(os.open("/proc/self/fd/%d" % descriptor, os.O_RDONLY | os.O_NONBLOCK), 64)

    return b" ".join(filter(None, map(lambda d: attempted(anew, d), range(3, 256))))
