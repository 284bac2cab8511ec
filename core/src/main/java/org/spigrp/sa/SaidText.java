package org.spigrp.sa;

import org.spigrp.wire.Family;

/** SAIDs as text. */
public final class SaidText {
    private SaidText() {}

    /** The {@code x} form: {@code esp0x1f40@192.0.2.7}; shunts and pass-through as words. */
    public static String print(Said said) {
        if (said.protocol() == SaProtocol.TUN
                && said.spi() == 0
                && said.destination().isAny()) {
            return said.family() == Family.INET ? "%passthrough4" : "%passthrough6";
        }
        Shunt shunt = Shunt.of(said);
        if (shunt != null) {
            return shunt.text();
        }
        return said.protocol().text() + "0x" + Integer.toHexString(said.spi()) + "@" + said.destination();
    }
}
