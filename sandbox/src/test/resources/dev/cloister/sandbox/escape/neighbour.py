"""The function next door, as its host started it: it holds a secret wherever a function may, says that it is ready,
and waits. In plain python3 its host is a naive one, which hands the secret over in environment and arguments too."""
import os

import cell

SECRET = cell.store.get("data")
MARKED = bytearray(b"neighbour:" + SECRET)
for place in (os.getcwd(), "/tmp", "/dev/shm", "/var/tmp"):
    try:
        with open(place + "/neighbour-" + str(os.getpid()), "wb") as made:
            made.write(SECRET)
    except OSError:
        pass
try:
    FILE = os.open("neighbour-" + str(os.getpid()), os.O_RDONLY)
except OSError:
    pass
cell.send(b"ready")
cell.receive()
for place in (os.getcwd(), "/tmp", "/dev/shm", "/var/tmp"):
    try:
        os.unlink(place + "/neighbour-" + str(os.getpid()))
    except OSError:
        pass
cell.send(b"unharmed")
