package org.spigrp.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * With which rights this process runs, said when it starts. The launcher or the unit has given up what is not needed
 * before the JVM started, as capabilities belong to threads; here it is only looked at.
 */
final class Privileges {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long NEEDED = Machine.Right.NET_ADMIN.bit() | Machine.Right.NET_RAW.bit();

    /** linux/capability.h, by number. */
    private static final List<String> NAMES = List.of(
            "chown",
            "dac_override",
            "dac_read_search",
            "fowner",
            "fsetid",
            "kill",
            "setgid",
            "setuid",
            "setpcap",
            "linux_immutable",
            "net_bind_service",
            "net_broadcast",
            "net_admin",
            "net_raw",
            "ipc_lock",
            "ipc_owner",
            "sys_module",
            "sys_rawio",
            "sys_chroot",
            "sys_ptrace",
            "sys_pacct",
            "sys_admin",
            "sys_boot",
            "sys_nice",
            "sys_resource",
            "sys_time",
            "sys_tty_config",
            "mknod",
            "lease",
            "audit_write",
            "audit_control",
            "setfcap",
            "mac_override",
            "mac_admin",
            "syslog",
            "wake_alarm",
            "block_suspend",
            "audit_read",
            "perfmon",
            "bpf",
            "checkpoint_restore");

    /** In a line for people, more names than these are a number. */
    private static final int MOST_NAMED = 6;

    private Privileges() {}

    /** One line of what we have, and one for each thing that is amiss with it. */
    static void tell(Consumer<String> log) {
        try {
            tell(Files.readAllLines(STATUS), System.getProperty("user.name", "?"), log);
        } catch (IOException e) {
            log.accept("privileges: not known, as " + STATUS + " cannot be read");
        }
    }

    /** True also where the kernel does not tell: then it will say no to what is asked of it. */
    static boolean have(Machine.Right right) {
        try {
            return have(right, Files.readAllLines(STATUS));
        } catch (IOException e) {
            return true;
        }
    }

    static boolean have(Machine.Right right, List<String> status) {
        String effective = value(status, "CapEff");
        return effective.isEmpty() || (hex(effective) & right.bit()) != 0;
    }

    static void tell(List<String> status, String user, Consumer<String> log) {
        long effective = hex(value(status, "CapEff"));
        boolean locked = value(status, "NoNewPrivs").equals("1");
        log.accept("privileges: user " + user + " with " + names(effective)
                + (locked ? ", and no way to more" : "; programs it starts could get more (no NoNewPrivs)"));
        boolean root = value(status, "Uid").startsWith("0\t");
        if (root || (effective & ~NEEDED) != 0) {
            log.accept("privileges: this is more than needed, which is cap_net_admin and cap_net_raw; "
                    + (root
                            ? "make a user for it: useradd --system --home-dir /var/lib/spigrp --shell /usr/sbin/nologin"
                                    + " spigrp - and start again"
                            : "start it by 'ipsec run' as root, or by the unit, which give up the rest"));
        }
        if (!have(Machine.Right.NET_ADMIN, status)) {
            log.accept("privileges: without cap_net_admin no virtual interface (TUN) can be made or changed, and no"
                    + " route: start it as root, or let root make the interface for this user: ip tuntap add dev ipsec0"
                    + " mode tun vnet_hdr user " + user);
        }
        if (!have(Machine.Right.NET_RAW, status)) {
            log.accept("privileges: without cap_net_raw no AH, ESP, IPComp or IP-in-IP can be sent or received; ESP in"
                    + " UDP (NAT-T) can: start it as root");
        }
    }

    private static String value(List<String> status, String name) {
        for (String line : status) {
            if (line.startsWith(name + ":")) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return "";
    }

    private static long hex(String text) {
        try {
            return Long.parseUnsignedLong(text, 16);
        } catch (NumberFormatException e) {
            return 0; // a kernel that does not say: then what is missing is complained of
        }
    }

    private static String names(long capabilities) {
        int count = Long.bitCount(capabilities);
        if (count == 0) {
            return "no capability";
        }
        var names = new ArrayList<String>();
        for (int bit = 0; bit < Long.SIZE; bit++) {
            if (((capabilities >>> bit) & 1) != 0) {
                names.add("cap_" + (bit < NAMES.size() ? NAMES.get(bit) : Integer.toString(bit)));
            }
        }
        if (count > MOST_NAMED) {
            return count + " capabilities, " + names.getFirst() + " to " + names.getLast();
        }
        return String.join(" and ", names) + ((capabilities & ~NEEDED) == 0 ? " only" : "");
    }
}
