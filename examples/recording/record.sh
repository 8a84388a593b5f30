#!/usr/bin/env bash
# Records examples/src/main/resources/dev/cloister/examples/browsing.pcap, or the file named as argument.
#
# Clients and servers are real programs in network namespaces, so the recording sees no traffic but theirs:
#
#   clients (192.0.2.0/24,         link (a process that      servers (198.51.100.0/24,
#   2001:db8:1::/64)  outside ---- forwards frames) -------- 2001:db8:2::/64): nginx, backend, names, mail
#   tcpdump runs here
#
# Needs root, bash, python3, nginx, curl, tcpdump, iproute2, ethtool, ping, nc (netcat-openbsd), unshare, hostname.
# Takes half a minute. Whatever happens, processes, namespaces and files in between are gone afterwards.
set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/../src/main/resources/dev/cloister/examples/browsing.pcap}

for tool in python3 nginx curl tcpdump ip ethtool ping nc unshare hostname; do
  command -v "$tool" > /dev/null || { echo "record.sh needs $tool: install it" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "record.sh makes network namespaces: run it as root" >&2; exit 1; }

scratch=$(mktemp -d)
clients=cloister-clients-$$ link=cloister-link-$$ servers=cloister-servers-$$

clean() {
  local namespace
  set +e
  trap '' INT TERM HUP
  for namespace in $clients $link $servers; do    # only what was started here lives in them
    [ -e "/run/netns/$namespace" ] && ip netns pids $namespace | xargs -r kill -KILL
  done
  for namespace in $clients $link $servers; do
    [ -e "/run/netns/$namespace" ] && ip netns del $namespace
  done
  rm -rf "$scratch"
}
trap clean EXIT
trap 'exit 1' INT TERM HUP

# The namespaces, and the two cables that end in the link.
for namespace in $clients $link $servers; do
  ip netns add $namespace
  ip -n $namespace link set lo up
done
ip -n $link link add near type veth peer name outside netns $clients
ip -n $link link add far type veth peer name inside netns $servers
for interface in near far; do    # the link has no addresses, and says nothing of its own
  ip netns exec $link sh -c "echo 1 > /proc/sys/net/ipv6/conf/$interface/disable_ipv6"
done
ip -n $clients link set outside address 00:00:5e:00:53:01    # documentation addresses here too (RFC 7042)
ip -n $servers link set inside address 00:00:5e:00:53:02

# Frames as on a wire: none larger than the MTU, and checksums computed.
plain() { ip netns exec "$1" ethtool -K "$2" gro off gso off tso off tx off rx off > /dev/null; ip -n "$1" link set "$2" mtu 1500 up; }
plain $clients outside
plain $link near
plain $link far
plain $servers inside

# The servers' addresses are behind a router, which is the servers' end of the clients' network.
ip -n $servers address add 192.0.2.1/24 dev inside
ip -n $servers address add 2001:db8:1::1/64 dev inside nodad
grep -v '^#' "$here/hosts" | while read -r address _; do
  case $address in *:*) options=nodad ;; *) options= ;; esac
  ip -n $servers address add "$address" dev lo $options
done
for address in 192.0.2.{10,11,37,130,201}/24; do
  ip -n $clients address add "$address" dev outside
done
for address in 2001:db8:1::{10,11,37,a:130,b:201}/64; do
  ip -n $clients address add "$address" dev outside nodad
done
ip -n $clients route add default via 192.0.2.1
ip -n $clients -6 route add default via 2001:db8:1::1

# The programs. No byte code is left beside the sources.
export PYTHONDONTWRITEBYTECODE=1
python3 "$here/content.py" "$scratch/sites"
mkdir "$scratch/temp" "$scratch/clients"
ip netns exec $link python3 "$here/wire.py" near far &
wire=$!
ip netns exec $servers python3 "$here/names.py" 198.51.100.53 "$here/hosts" &
ip netns exec $servers python3 "$here/mail.py" &
ip netns exec $servers python3 "$here/backend.py" &
ip netns exec $servers nginx -p "$scratch" -c "$here/nginx.conf" -e error.log &
disown -a    # clean ends them, without a word

ready() {    # what is waited for, then the command that tells
  local what=$1 attempt
  shift
  for attempt in {1..100}; do
    "$@" > /dev/null 2>&1 && return
    sleep 0.1
  done
  echo "$what did not come up within 10 seconds" >&2
  exit 1
}
for port in 25 80 8080; do
  ready "the server on port $port" ip netns exec $servers nc -z 127.0.0.1 $port
done
ready "the link" ip netns exec $clients ping -c 1 -W 1 192.0.2.1
ready "IPv6 on the link" ip netns exec $clients ping -c 1 -W 1 2001:db8:1::1
settled() { [ -z "$(ip -n "$1" -6 address show tentative)" ]; }
for namespace in $clients $servers; do
  ready "the link-local address" settled $namespace
  ip -n $namespace neighbour flush all    # so that the recording begins with asking for them
done

ip netns exec $clients tcpdump -i outside -s 0 -w "$scratch/browsing.pcap" -Z root 2> "$scratch/tcpdump.log" &
tcpdump=$!
ready tcpdump grep -q 'listening on' "$scratch/tcpdump.log"

# The clients have a name server and a host name of their own, and no settings (proxies, .curlrc), so that
# none of this machine's get out.
printf 'nameserver 198.51.100.53\n' > "$scratch/resolv.conf"
grep -E 'www|downloads' "$here/hosts" > "$scratch/hosts"    # the names asked for most, as if remembered
env -i PATH="$PATH" LC_ALL=C HOME="$scratch/clients" SCRATCH="$scratch/clients" FILES="$scratch/sites/downloads/files" \
  WIRE=$wire ip netns exec $clients unshare --uts --mount bash -c '
  set -e
  hostname client.example.org
  mount --bind "$1/resolv.conf" /etc/resolv.conf
  mount --bind "$1/hosts" /etc/hosts
  exec bash "$2/clients.sh"' clients "$scratch" "$here" < /dev/null &
wait $!    # rather than run in front, so that a signal is heeded at once

sleep 1    # for the last connections to end
kill -INT $tcpdump
wait $tcpdump
cat "$scratch/tcpdump.log"
grep -q '^0 packets dropped by kernel' "$scratch/tcpdump.log" || { echo "tcpdump lost packets: record again" >&2; exit 1; }
mkdir -p "$(dirname "$target")"
cp "$scratch/browsing.pcap" "$target"
