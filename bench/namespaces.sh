# Two hosts in network namespaces, joined by a cable; sourced by live, latency and soak.
#
#   +--- west -----------------------+               +--- east -----------------------+
#   | 10.1.0.1         192.0.2.1/24  |     veth      |  192.0.2.2/24         10.2.0.1 |
#   | the tunnel's dev ------- eth0  |---------------|  eth0 ------- the tunnel's dev |
#   +--------------------------------+               +--------------------------------+
#
# All addresses are inside; the host's own links, addresses and routes are not touched. Whatever was made here is taken
# away by end(), also after an error: processes by their number, then the namespaces with all that is in them.

tag=spigrp-$$
scratch=$(mktemp -d)
namespaces=() children=()
# A daemon must not write where one of the host would.
private_run='mount -t tmpfs tmpfs /run'

declare -A outside=([west]=192.0.2.1 [east]=192.0.2.2) inside=([west]=10.1.0.1 [east]=10.2.0.1)
declare -A network=([west]=10.1.0.0/24 [east]=10.2.0.0/24) other=([west]=east [east]=west)

die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
say() { [ ! -t 2 ] || printf '\r\033[K%s' "$*" >&2; } # progress, only where somebody looks on

end() {
    set +e
    trap '' INT TERM
    say
    for pid in "${children[@]}"; do kill "$pid" 2> /dev/null; done
    for pid in "${children[@]}"; do
        for ((i = 0; i < 50; i++)); do kill -0 "$pid" 2> /dev/null && sleep 0.1; done
        kill -9 "$pid" 2> /dev/null
        wait "$pid" 2> /dev/null
    done
    for ns in "${namespaces[@]}"; do # nobody but us is in there
        for pid in $(ip netns pids "$ns"); do kill -9 "$pid" 2> /dev/null; done
        ip netns del "$ns"
    done
    rm -rf "$scratch"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

need() { # root, and programs, each with its Debian package: need ip:iproute2 ...
    [ "$(id -u)" = 0 ] || die "needs root, for network namespaces"
    local missing=() pair
    for pair; do
        command -v "${pair%%:*}" > /dev/null || missing+=("${pair#*:}")
    done
    [ ${#missing[@]} = 0 ] || die "needs ${missing[*]}: apt-get install --no-install-recommends ${missing[*]}"
}

# A pair of hosts of that name.
hosts() {
    local side
    for side in west east; do
        ip netns add "$tag-$1-$side"
        namespaces+=("$tag-$1-$side")
        ip -n "$tag-$1-$side" link set lo up
    done
    ip -n "$tag-$1-west" link add eth0 type veth peer name eth0 netns "$tag-$1-east"
    for side in west east; do
        ip -n "$tag-$1-$side" addr add "${outside[$side]}/24" dev eth0
        ip -n "$tag-$1-$side" link set eth0 up
    done
}

# The two know each other's hardware address: no ARP.
hosts_know_each_other() {
    local side peer
    for side in west east; do
        peer=${other[$side]}
        ip -n "$tag-$1-$side" neigh replace "${outside[$peer]}" dev eth0 nud permanent \
            lladdr "$(on "$1" "$peer" cat /sys/class/net/eth0/address)"
    done
}

# In the host's namespace: on NAME SIDE COMMAND...
on() { ip netns exec "$tag-$1-$2" "${@:3}"; }

# Starts a process there; $started is its number, and it is ended at the end. Its words: $scratch/NAME-SIDE.log
background() {
    local name=$1 side=$2
    ip netns exec "$tag-$name-$side" unshare -m bash -c "$private_run; exec \"\$@\"" - "${@:3}" \
        > "$scratch/$name-$side.log" 2>&1 < /dev/null &
    started=$!
    children+=("$started")
}

# Runs there, seeing the same /run as process $1.
beside() { nsenter -t "$1" -m -n "${@:2}"; }

# Until "$@" says yes, at most 20 s.
until_true() {
    local i
    for ((i = 0; i < 200; i++)); do
        "$@" > /dev/null 2>&1 && return 0
        sleep 0.1
    done
    return 1
}

# The inner address of SIDE on its tunnel device, and the way to the other's: route NAME SIDE DEVICE
route() {
    ip -n "$tag-$1-$2" addr add "${inside[$2]}/24" dev "$3"
    ip -n "$tag-$1-$2" link set "$3" up
    ip -n "$tag-$1-$2" route add "${network[${other[$2]}]}" dev "$3"
}

# Clock ticks that these processes have used; fails if one of them is gone.
ticks() {
    local pid sum=0 line fields
    for pid; do
        read -r line 2> /dev/null < "/proc/$pid/stat" || return 1
        read -ra fields <<< "${line##*) }"
        [ "${fields[0]}" != Z ] || return 1
        sum=$((sum + fields[11] + fields[12]))
    done
    echo "$sum"
}

# Gives both hosts the groups, eroutes and the attachment of a tunnel: protection NAME [MORE WORDS FOR THE ESP SAs]
protection() {
    local side from to
    local -A key
    for side in west east; do key[$side]=0x$(od -An -vtx1 -N20 /dev/urandom | tr -d ' \n'); done
    for side in west east; do
        for from in west east; do
            to=${other[$from]}
            echo "spi --said tun0x101@${outside[$to]} --src ${outside[$from]} --dst ${outside[$to]} --ip4"
            echo "spi --said esp0x102@${outside[$to]} --src ${outside[$from]} --esp aes128gcm16 --enckey ${key[$from]} ${*:2}"
            echo "spigrp --said tun0x101@${outside[$to]} esp0x102@${outside[$to]}"
        done > "$scratch/script"
        to=${other[$side]}
        {
            echo "eroute --add --eraf inet --src ${network[$side]} --dst ${network[$to]} --said tun0x101@${outside[$to]}"
            echo "eroute --addin --eraf inet --src ${network[$to]} --dst ${network[$side]} --said tun0x101@${outside[$side]}"
            echo "tncfg --attach --virtual ipsec0 --physical eth0"
        } >> "$scratch/script"
        on "$1" "$side" unshare -m bash -c "$private_run; exec \"\$@\"" - \
            env IPSEC_STATE="$scratch/$1-$side" "$here/ipsec" -f "$scratch/script"
    done
}

# Starts the live stack there, and waits until it says ready; $started is its number: daemon NAME SIDE [WORDS FOR ipsec run]
daemon() {
    background "$1" "$2" env IPSEC_USER=root IPSEC_STATE="$scratch/$1-$2" "$here/ipsec" run "${@:3}"
    until_true grep -qx ready "$scratch/$1-$2.log" || {
        echo "ipsec run did not get ready" >> "$scratch/$1-$2.log"
        return 1
    }
}

# Starts a tunnel that does nothing there, as `ipsec run` would be started: do_nothing NAME SIDE ip|udp; wants $JAVA_HOME
# and $here. $started is its number.
do_nothing() {
    background "$1" "$2" "$JAVA_HOME/bin/java" -XX:+UseSerialGC -Xms64m -Xmx512m -XX:-UsePerfData \
        --enable-native-access=ALL-UNNAMED -cp "$here/.build/maven/spigrp-bench/dist/*" \
        org.spigrp.bench.BareTunnel tun0 eth0 "${outside[$2]}" "${outside[${other[$2]}]}" "$3"
    until_true grep -qx ready "$scratch/$1-$2.log" || {
        echo "BareTunnel did not get ready: $(tail -n 1 "$scratch/$1-$2.log")" >> "$scratch/$1-$2.log"
        return 1
    }
}
