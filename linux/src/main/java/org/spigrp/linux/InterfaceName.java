package org.spigrp.linux;

import java.nio.charset.StandardCharsets;
import org.spigrp.wire.Quote;

/** What Linux takes as the name of an interface. */
final class InterfaceName {
    /** IFNAMSIZ without the zero octet at the end. */
    static final int MAX_OCTETS = 15;

    private InterfaceName() {}

    static void check(String name) {
        String why = wrong(name);
        if (!why.isEmpty()) {
            throw new KernelTrouble(
                    Quote.of(name) + " cannot be the name of an interface: " + why, Errno.EINVAL.number());
        }
    }

    private static String wrong(String name) {
        if (name.isEmpty()) {
            return "it is empty";
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_OCTETS) {
            return "it is longer than " + MAX_OCTETS + " octets";
        }
        if (name.equals(".") || name.equals("..")) {
            return "it means a directory";
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            // A percent sign would be a pattern to the TUN driver: tun%d is tun0, tun1, ...
            if (c <= ' ' || c == 0x7f || c == '/' || c == ':' || c == '%') {
                return Quote.of(String.valueOf(c)) + " cannot be in it";
            }
        }
        return "";
    }
}
