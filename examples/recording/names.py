"""A DNS server for the names of a hosts file: names.py ADDRESS HOSTS. It is the recording's UDP traffic, and what
keeps curl from asking the resolver of the machine that records."""
import ipaddress
import socket
import struct
import sys

RECORD_TYPE = {4: 1, 6: 28}    # A, AAAA
NO_SUCH_NAME = 3


def load(path):
    known = {}
    with open(path) as lines:
        for line in lines:
            if line.split() and not line.startswith("#"):
                address, *names = line.split()
                for name in names:
                    known.setdefault(name, []).append(ipaddress.ip_address(address))
    return known


def question(query):
    """The name asked for, its type, and where the question ends."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    return ".".join(labels).lower(), struct.unpack_from("!H", query, at + 1)[0], at + 5


def answer(query, known):
    name, kind, end = question(query)
    found = [a for a in known.get(name, []) if RECORD_TYPE[a.version] == kind]
    flags = 0x8580 | (0 if name in known else NO_SUCH_NAME)    # response, authoritative, recursion as asked
    head = query[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0)
    records = [struct.pack("!HHHIH", 0xC00C, kind, 1, 300, len(a.packed)) + a.packed for a in found]
    return head + query[12:end] + b"".join(records)


known = load(sys.argv[2])
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], 53))
while True:
    query, client = server.recvfrom(1500)
    server.sendto(answer(query, known), client)
