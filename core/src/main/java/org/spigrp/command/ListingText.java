package org.spigrp.command;

import org.spigrp.sa.Selector.PortRange;
import org.spigrp.wire.Family;
import org.spigrp.wire.Prefix;

/** Pieces that several listings share. */
final class ListingText {
    private ListingText() {}

    /** {@code 192.0.2.0/24}, {@code 192.0.2.0/24:25}, {@code 192.0.2.0/24:80-90}, {@code [2001:db8::/32]:25}. */
    static String net(Prefix net, PortRange ports) {
        if (ports.isAny()) {
            return net.toString();
        }
        String port = ports.first() == ports.last() ? "" + ports.first() : ports.first() + "-" + ports.last();
        return net.family() == Family.INET ? net + ":" + port : "[" + net + "]:" + port;
    }

    /** Left-justified. */
    static String padded(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }
}
