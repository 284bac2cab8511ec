package org.spigrp.sa;

import org.jspecify.annotations.Nullable;

/** Extended route: what is selected goes through the group whose first SA is {@code said}, or to a shunt. */
public record Eroute(Selector selector, Said said) {
    public @Nullable Shunt shunt() {
        return Shunt.of(said);
    }
}
