package org.spigrp.command;

import org.spigrp.sa.Said;

/** An SA or group as a command names it: by SAID, or by the name given with {@code spigrp --name}. */
public sealed interface Target {
    record BySaid(Said said) implements Target {
        @Override
        public String toString() {
            return said.toString();
        }
    }

    record ByName(String name) implements Target {
        @Override
        public String toString() {
            return name;
        }
    }

    static Target of(Said said) {
        return new BySaid(said);
    }
}
