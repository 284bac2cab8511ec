import org.jspecify.annotations.NullMarked;

/** Headers, SAs, groups, eroutes and changes: the words all other parts share. No I/O, threads, clock or log. */
@NullMarked
module org.spigrp.core {
    requires static transitive org.jspecify;

    exports org.spigrp.wire;
    exports org.spigrp.sa;
    exports org.spigrp.command;
}
