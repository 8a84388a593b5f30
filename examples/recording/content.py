"""Made-up content, the same at every recording: content.py DIRECTORY writes the sites that nginx serves.

Words are built from syllables and images are noise over a gradient, so nothing in the capture is anybody's."""
import os
import random
import struct
import sys
import zlib

SYLLABLES = "ba co du fe gi ho ju ka li mo nu pe qui ra so ti ve wo xa zy".split()
VOCABULARY = ["".join(random.Random(i).choices(SYLLABLES, k=2 + i % 3)) for i in range(400)]
LAST_MODIFIED = 1_735_732_800    # 2025-01-01 12:00 UTC: entity tags and 304s come out alike each time


def text(seed, words):
    return " ".join(random.Random(seed).choices(VOCABULARY, k=words))


def page(title, words):
    paragraphs = "".join(f"<p>{text(f'{title}{i}', 60)}.</p>\n" for i in range(words // 60))
    return (f'<!DOCTYPE html>\n<html><head><title>{title}</title><link rel="stylesheet" href="/style.css">'
            f'<script src="/app.js"></script></head>\n<body><h1>{title}</h1>\n{paragraphs}</body></html>\n')


def png(seed, side):
    """A grey image whose lower half is noise: about side * side / 2 bytes that no coding makes smaller."""
    dice = random.Random(seed)
    rows = b"".join(b"\0" + bytes((x + y) & 255 if y < side // 2 else dice.randrange(256) for x in range(side))
                    for y in range(side))

    def chunk(kind, data):
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack("!IIBBBBB", side, side, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def sites():
    """Each file's path and content."""
    yield "www/index.html", page("Welcome", 420)
    yield "www/about.html", page("About", 600)
    yield "www/news/index.html", page("News", 900)
    yield "www/private/index.html", page("Private", 60)
    yield "www/account/index.html", page("Account", 120)
    yield "www/lost.html", page("Not here", 60)    # the 404 page
    yield "www/footer.html", "<footer>" + text("footer", 20) + "</footer>"
    yield "www/today.shtml", page("Today", 300) + '<!--#include virtual="/footer.html" -->\n'
    yield "www/unmeasured/today.shtml", page("Unmeasured", 300) + '<!--#include virtual="/footer.html" -->\n'
    for i in range(1, 13):
        yield f"www/articles/{i}.html", page(f"Article {i}", 180 + 60 * i)
    yield "www/style.css", "".join(f".{w} {{ margin: {i}px; color: #{i:06x} }}\n" for i, w in enumerate(VOCABULARY[:90]))
    yield "www/app.js", "".join(f"function {w}(x) {{ return x + {i}; }}\n" for i, w in enumerate(VOCABULARY[:120]))
    yield "www/favicon.ico", png("favicon", 16)
    yield "www/empty.txt", ""
    for i in range(1, 21):
        yield f"www/img/{i}.png", png(i, 20 + 5 * i)
    for name, size in ("small", 6_000), ("medium", 30_000), ("large", 70_000), ("endless", 400_000):
        yield f"downloads/files/{name}.bin", random.Random(name).randbytes(size)
    yield "downloads/files/notes.txt", text("notes", 1500)


if __name__ == "__main__":
    for path, content in sites():
        path = os.path.join(sys.argv[1], path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (LAST_MODIFIED, LAST_MODIFIED))
    os.makedirs(os.path.join(sys.argv[1], "downloads/incoming"))
