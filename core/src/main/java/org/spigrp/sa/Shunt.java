package org.spigrp.sa;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;

/** What an eroute does where no SA is named: SAIDs of protocol {@code int} with reserved SPIs. */
public enum Shunt {
    PASS("%pass", 256),
    DROP("%drop", 257),
    REJECT("%reject", 258),
    HOLD("%hold", 259),
    TRAP("%trap", 260),
    TRAPSUBNET("%trapsubnet", 261);

    private final String text;
    private final int spi;

    Shunt(String text, int spi) {
        this.text = text;
        this.spi = spi;
    }

    public String text() {
        return text;
    }

    public int spi() {
        return spi;
    }

    public Said said() {
        return new Said(SaProtocol.INT, spi, IpAddress.any(Family.INET));
    }

    /** The shunt that {@code said} stands for, whatever its address, or null. */
    public static @Nullable Shunt of(Said said) {
        if (said.protocol() != SaProtocol.INT) {
            return null;
        }
        for (Shunt shunt : values()) {
            if (shunt.spi == said.spi()) {
                return shunt;
            }
        }
        return null;
    }
}
