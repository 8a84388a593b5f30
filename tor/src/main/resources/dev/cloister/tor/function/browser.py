"""Fetches a page with all that it shows, and sends it as one document: the page first, then padding, on a time grid.

What leaves is of a size and at times that follow from the request's buckets, grid and step, and from which bucket and
which slot of the grid the page fell into; nothing else of the page or of its fetching shows. See browser.md. What
makes the document stands in packing.py, which goes before this.
"""
import math
import struct
import time
import zlib

import cell

MESSAGE_BYTES = 32 << 10  # of the first message, so that a small page is there at once
DOUBLINGS = 5  # each message is twice the one before, so often: a client may fetch them one by one
PIECE_BYTES = 1 << 20  # of each piece that a dropbox gets, but the last
TOLD_MOST = 100  # how many that are missing are told by name
DOWNGRADES_MOST = 10  # redirects from https to http, which the host leaves to its function
HEADERS = {  # the same from everybody
    "user-agent": "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0",
    "accept": "*/*",
    "accept-language": "en-US,en;q=0.5",
    "accept-encoding": "gzip",
}

# ---- fetching


class NotHad(Exception):
    """Something that could not be had: the word for why, and what there is to say about it."""

    def __init__(self, why, detail):
        super().__init__(why, detail)
        self.why, self.detail = why, detail


def plain(headers, body, most):
    """Takes off the server's coding, to a bound."""
    coding = headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in ("gzip", "x-gzip"):
        raise NotHad("failed", "coded as " + coding)
    try:
        inflater = zlib.decompressobj(31)
        body = inflater.decompress(body, most + 1)
    except zlib.error:
        raise NotHad("failed", "no gzip, though it says so") from None
    if len(body) > most:
        raise NotHad("limit", "bytes")
    if not inflater.eof:
        raise NotHad("failed", "cut short")
    return body


class Resource:
    """What a server sent, and where it was in the end."""

    def __init__(self, url, status, headers, body):
        kind, _, rest = headers.get("content-type", "").partition(";")
        kind = kind.partition(",")[0].strip().lower()
        charset = re.search(r"charset\s*=\s*[\"']?([\w-]+)", rest, re.I)
        self.url, self.status, self.location, self.body = url, status, headers.get("location", ""), body
        self.type = kind if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,60}", kind, re.A) else ""
        self.charset = charset[1] if charset else ""

    def is_html(self):
        return self.type in ("text/html", "application/xhtml+xml") or not self.type and self.body.lstrip()[:1] == b"<"


class Loader:
    """Fetches each URL once, within the request's limits. Keeps no cookie, and tells nobody where a link stood."""

    def __init__(self, asked, began):
        self.objects, self.bytes = int(asked["objects"]), int(asked["bytes"])
        self.until = began + float(asked["seconds"])
        self.kept, self.missing, self.fetched = {}, {}, 0

    def tell(self, url, why, detail):
        self.missing.setdefault(url, (why, detail))

    def page(self, url):
        """The page itself, whatever its status."""
        for _ in range(DOWNGRADES_MOST + 1):
            got = self.fetch(url)
            if got.status not in (301, 302, 303, 307, 308) or not got.location:
                return got
            url = absolute(got.url, got.location) or ""
        raise NotHad("failed", "more than %d redirects from https to http" % DOWNGRADES_MOST)

    def load(self, url):
        """Keeps what a page shows; whether that was had just now."""
        if url in self.kept or url in self.missing:
            return False
        try:
            got = self.fetch(url)
            if not 200 <= got.status < 300:
                raise NotHad("status", str(got.status))
            self.kept[url] = got
            return True
        except NotHad as e:
            self.tell(url, e.why, e.detail)
            return False

    def fetch(self, url):
        if self.objects <= 0 or self.bytes <= 0 or time.monotonic() >= self.until:
            raise NotHad("limit", "objects" if self.objects <= 0 else "bytes" if self.bytes <= 0 else "time")
        self.objects -= 1
        try:
            status, headers, body = cell.fetch(url, "GET", HEADERS)
        except cell.Refused as refused:
            raise NotHad("refused", refused.grant) from None
        except OSError as failure:
            raise NotHad("failed", str(failure)) from None
        self.fetched += 1
        most, self.bytes = self.bytes, self.bytes - len(body)
        if len(body) > most:
            raise NotHad("limit", "bytes")
        return Resource(headers.get(":url", url), status, headers, plain(headers, body, most))


def load_all(loader, page, depth):
    """Round by round: what the page names, what that names, and so on."""
    holders = [(page, "frame")]
    for _ in range(depth):
        wanted = []
        for resource, kind in holders:
            rewritten(resource, kind, lambda *named: wanted.append(named) or MISSING, True, lambda *_: None)
        holders = []
        for url, kind in wanted:
            if page.url.startswith("https:") and not url.startswith("https:"):
                loader.tell(url, "left-out", "http on a page of https")
            elif loader.load(url):
                holders.append((loader.kept[url], kind))


class Packer:
    """Puts what was loaded into one document."""

    def __init__(self, loader, asked):
        self.loader, self.left, self.scripts = loader, int(asked["page"]), asked["scripts"] == "yes"
        self.within = []  # what holds itself ends where it would begin again

    def pack(self, resource, kind):
        self.within.append(resource.url)
        try:
            return rewritten(resource, kind, self.embed, self.scripts, self.loader.tell)
        finally:
            self.within.pop()

    def embed(self, url, kind):
        resource = self.loader.kept.get(url)
        if resource is None or resource.url in self.within:
            self.loader.tell(url, "limit", "depth")
            return MISSING
        packed = self.pack(resource, kind)
        if packed is None:
            uri = data_uri(resource.type or "application/octet-stream", resource.body)
        else:
            uri = data_uri(("text/css" if kind == "style" else "text/html") + ";charset=utf-8", packed)
        if len(uri) > self.left:
            self.loader.tell(url, "limit", "page")
            return MISSING
        self.left -= len(uri)
        return uri


def browse(loader, asked):
    """The page: status, where it was, type and content. Only of HTML a document is made."""
    url = absolute("", asked["url"])
    if url is None:
        raise NotHad("failed", "no http or https URL")
    page = loader.page(url.partition("#")[0])
    kind, content = page.type or "application/octet-stream", page.body
    if page.is_html():
        load_all(loader, page, int(asked["depth"]))
        kind, content = "text/html;charset=utf-8", Packer(loader, asked).pack(page, "frame")
    if len(content) > int(asked["page"]):
        raise NotHad("limit", "page")
    return page.status, page.url, kind, content


# ---- what leaves


def squeeze(content):
    """Where most of it is base64, nothing repeats: coding its letters alone is as short, in a quarter of the time."""
    coded = sum(match.end() - match.start() for match in re.finditer(rb";base64,[\w+/=]*", content))
    strategy = zlib.Z_HUFFMAN_ONLY if coded > len(content) // 2 else zlib.Z_DEFAULT_STRATEGY
    coder = zlib.compressobj(strategy=strategy)
    return coder.compress(content) + coder.flush()


def parcel(loader, status, url, kind, content, stored=0):
    """Head, report and content; browser.md has the form. What is stored has all that is missing in it."""
    counts = {}
    for why, _ in loader.missing.values():
        counts[why] = counts.get(why, 0) + 1
    lines = ["%d %s" % (status, kind), url, "%d %d" % (loader.fetched, stored),
             " ".join("%s=%d" % each for each in sorted(counts.items()))]
    for where, (why, detail) in list(loader.missing.items())[:0 if stored else TOLD_MOST]:
        lines.append("%s %s %s" % (why, where[:300], detail[:200]))
    report = "\n".join(re.sub(r"[\0-\x1f]", "?", line) for line in lines).encode("utf-8", "replace")
    squeezed = squeeze(content)
    coding, sent = (1, squeezed) if len(squeezed) < len(content) else (0, content)
    return struct.pack(">BBIII", 1, coding, len(report), len(sent), len(content)) + report + sent


def padded_size(size, buckets):
    """The smallest bucket that holds so much; beyond the largest, its next multiple; without buckets, just so much."""
    holding = [bucket for bucket in buckets if bucket >= size]
    return min(holding) if holding else -(-size // max(buckets)) * max(buckets) if buckets else size


def deposit(grant, whole):
    """Puts all of it into a dropbox."""
    pieces = [whole[at:at + PIECE_BYTES] for at in range(0, len(whole), PIECE_BYTES)]
    for number, piece in enumerate(pieces):
        if cell.call(grant, b"P" + struct.pack(">II", number, len(pieces)) + piece) != b"+":
            raise NotHad("refused", "dropbox")


def release(whole, size, began, asked):
    """Sends it with its padding, from the next slot of the grid on, step by step."""
    grid, step, now = float(asked["grid"]), float(asked["step"]), time.monotonic()
    begin = began + max(1, math.ceil((now - began) / grid)) * grid if grid else now
    at = number = 0
    while at < size:
        length = min(MESSAGE_BYTES << min(number, DOUBLINGS), size - at)
        time.sleep(max(0, begin + number * step - time.monotonic()))
        cell.send(whole[at:at + length].ljust(length, b"\0"))
        at, number = at + length, number + 1


def outcome(asked, buckets, began):
    """What the client gets to know: the page, that a dropbox has it, or why it has neither."""
    loader = Loader(asked, began)
    try:
        found = browse(loader, asked)
        whole = parcel(loader, *found)
        if "into" not in asked:
            return whole
        stored = padded_size(len(whole), buckets)
        deposit(bytes.fromhex(asked["into"]), whole.ljust(stored, b"\0"))
        return parcel(loader, found[0], asked["url"], found[2], b"", stored)
    except NotHad as e:
        why, detail = e.why, e.detail
    except cell.Refused as refused:
        why, detail = "refused", refused.grant
    except Exception as failure:  # whatever a page brought about is told as any failure is, and the next can be asked
        why, detail = "failed", "%s: %s" % (type(failure).__name__, failure)
    loader.missing = {asked["url"]: (why, detail)}
    return parcel(loader, 0, asked["url"], "", b"")


while (message := cell.receive()) is not None:
    came = time.monotonic()
    request = dict(line.split(" ", 1) for line in message.partition(b"\n\n")[0].decode().split("\n"))
    sizes = [int(size) for size in request["buckets"].split()]
    answer = outcome(request, sizes, came)
    release(answer, padded_size(len(answer), sizes), came, request)
