#!/bin/bash
# live.sh NETNS JOBDIR TAP...: boots the guest kernel as a live peer. Each TAP of the namespace NETNS is a card of the guest,
# vec0, vec1, ... in this order, without addresses; JOBDIR is its /job. When the line "GUEST ready" has come, shell commands
# on stdin run inside as root, and what they print comes on stdout. The guest ends with its stdin.
set -euo pipefail
C=${SPIGRP_GUEST_CACHE:-$HOME/.cache/spigrp-linux-guest}
netns=$1 job=$(realpath "$2")
shift 2
cards=()
for tap; do
  cards+=("vec${#cards[@]}:transport=tap,ifname=$tap,depth=64,gro=1")
done
# The guest's console loses what is in the pipe when it closes: so it is told to exit, and the pipe stays open until it has.
exec 0< <(cat; echo exit; tail -f /dev/null --pid=$$)
exec ip netns exec "$netns" "$C/uml/usr/bin/linux.uml" mem=256M initrd="$C/initrd.gz" con=null con0=fd:0,fd:1 quiet \
  loglevel=0 live job="$job" mods="$C/uml/usr/lib/uml" "${cards[@]}" 2> "$job/stderr.log"
