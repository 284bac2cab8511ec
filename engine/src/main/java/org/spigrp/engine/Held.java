package org.spigrp.engine;

import org.jspecify.annotations.Nullable;

/** A keyed object of somebody else's that is let go when its SA goes: it cannot be overwritten, only forgotten. */
final class Held<T> {
    private @Nullable T value;

    Held(T value) {
        this.value = value;
    }

    T get() {
        T alive = value;
        if (alive == null) throw new IllegalStateException("a context was used after it was wiped");
        return alive;
    }

    void drop() {
        value = null;
    }
}
