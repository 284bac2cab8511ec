package org.spigrp.wire.forbidden;

import java.nio.file.Files;
import java.nio.file.Path;

/** Does all that core must not do; only there for the rules about core to find. */
public final class Sinner {
    private Sinner() {}

    /** Never called. */
    public static Thread sin(Path path) {
        System.out.println(System.nanoTime());
        return new Thread(() -> System.out.println(Files.exists(path)));
    }
}
