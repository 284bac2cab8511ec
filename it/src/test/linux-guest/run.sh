#!/bin/bash
# run.sh JOBDIR: boots the guest kernel as a process on JOBDIR, where guest.py and the case folders are. The guest's console
# goes to JOBDIR/console.log. Ends when the guest powers off, or after ten minutes.
set -euo pipefail
C=${SPIGRP_GUEST_CACHE:-$HOME/.cache/spigrp-linux-guest}
job=$(realpath "$1")
exec timeout 600 "$C/uml/usr/bin/linux.uml" mem=512M initrd="$C/initrd.gz" con=null con0=null,fd:1 quiet \
  job="$job" mods="$C/uml/usr/lib/uml" < /dev/null > "$job/console.log" 2>&1
