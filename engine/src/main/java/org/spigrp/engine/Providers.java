package org.spigrp.engine;

import java.util.ServiceLoader;

/** Finds what other modules bring. */
final class Providers {
    private Providers() {}

    /**
     * Where the program is made of modules, those of them that bring the service. The class path is not asked as well then:
     * that opens every jar, Bouncy Castle's with its 7,000 entries too, and takes longer than a small capture.
     */
    static <P> ServiceLoader<P> of(Class<P> service) {
        ModuleLayer layer = service.getModule().getLayer();
        return layer == null ? ServiceLoader.load(service) : ServiceLoader.load(layer, service);
    }
}
