#!/usr/bin/env bash
# What the clients do while tcpdump records. record.sh runs this in the clients' namespace, with SCRATCH (a directory
# for cookie jars and bodies), FILES (what nginx serves under /files/) and WIRE (the process that is the link) set.
# Answers that are errors are part of it, so nothing here stops at a failure.
set -u
cd "$SCRATCH" || exit 1
RANDOM=20    # the same clients do the same each time

# Clients by network: the prefixes they share, and where they part, is what prefix-preserving
# anonymization has to keep. Each has a few cookies of its own and one browser.
v4=(192.0.2.10 192.0.2.11 192.0.2.37 192.0.2.130 192.0.2.201)
v6=(2001:db8:1::10 2001:db8:1::11 2001:db8:1::37 2001:db8:1::a:130 2001:db8:1::b:201)
browsers=(
  'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0'
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15'
  'Example-Reader/2.1 (grey.heron@example.org)'
  'curl/8.0.0'
)
people=(grey.heron pine.marten red.squirrel sea.otter tree.frog)

# A new client for what follows: client 4|6 NUMBER
client() {
  local addresses=("${v4[@]}")
  [ "$1" = 6 ] && addresses=("${v6[@]}")
  version=$1 number=$2 from=${addresses[$2]} person=${people[$2]} jar=jar-$1-$2
  common=(-s --max-time 20 --interface "$from" "-$version" -A "${browsers[$2]}")
}

# One curl, so one connection for each server: fetch OPTIONS... ADDRESSES...
fetch() { curl "${common[@]}" "$@" >> bodies; }

# Bytes as given, each write in a segment, then the end of our half, while the answer still comes: printf ... | raw HOST
raw() { nc "-$version" -s "$from" -q 1 "$1" 80 >> bodies; }

weather() { kill "-$1" "$WIRE"; }
rough=USR1 fair=USR2

# A page, then on three connections what it shows, as a browser does it: visit PAGE FIRST_IMAGE
visit() {
  local page=http://www.example.com$1 image=$2
  fetch --compressed -b "$jar" -c "$jar" -H "Cookie: visitor=$person; theme=dark" "$page" \
    --next "${common[@]}" --compressed -e "$page" http://www.example.com/{style.css,app.js,favicon.ico} &
  fetch -e "$page" "http://static.example.com/img/[$image-$((image + 1))].png" &
  fetch -e "$page" "http://static.example.com/img/[$((image + 2))-$((image + 3))].png" &
  wait
}

# Log in, look around, buy, look at the cart: cookies, redirects after POST, names in addresses.
shop() {
  local home=http://shop.example.org
  fetch -L -b "$jar" -c "$jar" -d "user=$person&password=feather-$number" "$home/login"
  fetch --compressed -b "$jar" -e "$home/home" "$home/search?q={lamp,tea+pot}&user=$person"
  fetch -L -b "$jar" -c "$jar" -e "$home/search?q=lamp" -d "item=lamp-$number&email=$person@example.org" "$home/cart"
  fetch -b "$jar" -H "X-Forwarded-For: 203.0.113.$((20 + number)), 192.0.2.1" -H "From: $person@example.org" \
    "$home/users/$person/{orders,addresses}"
}

# A program: a token, JSON, keep-alive, and each framing and coding in turn.
program() {
  local home=http://api.example.test
  fetch --compressed -H "Authorization: Bearer made-up-token-$person" -H "X-Forwarded-For: 203.0.113.$((40 + number))" \
    "$home/users/$person/items/[1-4]" "$home/deflate/$number" "$home/bare-deflate/$number" "$home/deflate-chunked/$number" \
    "$home/members/$number" "$home/chunked/$number" "$home/live" "$home/nothing"
  fetch -H 'Content-Type: application/json' -d "{\"name\": \"$person\", \"mail\": \"$person@example.org\"}" "$home/echo"
  fetch -X DELETE "$home/echo/$number"
  # The backend by itself, on a port of its own: extensions, trailers, HTTP/1.0 answers, bodies until close.
  fetch --compressed "$home:8080/trailer/$number" "$home:8080/twice/$number" "$home:8080/until-close/$number"
  fetch "$home:8080/old-style/$number"
}

errors() {
  fetch http://www.example.com/{missing.html,private/,account/}               # 404 403 401, on one connection
  fetch http://api.example.test/{error,unavailable,broken/,no-such-thing}      # 500 503 502 404
  fetch http://api.example.test/late                                           # 504
  fetch -H 'Host: elsewhere.example.net' http://www.example.com/               # 421
  fetch -d 'not=allowed' http://www.example.com/about.html                     # 405
  fetch "http://www.example.com/?long=$(printf 'x%.0s' {1..2500})"             # 414
  fetch -r 900000- http://downloads.example.net/files/small.bin                # 416
  head -c 150000 /dev/zero | fetch -H 'Expect: 100-continue' -H 'Transfer-Encoding:' -H 'Content-Length: 150000' \
    -T - http://downloads.example.net/incoming/too-large.bin                   # 413, and the body is never sent
  printf 'GET /about.html HTTP/1.1\r\n\r\n' | raw www.example.com              # 400: no Host
  printf 'GET /about.html HTTP/3.7\r\nHost: www.example.com\r\n\r\n' | raw www.example.com    # 505
  printf 'get\x01me something\r\n\r\n' | raw www.example.com                   # 400: not HTTP at all
}

redirects() {
  fetch -L http://www.example.com/old      # 301
  fetch -L http://www.example.com/go       # 302, to another host
  fetch -L http://www.example.com/hop      # two in a row
  fetch -L http://www.example.com/forever  # 308
  fetch -L -d "user=$person" http://shop.example.org/moved    # 307: the form goes twice
}

uploads() {
  local incoming=http://downloads.example.net/incoming/$version-$number
  head -c 3000 "$FILES/small.bin" > small-upload
  head -c 12000 "$FILES/medium.bin" > upload
  fetch -F "user=$person" -F 'comment=a line of text' -F 'file=@small-upload;filename=holiday.jpg;type=image/jpeg' \
    http://shop.example.org/echo                                                          # multipart
  fetch -H 'Expect:' -T small-upload "$incoming/a.bin" -T small-upload "$incoming/a.bin"   # 201, then 204
  fetch -H 'Expect: 100-continue' -T upload "$incoming/b.bin"                              # 100, then 201
  fetch -H 'Expect: 100-continue' --data-binary @small-upload http://api.example.test/echo # 100, then 200
  fetch -H 'Expect:' -T - "$incoming/c.bin" < small-upload                                 # a chunked request
  fetch -T - "$incoming/d.bin" < upload                                                    # chunked, and 100
  fetch -X DELETE "$incoming/"{a,b}.bin
  fetch -u grey.heron:feather-42 http://www.example.com/account/                           # Authorization: Basic
  fetch --anyauth -u grey.heron:feather-42 http://www.example.com/account/                 # 401, then 200
}

partly() {
  local files=http://downloads.example.net/files
  fetch -I "$files/"{small,medium}.bin http://www.example.com/                     # HEAD: a length and no body
  fetch -I --compressed http://www.example.com/about.html                          # HEAD: chunked and no body
  fetch -r 0-499 "$files/small.bin"
  fetch -r -500 "$files/small.bin"
  fetch -r 100-199,3000-3999 "$files/small.bin"                                    # multipart/byteranges
  fetch -C 20000 "$files/medium.bin"
  fetch --etag-save "tag$version$number" "$files/small.bin"
  fetch --etag-compare "tag$version$number" "$files/small.bin"                     # 304
  fetch -z 'Fri, 01 Aug 2025 00:00:00 GMT' http://www.example.com/img/[5-7].png    # 304, three on a connection
  fetch -z 'Mon, 01 Jan 2024 00:00:00 GMT' http://www.example.com/img/1.png        # 200: it is newer
  fetch http://www.example.com/empty.txt "$files/"                                 # a body of no bytes; a listing
}

old_ways() {
  fetch -0 http://www.example.com/about.html                                       # HTTP/1.0, closed after a length
  fetch -0 -H 'Connection: keep-alive' http://www.example.com/articles/[1-3].html  # HTTP/1.0, kept open
  fetch -0 http://www.example.com/today.shtml                                      # HTTP/1.0, until close
  fetch -H 'Connection: close' http://www.example.com/articles/4.html
  fetch http://www.example.com/unmeasured/today.shtml                              # HTTP/1.1, until close
  fetch http://www.example.com/today.shtml http://www.example.com/about.html       # chunked, then a length
}

# One request's lines: request METHOD PATH [LINE...]
request() {
  printf '%s %s HTTP/1.1\r\nHost: www.example.com\r\n' "$1" "$2"
  shift 2
  [ $# -gt 0 ] && printf '%s\r\n' "$@"
  printf '\r\n'
}

pipelines() {
  local several
  several=$(request GET /articles/1.html; request HEAD /about.html; request GET /missing.html
    request GET /img/1.png 'If-Modified-Since: Wed, 01 Jan 2025 12:00:00 GMT'; request GET /old
    request GET /style.css 'Accept-Encoding: gzip' 'Connection: close'; printf .)
  printf %s "${several%.}" | raw www.example.com       # six requests in one segment
  { # A request in three segments, cut within a word, and another that begins with the third.
    printf 'GET /articles/2.html HT'; sleep 0.05
    printf 'TP/1.1\r\nHo'; sleep 0.05
    printf 'st: www.example.com\r\n\r\n'; request GET /favicon.ico 'Connection: close'
  } | raw www.example.com
}

# What is not HTTP.
others() {
  printf 'Subject: hello\r\n\r\nA line from %s.\r\n' "$person" | fetch -T - --mail-from "$person@example.org" \
    --mail-rcpt tree.frog@example.com smtp://mail.example.test/client.example.org    # without it, EHLO names this machine
  ping "-$version" -n -I "$from" -q -c 2 -i 0.2 www.example.com > /dev/null
  ping "-$version" -n -I "$from" -q -c 2 -i 0.2 -s 4000 $([ "$version" = 4 ] && echo -M dont) downloads.example.net > /dev/null    # fragments
  printf 'anybody?' | nc "-$version" -u -s "$from" -w 1 www.example.com 9    # answered by ICMP: port unreachable
}

# Connections that end badly.
endings() {
  fetch --max-time 1 http://downloads.example.net/files/endless.bin     # given up halfway: closed
  fetch --limit-rate 8k --max-time 1 http://downloads.example.net/files/medium.bin    # with data unread: reset
  fetch http://api.example.test:8080/reset                              # reset by the server halfway
  fetch http://www.example.com:81/                                      # refused
}

for number in 0 1 2 3 4; do
  client 4 $number
  visit / $((1 + number))
  visit /news/ $((6 + number))
  client 6 $number
  visit /about.html $((11 + number))
done

client 4 0; fetch --compressed http://www.example.com/articles/[1-12].html
client 6 1; fetch http://www.example.com/articles/[1-8].html

client 4 1; shop
client 4 3; shop
client 6 2; shop
client 6 4; shop

for what in program errors redirects uploads partly old_ways pipelines others endings; do
  client 4 $((RANDOM % 5)); $what
  client 6 $((RANDOM % 5)); $what
done

weather $rough
client 4 2; fetch http://downloads.example.net/files/large.bin
client 6 2; fetch http://downloads.example.net/files/large.bin
for version in 4 6; do
  client $version 0; visit /articles/5.html 1; shop
  client $version 2; visit /articles/6.html 3
  fetch -H 'Expect:' -T "$FILES/medium.bin" http://downloads.example.net/incoming/rough-$version.bin
done
client 4 3; program
weather $fair

client 4 4; visit /articles/12.html 15
client 6 0; visit / 1
