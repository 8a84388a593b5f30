"""Runs guest.py, from beside this file: its byte code, where there is some for this very interpreter.

Started as `python3 -I -S -B loader.py`. To compile both sources at each start takes half as long as all the rest.
"""
import marshal
import sys


def content(name):
    """The code of a source beside this file."""
    path = __file__[:-len("loader.py")] + name
    try:
        with open("%s.%s" % (path, sys.implementation.cache_tag), "rb") as file:
            return marshal.loads(file.read())
    except FileNotFoundError:
        with open(path + ".py", "rb") as file:
            return compile(file.read(), "<%s>" % name, "exec")


exec(content("guest"))
