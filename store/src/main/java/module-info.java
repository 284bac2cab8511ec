import org.jspecify.annotations.NullMarked;

/** What survives a crash: the tables of SAs, groups and eroutes, and the journal of spent numbers. */
@NullMarked
module org.spigrp.store {
    requires static transitive org.jspecify;
    requires transitive org.spigrp.core;
    requires com.h2database.mvstore;

    exports org.spigrp.store;
}
