import org.jspecify.annotations.NullMarked;

/** The data path in plain Java: transforms on packets, and captures as the interface they come from. */
@NullMarked
module org.spigrp.engine {
    requires static transitive org.jspecify;
    requires transitive org.spigrp.core;
    requires org.bouncycastle.provider;

    uses org.spigrp.engine.CompressorProvider;
    uses org.spigrp.engine.CryptoEngineProvider;

    exports org.spigrp.engine;
    exports org.spigrp.engine.capture;
}
