"""Makes one document of a page and what it shows: reads HTML and CSS, and writes them anew with other links.

Nothing here fetches: who calls says where each link leads. What is written is not the source with holes in it: every
text and attribute is escaped anew, so that a browser reads no other elements than were read here. A policy at the
head of each document forbids whatever would be fetched all the same.
"""
import base64
import codecs
import html
import html.parser
import re
import urllib.parse

MISSING = "data:,"  # stands where something could not be had
SCREEN_WIDTH = 1280  # for which one image is taken, where a page offers several

# ---- URLs and characters


def absolute(base, written):
    """What a page names, as the plain http or https URL that the host takes; None when it is no such thing."""
    try:
        url = urllib.parse.urlsplit(urllib.parse.urljoin(base, written.strip().replace("\\", "/")))
        host, port = url.hostname or "", url.port
        host = host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        return None
    if url.scheme not in ("http", "https") or not host or "@" in url.netloc:
        return None
    host = "[%s]" % host if ":" in host else host
    place = host if port is None else "%s:%d" % (host, port)
    keep = "/:;=@!$&'()*+,~%[]"
    query = "?" + urllib.parse.quote(url.query, keep + "?") if url.query else ""
    fragment = "#" + urllib.parse.quote(url.fragment, keep + "?") if url.fragment else ""
    return "%s://%s%s%s%s" % (url.scheme, place, urllib.parse.quote(url.path or "/", keep), query, fragment)


# Those of the web's own list; Python knows more, among them some that turn plain letters into markup.
CHARSETS = re.compile(
    r"utf-?8|utf-16(le|be)?|(us-)?ascii|latin-?1|iso-?8859-\d\d?|windows-\d{3,4}|koi8-[ru]|gb2312|gbk|gb18030|big5"
    r"|euc-jp|euc-kr|shift_jis|iso-2022-jp|macintosh|ibm866", re.I)
READ_AS = {"ascii": "cp1252", "us-ascii": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso-8859-1": "cp1252",
           "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949"}
MARKS = (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be")
META_CHARSET = rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)"
CSS_CHARSET = rb"^@charset \"([\w-]+)\";"


def text(body, charset, inside):
    """Reads characters: by the mark at the start, what the server said, what stands inside, UTF-8, or Windows' own."""
    for mark, name in MARKS:
        if body.startswith(mark):
            return body[len(mark):].decode(name, "replace")
    said = re.search(inside, body[:1024], re.I)
    for name in charset, said.group(1).decode("ascii", "replace") if said else "":
        if CHARSETS.fullmatch(name):
            try:
                return body.decode(READ_AS.get(name.lower(), name), "replace")
            except LookupError:
                pass
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def data_uri(kind, content):
    """Text as it is, as far as a URI can have it, since that is squeezed better."""
    if kind.startswith("text/"):
        return "data:%s,%s" % (kind, urllib.parse.quote(content, "/:;=@!$&()*+,~?{}[]"))
    return "data:%s;base64,%s" % (kind, base64.b64encode(content).decode())


# ---- style sheets

STRING = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
CSS = re.compile(
    r"/\*.*?(?:\*/|\Z)"
    r"|(?P<style>@import\s+)?(?:\b(?:url|src)\(\s*(?P<url>" + STRING + r"|[^)\"']*?)\s*(?:\)|\Z))"
    r"|@import\s+(?P<bare>" + STRING + ")|" + STRING, re.I | re.S)


def css_url(written):
    """What a url says, without quotes and escapes."""
    if written[:1] in ("'", '"'):
        written = written[1:-1]

    def character(escape):
        return chr(min(int(escape[1], 16), 0xFFFD)) if escape[1] else escape[2]
    return re.sub(r"\\(?:([0-9a-f]{1,6})\s?|(.))", character, written, flags=re.I | re.S)


def css(sheet, base, put):
    """A style sheet whose every url leads where `put` says; nothing in it ends an element."""
    def one(match):
        written = match["url"] if match["url"] is not None else match["bare"]
        if written is None:
            return "" if match[0].startswith("/*") else match[0]
        style = match["bare"] is not None or match["style"] is not None
        target = put(base, css_url(written), "style" if style else "other")
        target = re.sub(r"[\\\"\s<]", lambda each: "%%%02X" % ord(each[0]), target)
        return '%surl("%s")' % ("@import " if style else "", target)
    return CSS.sub(one, sheet.replace("<!--", "")).replace("<", "\\3c ")


# ---- documents

VOID = set("area base br col embed frame hr img input link meta param source track wbr".split())
FRAMES = {"iframe", "frame", "embed", "object"}
LINKS = {"action", "formaction", "cite", "longdesc"}  # where a user may go, not what is shown
PAINTS = set("fill stroke filter mask clip-path marker-start marker-mid marker-end cursor style".split())
DROPPED = set("ping manifest integrity crossorigin nonce codebase archive classid code profile imagesrcset imagesizes"
              " sizes lowsrc dynsrc".split())
ELEMENT = re.compile(r"[a-z][a-z0-9:_-]*", re.A)
ATTRIBUTE = re.compile(r"[a-z_@:][\w:.@-]*", re.A)
SCRIPT = re.compile(r"|module|(text|application)/(x-)?(java|ecma)script", re.I)
HEAD = ('<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="%s">'
        '<meta name="referrer" content="no-referrer"><meta http-equiv="x-dns-prefetch-control" content="off">')
SHOWS = "default-src data: 'unsafe-inline'; connect-src 'none'; base-uri 'none'"
RUNS_NOTHING = "; script-src 'none'"


def best(srcset):
    """Of the candidates for screens of all sizes, the URL of the one for ours."""
    found = []
    for url, descriptor in re.findall(r"[\s,]*(\S*[^\s,])(?:\s+([^,]*))?", srcset):
        size = re.match(r"(\d+(?:\.\d+)?)([wx])", descriptor.strip())
        amount = float(size[1]) if size else 1
        found.append((amount if size and size[2] == "w" else amount * SCREEN_WIDTH, url))
    fitting = [each for each in found if each[0] >= SCREEN_WIDTH]
    return min(fitting)[1] if fitting else max(found)[1] if found else ""


class Document(html.parser.HTMLParser):
    """Writes a page anew: each link that is followed without being clicked leads where `put` says."""

    def __init__(self, base, put, scripts, tell):
        super().__init__()
        self.base, self.put, self.scripts, self.tell = base, put, scripts, tell
        self.based, self.raw = False, None
        self.doctype, self.out = "", []

    def whole(self, source):
        self.feed(source.replace("\0", ""))
        self.close()
        self.end_raw()
        head = HEAD % (SHOWS if self.scripts else SHOWS + RUNS_NOTHING)
        return b"".join(part.encode("utf-8", "replace") for part in [self.doctype, head] + self.out)

    def handle_decl(self, decl):
        if not self.out and re.fullmatch(r"doctype[^<>]*", decl, re.I):
            self.doctype = "<!%s>" % decl

    def handle_data(self, data):
        if self.raw is not None:
            self.raw[2].append(data)
        elif self.out or data.strip():
            self.out.append(html.escape(data, quote=False))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes, "/>")

    def handle_starttag(self, tag, attributes, end=">"):
        self.end_raw()
        given = {}
        for name, value in attributes:
            given.setdefault(name, value or "")
        if tag == "base" and not self.based:
            self.base, self.based = absolute(self.base, given.get("href", "")) or self.base, True
        elif tag in ("script", "style"):
            self.raw = tag, given, []
        elif tag == "meta":
            self.meta(given)
        elif tag == "link":
            self.link(given)
        elif self.is_kept(tag):
            self.out.append(self.start(tag, given, end))

    def handle_endtag(self, tag):
        self.end_raw()
        if self.is_kept(tag) and tag not in VOID and tag not in ("script", "style"):
            self.out.append("</%s>" % tag)

    def is_kept(self, tag):
        """What stands in a noscript is shown where no script runs."""
        if tag in ("base", "plaintext", "applet") or tag == "noscript" and not self.scripts:
            return False
        return ELEMENT.fullmatch(tag) is not None

    def end_raw(self):
        """A script or a style sheet, all of it: no character of its text is markup. Scripts' data is left out."""
        if self.raw is None:
            return
        (tag, given, parts), self.raw = self.raw, None
        if tag == "style":
            self.out.append(self.start(tag, given) + css("".join(parts), self.base, self.put) + "</style>")
        elif SCRIPT.fullmatch(given.get("type", "").strip()):
            given.setdefault("src", data_uri("text/javascript;charset=utf-8", "".join(parts)))
            self.out.append(self.start(tag, given) + "</script>")

    def meta(self, given):
        kind = given.get("http-equiv", "").strip().lower()
        if kind == "refresh":
            goal = re.search(r"url\s*=\s*[\"']?([^\"']*)", given.get("content", ""), re.I)
            url = goal and absolute(self.base, goal[1])
            if url:
                self.tell(url, "left-out", "a refresh of the page")
        elif not kind and "charset" not in given:
            self.out.append(self.start("meta", given))

    def link(self, given):
        """Of what a page is linked with, style sheets and icons are shown."""
        kinds = given.get("rel", "").lower().split()
        if "stylesheet" in kinds and "alternate" not in kinds:
            self.out.append(self.start("link", {**given, "rel": "stylesheet"}, kind="style"))
        elif "icon" in kinds:
            self.out.append(self.start("link", {**given, "rel": "icon"}))

    def start(self, tag, given, end=">", kind="other"):
        if "srcset" in given:
            chosen = best(given.pop("srcset"))
            given["src" if tag == "img" else "srcset"] = chosen
        written = ["<" + tag]
        for name, value in given.items():
            value = self.attribute(tag, name, value, kind) if ATTRIBUTE.fullmatch(name) else None
            if value is not None:
                written.append('%s="%s"' % (name, html.escape(value)))
        return " ".join(written) + end

    def attribute(self, tag, name, value, kind):
        """The attribute's new value; None when it goes."""
        link = name in ("href", "xlink:href")
        if name in DROPPED:
            return None
        if name in LINKS or link and tag in ("a", "area"):
            return value if value.startswith("#") else absolute(self.base, value) or value
        if name == "srcdoc":
            return Document(self.base, self.put, self.scripts, self.tell).whole(value).decode()
        if link or name in ("src", "srcset", "poster", "background") or name == "data" and tag == "object":
            return self.put(self.base, value, "frame" if tag in FRAMES else kind)
        return css(value, self.base, self.put) if name in PAINTS else value


def rewritten(resource, kind, embed, scripts, tell):
    """A resource that names others, with what `embed` gives for each, in UTF-8; None when it names none.

    `kind` is what it stands for: a style sheet, a frame, or something other; `tell` hears what is left out."""
    def put(base, written, kind):
        if written.startswith("#") or written[:5].lower() == "data:":
            return written
        url, mark, fragment = (absolute(base, written) or "").partition("#") if written.strip() else ("", "", "")
        return embed(url, kind) + mark + fragment if url else MISSING

    if kind == "style":
        return css(text(resource.body, resource.charset, CSS_CHARSET), resource.url, put).encode("utf-8", "replace")
    if kind == "frame" and resource.is_html():
        source = text(resource.body, resource.charset, META_CHARSET)
        return Document(resource.url, put, scripts, tell).whole(source)
    return None
