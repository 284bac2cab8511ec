package org.spigrp.command;

import java.time.Instant;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What can be listed, by the words of the commands: one way to print it, whoever has the tables. */
public enum Listing {
    SPI,
    SPIGRP,
    EROUTE,
    TNCFG,
    KLIPSDEBUG,
    LOOK;

    /** The command's name. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The listing of that name, or null. */
    public static @Nullable Listing of(String text) {
        for (Listing listing : values()) {
            if (listing.text().equals(text)) {
                return listing;
            }
        }
        return null;
    }

    /** Prints it line by line; {@code json} for programs. */
    public void print(Snapshot snapshot, Instant now, boolean json, Consumer<String> line) {
        switch (this) {
            case SPI -> {
                if (json) {
                    Listings.spiJson(snapshot, now, line);
                } else {
                    Listings.spi(snapshot, now, line);
                }
            }
            case SPIGRP -> {
                if (json) {
                    Listings.spigrpJson(snapshot, line);
                } else {
                    Listings.spigrp(snapshot, line);
                }
            }
            case EROUTE -> {
                if (json) {
                    Listings.erouteJson(snapshot, line);
                } else {
                    Listings.eroute(snapshot, line);
                }
            }
            case TNCFG -> {
                if (json) {
                    Listings.tncfgJson(snapshot, line);
                } else {
                    Listings.tncfg(snapshot, line);
                }
            }
            case KLIPSDEBUG -> {
                if (json) {
                    Listings.klipsdebugJson(snapshot, line);
                } else {
                    Listings.klipsdebug(snapshot, line);
                }
            }
            case LOOK -> {
                if (json) {
                    Look.json(snapshot, now, line);
                } else {
                    Look.text(snapshot, now, line);
                }
            }
        }
    }
}
