"""Fetches each page that a message names, and sends its status, its type and its title, or who refused it."""
import cell

while (message := cell.receive(5)) is not None:
    try:
        status, headers, body = cell.fetch(message.decode(), "GET", {"accept": "text/html"})
    except cell.Refused as refused:
        cell.send(b"refused " + refused.grant.encode())
        continue
    start, end = body.find(b"<title>"), body.find(b"</title>")
    title = body[start + 7:end] if 0 <= start < end else b"-"
    cell.send(b"%d %s %s" % (status, headers.get("content-type", "-").encode(), title))
