"""Runs a function as plain python3 does, with no runtime: `plain.py CODE DATA TOLD …`. Its module `cell` is only what
the attack needs to know its world and to tell its verdict; each message is a line of hex digits in TOLD."""
import sys

CODE, DATA, TOLD = sys.argv[1:4]


def contents(path):
    with open(path, "rb") as file:
        return file.read()


class Store:
    def get(self, name):
        return contents(DATA) if name == "data" else None


cell = type(sys)("cell")
cell.store = Store()
cell.receive = lambda timeout_s=None: sys.stdin.buffer.readline() or None
told = open(TOLD, "w", buffering=1)
cell.send = lambda message: told.write(message.hex() + "\n")
sys.modules["cell"] = cell
exec(compile(contents(CODE), "<function>", "exec"), {"__name__": "__main__"})
