import org.jspecify.annotations.NullMarked;

/** The live stack: traffic through groups on a running host, and the socket that commands come in by. */
@NullMarked
module org.spigrp.daemon {
    requires static transitive org.jspecify;
    requires transitive org.spigrp.core;
    requires transitive org.spigrp.engine;
    requires transitive org.spigrp.store;
    requires org.spigrp.linux;
    requires jdk.net;

    exports org.spigrp.daemon;
}
