#!/usr/bin/env bash
# Prints the table of README.md, as tshark counts: count.sh [FILE].
set -eu -o pipefail
file=${1:-$(dirname "$0")/../src/main/resources/dev/cloister/examples/browsing.pcap}

# Lost segments are filled in before HTTP is looked for; without this tshark misses what follows them.
shark() { tshark -o tcp.reassemble_out_of_order:TRUE -r "$file" "$@" 2> /dev/null; }
packets() { shark -Y "$1" -T fields -e frame.number | wc -l; }
values() { shark -Y "$1" -T fields -e "$1" | tr ',' '\n' | grep -c .; }    # a packet may hold several requests
each() { shark -Y "$1" -T fields -E aggregator=';' -e "$1" | tr ';' '\n' | sort | uniq -c | awk '{n = $1; $1 = ""; print substr($0, 2) ": " n}' | paste -sd';' | sed 's/;/; /g'; }
streams() { shark -Y "$1" -T fields -e tcp.stream | sort -u | wc -l; }
row() { printf '| %s | %s |\n' "$1" "$2"; }

row 'what' 'count'
row '---' '---'
row 'bytes of the file' "$(stat -c %s "$file")"
row 'packets' "$(packets frame)"
row 'of these IPv4, IPv6, ARP' "$(packets ip), $(packets ipv6), $(packets arp)"
row 'fragments of IPv4, IPv6' "$(packets 'ip.flags.mf == 1 or ip.frag_offset > 0'), $(packets ipv6.fraghdr)"
row 'DNS, ICMP and ICMPv6' "$(packets dns), $(packets 'icmp or icmpv6')"
row 'TCP connections' "$(streams tcp)"
row 'of these IPv4, IPv6' "$(streams 'tcp and ip'), $(streams 'tcp and ipv6')"
row 'of these SMTP, refused' "$(streams smtp), $(streams 'tcp.port == 81')"
row 'retransmitted segments, out of order, holes at first, resets' "$(packets tcp.analysis.retransmission), $(packets tcp.analysis.out_of_order), $(packets tcp.analysis.lost_segment), $(packets 'tcp.flags.reset == 1')"
row 'requests' "$(values http.request.method)"
row 'of these over IPv6' "$(shark -Y 'http.request and ipv6' -T fields -e http.request.method | tr ',' '\n' | wc -l)"
row 'by method' "$(each http.request.method)"
row 'by version' "$(each http.request.version)"
row 'responses' "$(values http.response.code)"
row 'by status' "$(each http.response.code)"
row 'chunked requests, chunked responses' "$(packets 'http.request and http.transfer_encoding'), $(packets 'http.response and http.transfer_encoding')"
row 'by coding' "$(each http.content_encoding)"
row 'with Cookie, Authorization, Referer, X-Forwarded-For' "$(packets http.cookie), $(packets http.authorization), $(packets http.referer), $(packets http.x_forwarded_for)"
