package org.spigrp.sa;

/** What a lifetime counts, in the order in which limits are looked at. */
public enum LifetimeKind {
    BYTES("bytes"),
    ADDTIME("addtime"),
    USETIME("usetime"),
    PACKETS("packets"),
    ALLOCATIONS("allocations");

    private final String text;

    LifetimeKind(String text) {
        this.text = text;
    }

    /** The word of {@code --life} and of the listing. */
    public String text() {
        return text;
    }
}
