import org.jspecify.annotations.NullMarked;

/** The commands of ipsec(8). */
@NullMarked
module org.spigrp.cli {
    requires static transitive org.jspecify;
    requires transitive org.spigrp.core;
    requires org.spigrp.engine;
    requires org.spigrp.store;

    exports org.spigrp.cli;
}
