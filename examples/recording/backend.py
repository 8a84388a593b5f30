"""The application behind nginx, and on port 8080 by itself: the framings and codings that nginx does not produce."""
import gzip
import json
import os
import random
import socket
import socketserver
import struct
import time
import zlib
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from content import page, text


def deflate(data, window_bits):
    coder = zlib.compressobj(wbits=window_bits)
    return coder.compress(data) + coder.flush()


class Backend(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Backend/1.0", ""
    disable_nagle_algorithm = True    # so each write is a segment of its own

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        self.body = self.rfile.read(length)
        first = urlsplit(self.path).path.split("/")[1].replace("-", "_")
        getattr(self, "at_" + first, self.missing)()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

    # Ways to frame a body.

    def head(self, status, kind, headers):
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def whole(self, status, kind, body, **headers):
        self.head(status, kind, {"Content-Length": str(len(body)), **{n.replace("_", "-"): v for n, v in headers.items()}})
        if self.command != "HEAD":
            self.wfile.write(body)

    def chunked(self, kind, parts, pause=0.0, extension="", trailers=(), **headers):
        self.head(200, kind, {"Transfer-Encoding": "chunked", **{n.replace("_", "-"): v for n, v in headers.items()}})
        if self.command == "HEAD":
            return
        for part in parts:
            self.wfile.write(b"%x%s\r\n%s\r\n" % (len(part), extension.encode(), part))
            time.sleep(pause)
        self.wfile.write(b"0\r\n" + b"".join(b"%s\r\n" % t for t in trailers) + b"\r\n")

    def pieces(self, body):
        """The body cut at odd places, the same each time for one path."""
        dice, at = random.Random(self.path), 0
        while at < len(body):
            size = dice.choice((1, 7, 100, 512, 1000, 3000))
            yield body[at:at + size]
            at += size

    # Codings.

    def at_deflate(self):    # RFC 9110's deflate: the zlib format
        self.whole(200, "text/html", deflate(page(self.path, 300).encode(), 15), Content_Encoding="deflate")

    def at_bare_deflate(self):    # what some servers send under the same name: no zlib header
        self.whole(200, "text/html", deflate(page(self.path, 300).encode(), -15), Content_Encoding="deflate")

    def at_deflate_chunked(self):
        body = deflate(page(self.path, 900).encode(), 15)
        self.chunked("text/html", self.pieces(body), Content_Encoding="deflate")

    def at_members(self):    # a gzip file may be several, one after the other
        body = b"".join(gzip.compress(text(f"{self.path}{i}", 120).encode(), mtime=0) for i in range(3))
        self.whole(200, "text/plain", body, Content_Encoding="gzip")

    def at_twice(self):    # codings are listed in the order in which they were applied
        body = gzip.compress(deflate(page(self.path, 300).encode(), 15), mtime=0)
        self.whole(200, "text/html", body, Content_Encoding="deflate, gzip")

    # Framings.

    def at_chunked(self):
        self.chunked("text/html", self.pieces(page(self.path, 500).encode()))

    def at_live(self):    # events, a moment apart
        self.chunked("text/event-stream", [f"data: {text(i, 8)}\n\n".encode() for i in range(6)], pause=0.02)

    def at_trailer(self):    # a chunk extension and trailers, which nginx would not pass on
        self.chunked("text/plain", self.pieces(text(self.path, 300).encode()), extension=";part=yes", Trailer="X-Words",
                     trailers=(b"X-Words: 300",))

    def at_until_close(self):
        self.head(200, "text/plain", {"Connection": "close"})
        for part in self.pieces(text(self.path, 700).encode()):
            self.wfile.write(part)
        self.close_connection = True

    def at_old_style(self):    # the same with HTTP/1.0 on the status line
        self.protocol_version = "HTTP/1.0"
        self.at_until_close()

    def at_reset(self):    # promises more than it sends, then resets the connection
        self.head(200, "text/plain", {"Content-Length": "50000"})
        self.wfile.write(text(self.path, 500).encode())
        time.sleep(0.05)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
        self.close_connection = True

    # The shop and the interface for programs.

    def at_login(self):
        cookie = f"session={random.Random(self.body).randbytes(12).hex()}; Path=/; HttpOnly"
        self.whole(303, None, b"", Location="/home", Set_Cookie=cookie)

    def at_home(self):
        self.chunked("text/html", self.pieces(page(self.path, 300).encode()))

    at_search = at_home

    def at_cart(self):
        if self.command == "POST":
            self.whole(302, None, b"", Location="/cart")
        else:
            self.at_users()

    def at_moved(self):    # the method stays: curl sends the form again
        self.whole(307, None, b"", Location="/echo")

    def at_users(self):
        words = text(self.path, 40).split()
        self.whole(200, "application/json", json.dumps({"path": self.path, "words": words}).encode())

    def at_echo(self):
        received = {"method": self.command, "type": self.headers.get("Content-Type"), "bytes": len(self.body)}
        self.whole(200, "application/json", json.dumps(received).encode())

    def at_nothing(self):
        self.head(204, None, {})

    def at_error(self):
        self.whole(500, "text/plain", b"internal error\n")

    def at_unavailable(self):
        self.whole(503, "text/plain", b"come back later\n", Retry_After="30")

    def at_late(self):    # nginx gives up first, with 504
        time.sleep(2)
        self.close_connection = True

    def missing(self):
        self.whole(404, "application/json", b'{"error": "no such thing"}\n')

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingTCPServer):    # not HTTPServer, which looks up the machine's name
    address_family = socket.AF_INET6    # and IPv4, mapped
    allow_reuse_address = True
    daemon_threads = True


Server(("::", 8080), Backend).serve_forever()
