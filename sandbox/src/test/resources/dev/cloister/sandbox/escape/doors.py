"""The bystander's sockets and its terminal; stands in front of bystander.py, in one program with it."""
import os
import pty
import selectors
import socket
import tty


class Sockets:
    """Listeners that give the canary away, and a door that is knocked at."""

    def __init__(self, selector):
        self.selector = selector
        self.mute = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sink.bind(("127.0.0.1", 0))
        self.streams()
        self.web()
        self.datagrams()
        self.hidden = socket.socket(socket.AF_UNIX)
        self.hidden.bind("\0escape-" + CANARY)
        free = socket.socket(socket.AF_INET)
        free.bind(("127.0.0.1", 0))
        world["door"] = free.getsockname()[1]
        free.close()
        world["abstractDoor"] = "escape-door-%d" % os.getpid()

    def streams(self):
        path = os.path.join(DIRECTORY, "socket")
        abstract = "escape-%d" % os.getpid()
        for name, family, address in (
                ("tcp4", socket.AF_INET, ("0.0.0.0", 0)), ("tcp6", socket.AF_INET6, ("::1", 0)),
                ("unix", socket.AF_UNIX, path), ("abstract", socket.AF_UNIX, "\0" + abstract)):
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.bind(address)
            listener.listen(64)
            listener.setblocking(False)
            self.selector.register(listener, selectors.EVENT_READ, self.accept)
            world[name] = listener.getsockname()[1] if family != socket.AF_UNIX else address.lstrip("\0")
        os.chmod(path, 0o777)

    def web(self):
        """One page for all at 127.0.0.2, which leads on; and one for the host alone at every other address."""
        listener = socket.create_server(("0.0.0.0", 0))
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ, self.page)
        world["web"] = listener.getsockname()[1]

    @staticmethod
    def page(listener):
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(1)
            try:
                words = connection.recv(4096).split(b" ")
                path = words[1].decode() if len(words) > 1 else ""
                connection.sendall(Sockets.answer(connection.getsockname()[0], path))
            except OSError:
                pass  # it only knocked

    @staticmethod
    def answer(address, path):
        if address != "127.0.0.2":
            notice("page")
            return b"HTTP/1.1 200 Yes\r\nContent-Length: %d\r\n\r\n%s" % (len(SECRET), SECRET)
        leads = {
            "/to-the-loopback": "http://127.0.0.1:%d/" % world["web"],
            "/on": "http://127.0.0.2:%d/to-the-loopback" % world["web"],
            "/again": "http://rebinding.test:%d/" % world["web"],
        }
        if path in leads:
            return b"HTTP/1.1 302 There\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % leads[path].encode()
        return b"HTTP/1.1 200 Yes\r\nContent-Length: 0\r\n\r\n"

    def datagrams(self):
        path = os.path.join(DIRECTORY, "datagrams")
        for name, family, address in (
                ("udp4", socket.AF_INET, ("127.0.0.1", 0)), ("udp6", socket.AF_INET6, ("::1", 0)),
                ("unixDatagram", socket.AF_UNIX, path)):
            receiver = socket.socket(family, socket.SOCK_DGRAM)
            receiver.bind(address)
            receiver.setblocking(False)
            self.selector.register(receiver, selectors.EVENT_READ, self.received)
            world[name] = receiver.getsockname()[1] if family != socket.AF_UNIX else address
        os.chmod(path, 0o777)

    def accept(self, listener):
        connection, _ = listener.accept()
        notice("connection")
        secret = os.open(world["secret"], os.O_RDONLY)
        try:
            if listener.family == socket.AF_UNIX:
                socket.send_fds(connection, [SECRET], [secret])
            else:
                connection.sendall(SECRET)
        except OSError:
            pass  # it only knocked
        finally:
            os.close(secret)
            connection.close()

    def received(self, receiver):
        _, sender = receiver.recvfrom(1024)
        notice("datagram")
        if sender:
            try:
                receiver.sendto(SECRET, sender)
            except OSError:
                pass  # it does not wait for an answer, or lied about where

    def tick(self):
        """Traffic on the loopback for who listens in, and a knock at the door that no one should open."""
        self.mute.sendto(SECRET, self.sink.getsockname())
        self.sink.recv(1024)
        self.knock(socket.AF_INET, ("127.0.0.1", world["door"]))
        self.knock(socket.AF_UNIX, "\0" + world["abstractDoor"])

    @staticmethod
    def knock(family, address):
        with socket.socket(family) as visitor:
            visitor.settimeout(0.5)
            try:
                visitor.connect(address)
                if visitor.recv(16) == b"come in":
                    notice("door")
            except OSError:
                pass  # nobody there


class Terminal:
    """A terminal whose user types nothing and expects to see nothing."""

    def __init__(self, selector):
        self.screen, self.slave = pty.openpty()
        tty.setraw(self.slave)
        world["terminal"] = os.ttyname(self.slave)
        os.chmod(world["terminal"], 0o666)
        os.set_blocking(self.slave, False)
        selector.register(self.screen, selectors.EVENT_READ, self.shown)

    def shown(self, screen):
        if os.read(screen, 4096):
            notice("terminal written")

    def look(self):
        try:
            if os.read(self.slave, 16):
                notice("terminal typed")
        except BlockingIOError:
            pass
