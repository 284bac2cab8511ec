package org.spigrp.store;

/** Octets that are no row of ours. Becomes a {@link StoreTrouble} where the file's name is known. */
final class DamagedRow extends RuntimeException {
    private static final long serialVersionUID = 1;

    DamagedRow() {
        super("a row is damaged", null, false, false);
    }
}
