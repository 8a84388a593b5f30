"""Counts words in a stream of messages, which may end within a word; at the end sends them, most frequent first."""
import cell

counts, rest = {}, b""
while True:
    message = cell.receive(5)
    words = (rest + (message if message is not None else b" ")).lower().replace(b"\n", b" ").split(b" ")
    rest = words.pop()
    for word in words:
        if word:
            counts[word] = counts.get(word, 0) + 1
    if message is None:
        break
for word, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
    cell.send(b"%d %s" % (count, word))
