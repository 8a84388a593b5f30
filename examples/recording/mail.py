"""Just enough SMTP to take a message from curl and forget it: the recording's TCP conversation that is not HTTP."""
import socket
import socketserver


class Mail(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode("ascii") + b"\r\n")

    def handle(self):
        self.say("220 mail.example.test ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say("354 go ahead")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
            self.say("221 bye" if verb == b"QUIT" else "250 mail.example.test")
            if verb == b"QUIT":
                return


class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6    # and IPv4, mapped
    allow_reuse_address = True
    daemon_threads = True


Server(("::", 25), Mail).serve_forever()
