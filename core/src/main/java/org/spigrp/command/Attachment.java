package org.spigrp.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A virtual interface as wanted.
 *
 * @param virtual ipsec0..ipsec63 or mast0..mast63
 * @param physical null = not attached
 * @param physicalMtu when it was attached, 0 = unknown or not attached
 */
public record Attachment(String virtual, @Nullable String physical, int physicalMtu) {
    /** What KLIPS gave every attached interface: no packet of IPv4 is cut before the transforms. */
    public static final int KLIPS_MTU = 16_260;

    /** What a new database has: two interfaces for eroutes and one for marks, all unattached. */
    public static final List<Attachment> AT_START = List.of(free("ipsec0"), free("ipsec1"), free("mast0"));

    /** Not attached to anything. */
    public static Attachment free(String virtual) {
        return new Attachment(virtual, null, 0);
    }

    public boolean isAttached() {
        return physical != null;
    }
}
