"""What a function may ask of its host.

Each call is one question and one answer, and may be made by any thread; one waits while another's is open.
What was not granted raises Refused with the grant's name; what the host tried in vain raises OSError.

A function that was given a directory starts in it: open("name", "wb") writes there. It lives as long as the
function, and beside a container's /tmp nothing else can be written.

A function with an onion proxy of its own finds it as os.environ["ALL_PROXY"], "socks5h://ADDRESS:PORT": SOCKS 5 without
login, CONNECT to a name or an address. Nothing else can be reached, and no name looked up.
"""
import posix
import sys as _sys
from _thread import allocate_lock as _allocate_lock

_FOREVER = 0xFFFFFFFF


class Refused(Exception):
    """A call that this function was not granted, or that goes beyond a limit; `grant` names which."""

    def __init__(self, grant):
        super().__init__(grant)
        self.grant = grant


class Headers(dict):
    """A server's headers, found by name in any case; those of one name are joined by commas. `pairs` has all."""

    def __init__(self, pairs):
        super().__init__()
        self.pairs = pairs
        self._spelling = {}
        for name, value in pairs:
            name = self._spelling.setdefault(name.lower(), name)
            dict.__setitem__(self, name, dict.__getitem__(self, name) + ", " + value if name in self else value)

    def _spelled(self, name):
        return self._spelling.get(name.lower(), name)

    def __getitem__(self, name):
        return dict.__getitem__(self, self._spelled(name))

    def __contains__(self, name):
        return dict.__contains__(self, self._spelled(name))

    def get(self, name, default=None):
        return dict.get(self, self._spelled(name), default)


class _Channel:
    """Both ends of the talk with the host; see protocol.md."""

    def __init__(self, source, sink):
        self.source, self.sink = source, sink
        self.lock, self.writing = _allocate_lock(), _allocate_lock()
        self.limit = 1 << 24
        self.sequence = -1
        self.state = "open"

    def write(self, kind, *parts):
        """One frame, with the next sequence."""
        length = 5 + sum(map(len, parts))
        if length > self.limit:
            raise ValueError("%d bytes in one call: at most %d" % (length, self.limit))
        with self.writing:
            head = length.to_bytes(4, "big") + bytes((kind,)) + (self.sequence + 1).to_bytes(4, "big")
            left = memoryview(b"".join((head,) + parts))
            self.state = "cut"  # should anything be thrown from here on
            self.sequence += 1
            while left:
                left = left[posix.write(self.sink, left):]

    def read(self):
        """The next frame from the host: its kind and its body. Without a host there is no function."""
        frame, end = bytearray(), 9
        while len(frame) < end:
            data = posix.read(self.source, min(max(end - len(frame), 1 << 16), 1 << 20))
            if not data:
                posix._exit(70)
            frame += data
            if len(frame) >= 9:
                end = 4 + int.from_bytes(frame[:4], "big")
        if len(frame) != end or int.from_bytes(frame[5:9], "big") != self.sequence:
            posix._exit(70)
        body = bytes(memoryview(frame)[9:])
        self.state = "open"
        return frame[4], body

    def ask(self, kind, *parts):
        """One question and its answer; None when the host has none."""
        with self.lock:
            if self.state != "open":
                raise RuntimeError({
                    "cut": "an earlier call was cut short: what follows on the channel cannot be told",
                    "forked": "a forked process has no host: only the first process of a function can call",
                }[self.state])
            self.write(kind, *parts)
            answer, body = self.read()
        if answer == 0x40:
            return body
        if answer == 0x41:
            return None
        if answer == 0x42:
            raise Refused(body.decode())
        raise OSError(body.decode())

    def end(self, kind, body):
        """The last word. Another thread's open call is not waited for: its answer will not be read."""
        if self.state != "forked":
            self.write(kind, body)

    def forked(self):
        self.state = "forked"
        self.lock, self.writing = _allocate_lock(), _allocate_lock()
        posix.close(self.source)
        posix.close(self.sink)


def _leave(code):
    try:
        _sys.stderr.flush()
    finally:
        posix._exit(code)


def _bytes(value):
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("bytes are needed, not " + type(value).__name__)
    return bytes(value)


def _sized(value):
    if len(value) > 0xFFFF:
        raise ValueError("%d bytes in one field: at most 65535" % len(value))
    return len(value).to_bytes(2, "big") + value


def _text(value):
    return _sized(value.encode())


def _name(value):
    if not 1 <= len(value) <= 255:
        raise ValueError("a name of %d characters: allowed are 1 to 255" % len(value))
    return value.encode()


def _texts(body, at, count):
    found = []
    while count != len(found) and at < len(body):
        end = at + 2 + int.from_bytes(body[at:at + 2], "big")
        found.append(body[at + 2:end].decode())
        at = end
    return found, at


def receive(timeout_s=None):
    """The client's next message; None when none came in time, or none will come any more."""
    milliseconds = _FOREVER if timeout_s is None else int(min(max(timeout_s * 1000, 0), _FOREVER - 1))
    return _channel.ask(0x10, milliseconds.to_bytes(4, "big"))


def poll():
    """Whether receive would return a message at once."""
    return _channel.ask(0x11) == b"\1"


def send(message):
    """Sends bytes to the client; waits while the client's buffer is full."""
    _channel.ask(0x12, _bytes(message))


class _Store:
    """Entries of bytes by name, kept while the cell lives. The uploaded data is the entry "data"."""

    def get(self, name):
        """The entry's bytes; None when there is no such entry."""
        return _channel.ask(0x13, _name(name))

    def put(self, name, value):
        """Writes an entry, whole or not at all."""
        _channel.ask(0x14, _sized(_name(name)), _bytes(value))

    def delete(self, name):
        """Removes an entry; whether there was one."""
        return _channel.ask(0x15, _name(name)) == b"\1"

    def list(self):
        """The entries' names, sorted."""
        return _texts(_channel.ask(0x16), 0, -1)[0]


store = _Store()


def random(n):
    """Random bytes of the host's generator, at most 65,536."""
    if not 0 <= n <= 65536:
        raise ValueError("%d random bytes: allowed are 0 to 65536" % n)
    return _channel.ask(0x17, n.to_bytes(4, "big"))


def time():
    """Seconds since 1970 on the host's clock."""
    now = _channel.ask(0x18)
    return int.from_bytes(now[:8], "big", signed=True) + int.from_bytes(now[8:], "big") / 1e9


def fetch(url, method="GET", headers={}, body=b""):
    """Fetches a page through the host, by its policy: (status, headers, body), whatever the status.

    The header ":url" is the host's: where the page was, after redirects."""
    pairs = list(headers.items() if hasattr(headers, "items") else headers)
    if len(pairs) > 128:
        raise ValueError("%d headers: at most 128" % len(pairs))
    written = b"".join(_text(name) + _text(value) for name, value in pairs)
    answer = _channel.ask(
        0x19, _text(url), _text(method), len(pairs).to_bytes(2, "big"), written, _bytes(body))
    words, at = _texts(answer, 4, 2 * int.from_bytes(answer[2:4], "big"))
    return int.from_bytes(answer[:2], "big"), Headers(list(zip(words[::2], words[1::2]))), answer[at:]


def call(grant, message):
    """Calls another function by its grant; what it answered."""
    return _channel.ask(0x1A, _sized(_bytes(grant)), _bytes(message))


def tor(line):
    """Speaks one line to the relay's Tor; its reply."""
    return _channel.ask(0x1B, line.encode()).decode()


def exit(code=0):
    """Ends this function, if it may end itself."""
    _channel.ask(0x1C, bytes((code & 0xFF,)))
    _leave(code & 0xFF)
