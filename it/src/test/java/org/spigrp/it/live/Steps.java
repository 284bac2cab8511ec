package org.spigrp.it.live;

import java.util.StringJoiner;

/** How long the steps of a scenario took, for people who wait for them. */
final class Steps {
    private final StringJoiner said = new StringJoiner(", ");
    private long since = System.nanoTime();

    void done(String step) {
        long now = System.nanoTime();
        said.add("%s %.1f s".formatted(step, (now - since) / 1e9));
        since = now;
    }

    @Override
    public String toString() {
        return said.toString();
    }
}
