package org.spigrp.wire;

import org.jspecify.annotations.Nullable;

/** Finds the address of a host name. Handed in, since the core does no I/O. */
@FunctionalInterface
public interface NameResolver {
    /** Knows no name: for places where only numbers are allowed. */
    NameResolver NONE = (_, _) -> null;

    /** An address of this family, or null where there is none or nobody answered in time. */
    @Nullable
    IpAddress resolve(String name, Family family);
}
