"""Sockets of every family: to the host, to its neighbours, and past the usual layers."""
import socket
import struct
import time


def told(family, address, protocol=0):
    with socket.socket(family, socket.SOCK_STREAM, protocol) as connection:
        connection.settimeout(1)
        connection.connect(address)
        return connection.recv(64)


def answered(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        connection.settimeout(1)
        connection.sendto(b"here", address)
        return connection.recv(64)


def connects_to_the_hosts_loopback(world):
    return told(socket.AF_INET, ("127.0.0.1", world["tcp4"]))


def connects_to_the_hosts_loopback_of_version_6(world):
    return told(socket.AF_INET6, ("::1", world["tcp6"]))


def connects_to_the_unspecified_address(world):
    return told(socket.AF_INET, ("0.0.0.0", world["tcp4"]))


def connects_to_an_address_that_is_mapped(world):
    return told(socket.AF_INET6, ("::ffff:127.0.0.1", world["tcp4"]))


def connects_to_another_address_of_the_loopback(world):
    return told(socket.AF_INET, ("127.7.7.7", world["tcp4"]))


def connects_to_the_hosts_own_address(world):
    if "address" not in world:
        raise Absent("a network")
    return told(socket.AF_INET, (world["address"], world["tcp4"]))


def connects_over_many_paths(world):
    """Multipath TCP, which a rule for TCP alone passes over."""
    return told(socket.AF_INET, ("127.0.0.1", world["tcp4"]), 262)


def connects_without_connecting(world):
    """TCP Fast Open: the first datum makes the connection."""
    with socket.socket(socket.AF_INET) as connection:
        for limit in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            connection.setsockopt(socket.SOL_SOCKET, limit, struct.pack("ll", 1, 0))
        connection.sendto(b"here", 0x20000000, ("127.0.0.1", world["tcp4"]))
        return connection.recv(64)


def sends_a_datagram_to_the_hosts_loopback(world):
    return answered(socket.AF_INET, ("127.0.0.1", world["udp4"]))


def sends_a_datagram_to_the_hosts_loopback_of_version_6(world):
    return answered(socket.AF_INET6, ("::1", world["udp6"]))


def sends_a_datagram_to_the_metadata_address(world):
    """To the port of the service that throws all away."""
    if "address" not in world:
        raise Absent("a network")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        return connection.sendto(b"here", ("169.254.169.254", 9)) == 4


def serves_at_a_port_of_the_hosts(world):
    with socket.create_server(("127.0.0.1", world["door"])) as listener:
        lets_in(listener)


def connects_to_a_unix_socket(world):
    return told(socket.AF_UNIX, world["unix"])


def connects_to_an_abstract_unix_socket(world):
    return told(socket.AF_UNIX, "\0" + world["abstract"])


def sends_a_datagram_to_a_unix_socket(world):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.sendto(b"here", world["unixDatagram"])


def sends_from_a_pair_to_a_unix_socket(world):
    """A half of a pair, which needs no socket(2), sends elsewhere."""
    one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.sendto(b"here", world["unixDatagram"])


def is_given_a_descriptor(world):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect("\0" + world["abstract"])
        _, descriptors, _, _ = socket.recv_fds(connection, 64, 1)
        return os.pread(descriptors[0], 64, 0)


def serves_at_an_abstract_name(world):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + world["abstractDoor"])
        listener.listen()
        lets_in(listener)


def lets_in(listener):
    listener.settimeout(1)
    connection, _ = listener.accept()
    connection.sendall(b"come in")
    time.sleep(0.05)
    connection.close()


def asks_for_the_hosts_network_cards(world):
    if not world["cards"]:
        raise Absent("a network card")
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.send(struct.pack("IHHIIB3x12x", 32, 18, 0x301, 1, 0, 0))
        answer = kernel.recv(1 << 16)
        return any(card.encode() + b"\0" in answer for card in world["cards"])


def asks_for_the_hosts_sockets(world):
    """All that listens on TCP, of inet_diag."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as kernel:
        kernel.send(struct.pack("IHHIIBBBxI48x", 72, 20, 0x301, 1, 0, 2, 6, 0, 1 << 10))
        kernel.settimeout(1)
        return struct.pack(">H", world["tcp4"]) in kernel.recv(1 << 18)


def hears_of_the_hosts_devices(world):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15) as kernel:
        kernel.bind((0, 1))
        return True


def listens_in_on_the_hosts_loopback(world):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as wire:
        wire.bind(("lo", 0))
        wire.settimeout(0.2)
        heard, until = b"", time.monotonic() + 1
        while time.monotonic() < until and len(heard) < 1 << 16:
            try:
                packet = wire.recv(2048)
            except TimeoutError:
                continue
            heard += packet if packet[23:24] == b"\x11" else b""
            if len(packet) == 74 and packet[23:24] == b"\x11":
                return packet
        return heard


def sends_a_packet_of_another_source(world):
    datagram = struct.pack(">HHHH", 1, world["udp4"], 12, 0) + b"here"
    packet = struct.pack(">BBHHHBBH4s4s", 69, 0, 32, 1, 0, 64, 17, 0, b"\x7f\1\2\3", b"\x7f\0\0\1") + datagram
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, 255) as wire:
        wire.sendto(packet, ("127.0.0.1", 0))


def asks_for_an_echo(world):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, 1) as wire:
        wire.settimeout(1)
        wire.sendto(b"\x08\0\xf7\xfd\0\1\0\1", ("127.0.0.1", 0))
        return len(wire.recv(64)) > 20


def serves_other_machines_past_the_network(world):
    """vsock(7): from a virtual machine to its host and siblings."""
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as listener:
        listener.bind((0xFFFFFFFF, 0xFFFFFFFF))
        listener.listen()
        return True


def has_a_socket_past_the_kernels_stack(world):
    with socket.socket(44, socket.SOCK_RAW) as wire:
        return wire.fileno() >= 0
