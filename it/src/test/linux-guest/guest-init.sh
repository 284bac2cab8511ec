#!/bin/busybox sh
# PID 1 inside the guest: mounts this machine's /usr read-only, the job folder read-write and the kernel's modules. Then it
# runs guest.py of the job folder, or with the kernel's argument "live" the commands that come on the console; and powers off.
bb=/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs dev /dev
LIVE=
for w in $($bb cat /proc/cmdline); do
  case $w in job=*) JOB=${w#job=};; mods=*) MODS=${w#mods=};; live) LIVE=yes;; esac
done
$bb mount -t hostfs -o /usr,ro none /usr
$bb mount -t hostfs -o "$JOB" none /job
$bb mount -t hostfs -o "$MODS" none /m/lib
for d in lib lib64 sbin; do $bb ln -sfn usr/$d /$d; done
# absolute links of this machine lead to /bin
for t in ip kmod; do $bb ln -sfn /usr/bin/$t /bin/$t; done
$bb mkdir -p /run/netns /etc/iproute2 /var/run
printf '%s\n' '#!/bin/busybox sh' 'exec /usr/sbin/modprobe -d /m "$@"' > /bin/mp
$bb chmod 755 /bin/mp
echo /bin/mp > /proc/sys/kernel/modprobe
printf 'root:x:0:0:root:/:/bin/sh\n' > /etc/passwd
printf 'root:x:0:\n' > /etc/group
export PATH=/usr/sbin:/usr/bin:/bin HOME=/
if [ -z "$LIVE" ]; then
  /usr/bin/python3 -B /job/guest.py
else
  /bin/mp -a esp4 esp6 ah4 ah6 ipcomp ipcomp6 xfrm_user xfrm4_tunnel xfrm6_tunnel tunnel4 tunnel6 ipip af_packet
  /usr/sbin/ip link set lo up
  $bb stty -F /dev/console raw -echo
  echo GUEST ready
  # dash prompts on a terminal; behind the pipe it has none
  /usr/bin/dash -s < /dev/console 2>&1 | $bb cat
fi
$bb sync
$bb poweroff -f
