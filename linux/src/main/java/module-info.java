import org.jspecify.annotations.NullMarked;

/** The kernel's side of ports: TUN, raw, packet and UDP sockets, links and routes. The only module with native calls. */
@NullMarked
module org.spigrp.linux {
    requires static transitive org.jspecify;
    requires transitive org.spigrp.core;
    requires transitive org.spigrp.engine;

    exports org.spigrp.linux;
}
