package org.spigrp.command;

import java.util.List;
import org.spigrp.sa.SecurityAssociation;

/** Keyed fingerprints of an SA's keys: they tell equal keys, and nothing else about them. */
public interface KeyFingerprints {
    /**
     * @return fingerprint of the cipher key without salt (AH: of its key) first, then of the authentication key; empty
     *     where the SA has no key. Equal cipher keys have equal fingerprints in whatever mode, AH-GMAC included.
     */
    List<String> of(SecurityAssociation sa);
}
