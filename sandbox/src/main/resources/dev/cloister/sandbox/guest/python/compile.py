"""Writes beside the sources in a directory their byte code for this interpreter, which loader.py prefers."""
import marshal
import sys

for name in "guest", "cell":
    path = "%s/%s" % (sys.argv[1], name)
    with open(path + ".py", "rb") as source, open("%s.%s" % (path, sys.implementation.cache_tag), "xb") as code:
        code.write(marshal.dumps(compile(source.read(), "<%s>" % name, "exec")))
