package org.spigrp.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The slow twin of {@link ExtensionHeaders}: makes a list of all headers first and answers from the list. It knows
 * the rules, not the code.
 */
record SlowChain(List<Link> links, int upperProtocol, int upperAt) {
    record Link(int protocol, int at, int length) {}

    private static final Set<Integer> KNOWN = Set.of(0, 43, 44, 51, 60, 135, 139, 140);
    private static final Set<Integer> IN_FRONT = Set.of(0, 43, 44);

    /** Null: a bad chain. */
    static @Nullable SlowChain of(byte[] packet, int end, boolean throughAh) {
        List<Link> links = new ArrayList<>();
        int protocol = packet[6] & 0xff;
        int at = 40;
        boolean later = false;
        while (!later && KNOWN.contains(protocol) && (protocol != 51 || throughAh)) {
            if (links.size() == 16 || at + 8 > end) {
                return null;
            }
            int words = packet[at + 1] & 0xff;
            int length = protocol == 44 ? 8 : protocol == 51 ? 4 * words + 8 : 8 * words + 8;
            int fragments = (int) links.stream().filter(l -> l.protocol == 44).count();
            if (at + length > end
                    || (protocol == 51 && length < 12)
                    || (protocol == 0 && !links.isEmpty())
                    || (protocol == 44 && fragments > 0)) {
                return null;
            }
            int next = packet[at] & 0xff;
            if (protocol > 100 && next == 59) {
                break; // a mobility, HIP or shim6 message
            }
            links.add(new Link(protocol, at, length));
            later = protocol == 44 && ((packet[at + 2] & 0xff) != 0 || (packet[at + 3] & 0xf8) != 0);
            protocol = next;
            at += length;
        }
        return new SlowChain(links, protocol, at);
    }

    int transportAt() {
        int at = 40;
        for (Link link : links) {
            if (link.protocol == 51) {
                break;
            }
            if (IN_FRONT.contains(link.protocol)) {
                at = link.at + link.length;
            }
        }
        return at;
    }

    /** Position of the next header field that leads to {@code at}. */
    int pointerTo(int at) {
        return links.stream()
                .filter(l -> l.at + l.length == at)
                .findFirst()
                .map(Link::at)
                .orElse(6);
    }

    int first(int protocol) {
        return links.stream()
                .filter(l -> l.protocol == protocol)
                .findFirst()
                .map(Link::at)
                .orElse(-1);
    }
}
