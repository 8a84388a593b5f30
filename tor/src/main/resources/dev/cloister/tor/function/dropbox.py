"""Keeps what was put into it, and gives it out until a count, a volume or a time; then nothing of it is left.

Each message has one answer; dropbox.md has their forms. Whatever is not done is answered alike: too early, too late,
too often, or no request at all.
"""
import struct
import time

import cell

DONE, REFUSED = b"+", b"-"
PIECES_MOST = 1024
LAST_ANSWERS_S = 1  # how long those who stand in line hear the refusal, when all is gone

bounds = dict(line.split(" ", 1) for line in cell.store.get("data").decode().split("\n"))
until = time.monotonic() + float(bounds["seconds"])
reads, volume = int(bounds["reads"]), int(bounds["volume"])
pieces = 0  # of the whole; known from the first
given = []  # how often each piece that is here was given out


def put(number, count, piece):
    """Takes the pieces in order, up to the last: from then on there is no putting."""
    global pieces
    if number != len(given) or not number < count <= PIECES_MOST or number and count != pieces:
        return REFUSED
    cell.store.put(str(number), piece)
    pieces = count
    given.append(0)
    return DONE


def get(number):
    """Gives a piece of the whole, as often as each is given."""
    global volume
    if not pieces or len(given) < pieces or number >= pieces or given[number] == reads:
        return REFUSED
    piece = cell.store.get(str(number))
    if len(piece) > volume:
        volume = 0
        return REFUSED
    given[number] += 1
    volume -= len(piece)
    return DONE + struct.pack(">I", pieces) + piece


def answer(message):
    try:
        if message[:1] == b"P":
            return put(*struct.unpack(">II", message[1:9]), message[9:])
        return get(*struct.unpack(">I", message[1:])) if message[:1] == b"G" else REFUSED
    except (struct.error, OSError, cell.Refused):
        return REFUSED


def is_spent():
    return volume <= 0 or pieces and given == [reads] * pieces


def serve():
    """Answers until a bound is reached; returns what is still to be said then."""
    while (left := until - time.monotonic()) > 0 and (message := cell.receive(left)) is not None:
        said = answer(message)
        if is_spent():
            return said
        cell.send(said)
    return None


last = serve()
for name in cell.store.list():
    cell.store.delete(name)
if last is not None:
    cell.send(last)
closing = time.monotonic() + LAST_ANSWERS_S
while (left := closing - time.monotonic()) > 0 and cell.receive(left) is not None:
    cell.send(REFUSED)
