"""A function that does nothing but what it may, by the same means as the attacks: were it refused too, their refusal
would say nothing."""
import ctypes
import json
import threading

import cell

world = json.loads(cell.store.get("data"))
assert ctypes.CDLL(None).getpid() > 0
thread = threading.Thread(target=lambda: cell.store.put("../entry", b"kept"))
thread.start()
thread.join()
assert cell.store.get("../entry") == b"kept"
for place in ("http://127.0.0.2:%d/", "http://a-name.test:%d/"):
    status, headers, body = cell.fetch(place % world["web"])
    assert status == 200
print("words for nobody")
cell.send(b"good")
