package org.spigrp.store;

/** Keeps the package known to the compiler until its first class comes. */
final class Placeholder {
    private Placeholder() {}
}
