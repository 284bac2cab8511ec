package org.spigrp.it.live;

import java.util.List;

/**
 * One direction of a {@link Plan} as one side sees it.
 *
 * @param members from the inside out
 * @param from what is sent: the net behind the sender, or the sender itself
 */
record Flow(List<Member> members, String from, String to) {
    boolean tunnel() {
        return members.getFirst().tunnel();
    }

    static boolean six(String net) {
        return net.contains(":");
    }
}
