package org.spigrp.engine;

import org.spigrp.sa.Said;

/** Where the identification of outer IPv4 headers comes from. */
public interface OuterIds {
    /** The id of the next packet that this tunnel SA makes: 16 bits. */
    int next(Said tunnel);
}
