package org.spigrp.sa;

/** Algorithms of IPComp. */
public enum CompAlgorithm {
    /** RFC 2394. */
    DEFLATE("deflate", "DEFLATE");

    private final String text;
    private final String listing;

    CompAlgorithm(String text, String listing) {
        this.text = text;
        this.listing = listing;
    }

    public String text() {
        return text;
    }

    public String listing() {
        return listing;
    }
}
