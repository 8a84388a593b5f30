"""Output without end, which a host keeps or reads: on the standard streams, and on the channel itself. The host is
taken when it keeps half of it; 8 MiB are without end enough."""
import cell

ALL = 8 << 20


def flood(descriptor):
    chunk = b"\x1b[2Jhere\n" * 8192
    written = 0
    while written < ALL:
        written += os.write(descriptor, chunk)


def channel():
    """Where frames go to the host; in plain python3 its standard output."""
    talk = getattr(cell, "_channel", None)
    return talk.sink if talk else 1


def floods_its_standard_output(world):
    flood(1)


def floods_its_standard_error(world):
    flood(2)


def floods_its_channel(world):
    flood(channel())


def begins_a_frame_without_end(world):
    """One of two gigabytes, as it says."""
    os.write(channel(), b"\x7f\xff\xff\xff\x12\0\0\0\2")
    flood(channel())


def leaves_an_error_without_end(world):
    """Not caught, as the words that its host keeps of it."""
    raise SystemExit("here\x1b[2J" * (ALL // 8))
