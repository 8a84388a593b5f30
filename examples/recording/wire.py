"""The link between the two interfaces named on the command line: every frame arrives 2 ms later, in order.

SIGUSR1 brings rough weather to TCP: some frames are lost, some held back behind later ones, some doubled.
SIGUSR2 ends it. This is what `tc netem` does; a process does it on kernels built without netem, and draws from
a fixed seed. Frames are forwarded as they are, so the ends must compute checksums themselves (`ethtool -K tx off`).
"""
import heapq
import random
import select
import signal
import socket
import sys
import time

DELAY_SECONDS = 0.002
HOLD_SECONDS = 0.003
LOSS, HELD, DOUBLED = 0.02, 0.04, 0.01
ETH_P_ALL = 3

rough = False
dice = random.Random(20)


def weather(signum, _frame):
    global rough
    rough = signum == signal.SIGUSR1


def end(interface):
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    packets.bind((interface, 0))
    return packets


def is_tcp(frame):
    return (frame[12:14] == b"\x08\x00" and frame[23] == 6) or (frame[12:14] == b"\x86\xdd" and frame[20] == 6)


def arrivals(frame, now):
    """When the frame reaches the other end: once, as a rule."""
    due = now + DELAY_SECONDS
    if not rough or not is_tcp(frame):
        return [due]
    luck = dice.random()
    if luck < LOSS:
        return []
    if luck < LOSS + HELD:
        return [due + HOLD_SECONDS]
    if luck < LOSS + HELD + DOUBLED:
        return [due, due + HOLD_SECONDS]
    return [due]


signal.signal(signal.SIGUSR1, weather)
signal.signal(signal.SIGUSR2, weather)
left, right = end(sys.argv[1]), end(sys.argv[2])
other = {left: right, right: left}
travelling = []
sequence = 0    # keeps frames of one instant in their order
while True:
    wait = max(0.0, travelling[0][0] - time.monotonic()) if travelling else None
    for source in select.select([left, right], [], [], wait)[0]:
        frame, address = source.recvfrom(65536)
        if address[2] == socket.PACKET_OUTGOING:
            continue    # our own sending, seen again
        for due in arrivals(frame, time.monotonic()):
            sequence += 1
            heapq.heappush(travelling, (due, sequence, other[source], frame))
    while travelling and travelling[0][0] <= time.monotonic():
        _, _, target, frame = heapq.heappop(travelling)
        target.send(frame)
