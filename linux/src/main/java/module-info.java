import org.jspecify.annotations.NullMarked;

/**
 * The kernel's side of ports: TUN, raw, packet and UDP sockets, links and routes. And crypto and compression by libraries of the host's.
 * The only module with native calls.
 */
@NullMarked
module org.spigrp.linux {
    requires static transitive org.jspecify;
    requires transitive org.spigrp.core;
    requires transitive org.spigrp.engine;

    provides org.spigrp.engine.CompressorProvider with
            org.spigrp.linux.LibdeflateProvider;
    provides org.spigrp.engine.CryptoEngineProvider with
            org.spigrp.linux.IpsecMbProvider;

    exports org.spigrp.linux;
}
