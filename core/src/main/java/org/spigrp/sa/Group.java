package org.spigrp.sa;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SAs bound together: applied to a packet from the first (inner) to the last (outer), removed in reverse. Named by its
 * first SAID and, where the user gave one, by a name of its own.
 *
 * @param members inner to outer, 2..16
 */
public record Group(List<Said> members, @Nullable String name) {
    public static final int MAX_MEMBERS = 16;

    public Group {
        members = List.copyOf(members);
    }

    public Said first() {
        return members.getFirst();
    }

    public Said outermost() {
        return members.getLast();
    }
}
