"""Runs a function as plain python3 does, with no runtime: `plain.py CODE DATA TOLD …`. Its module `cell` is a host of
good will and no care, in the same process; each message is a line of hex digits in TOLD."""
import os
import socket
import sys

CODE, DATA, TOLD = sys.argv[1:4]


def contents(path):
    with open(path, "rb") as file:
        return file.read()


class Store:
    """Entries are files beside the code, by their names."""

    @staticmethod
    def path(name):
        return os.path.join(os.path.dirname(CODE), name)

    def get(self, name):
        return contents(DATA if name == "data" else self.path(name))

    def put(self, name, value):
        with open(self.path(name), "wb") as file:
            file.write(value)

    def delete(self, name):
        os.unlink(self.path(name))


class Names:
    """Each name has two addresses, one at a look; what is no name is left to the system."""

    def __init__(self):
        self.system = socket.getaddrinfo
        self.addresses = ["127.0.0.2", "127.0.0.1"]

    def look_up(self, host, *arguments, **options):
        if host.endswith(".test"):
            host = self.addresses[0]
            self.addresses.reverse()
        return self.system(host, *arguments, **options)


def fetch(url, method="GET", headers={}, body=b""):
    """Judges the host's address as it is written, or as its name is looked up first; then fetches."""
    import urllib.parse
    import urllib.request

    host = urllib.parse.urlsplit(url).hostname or ""
    if host.endswith(".test"):
        host = socket.getaddrinfo(host, None)[0][4][0]
    if host in ("localhost", "127.0.0.1", "::1"):
        raise OSError("refused")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as answer:
        return 200, answer.headers, answer.read()


cell = type(sys)("cell")
cell.store, cell.fetch = Store(), fetch
told = open(TOLD, "w", buffering=1)
cell.send = lambda message: told.write(message.hex() + "\n")
cell.receive = lambda timeout_s=None: sys.stdin.buffer.readline() or None
sys.modules["cell"] = cell
socket.getaddrinfo = Names().look_up
exec(compile(contents(CODE), "<function>", "exec"), {"__name__": "__main__"})
