#!/bin/bash
# Fetches Debian's User-Mode Linux (without installing it) and builds a tiny initramfs for it, into
# ${SPIGRP_GUEST_CACHE:-~/.cache/spigrp-linux-guest}. Root on Debian only; done once.
set -euo pipefail
C=${SPIGRP_GUEST_CACHE:-$HOME/.cache/spigrp-linux-guest}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$C"
exec 9> "$C/lock"; flock 9
[ ! -e "$C/initrd.gz" ] || [ "$here/guest-init.sh" -nt "$C/initrd.gz" ] || exit 0
apt-cache show user-mode-linux > /dev/null 2>&1 || apt-get -o DPkg::Lock::Timeout=300 -qq update
need=()
for p in busybox-static:/bin/busybox iproute2:/usr/sbin/ip iptables:/usr/sbin/iptables-legacy \
         kmod:/usr/sbin/modprobe cpio:/usr/bin/cpio python3-minimal:/usr/bin/python3; do
  [ -e "${p#*:}" ] || need+=("${p%%:*}")
done
if [ ${#need[@]} -gt 0 ]; then
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends "${need[@]}"
fi
if [ ! -d "$C/uml" ]; then
  rm -rf "$C/deb" "$C/uml.tmp"; mkdir -p "$C/deb"
  (cd "$C/deb" && apt-get -qq -o APT::Sandbox::User=root download user-mode-linux)
  dpkg-deb -x "$C"/deb/user-mode-linux_*.deb "$C/uml.tmp"
  mv "$C/uml.tmp" "$C/uml"
fi
# busybox and our init; the guest's /usr is this machine's, read-only
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT
mkdir -p "$T"/{bin,proc,sys,dev,run,tmp,job,m/lib,usr,etc,var}
cp /bin/busybox "$T/bin/"
for a in sh mount mkdir ln cat echo insmod poweroff ls; do ln -s busybox "$T/bin/$a"; done
install -m755 "$here/guest-init.sh" "$T/init"
[ ! -e /etc/protocols ] || cp /etc/protocols "$T/etc/"
(cd "$T" && find . | cpio -o -H newc --quiet | gzip -1) > "$C/initrd.tmp"
mv "$C/initrd.tmp" "$C/initrd.gz"
