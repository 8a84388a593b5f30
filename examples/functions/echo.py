"""Sends back each message with its number, and keeps the last one and how many there were in its store."""
import cell

count = int(cell.store.get("count") or b"0")
while (message := cell.receive(5)) is not None:
    count += 1
    cell.store.put("count", str(count).encode())
    cell.store.put("last", message)
    cell.send(str(count).encode() + b" " + cell.store.get("last"))
