package org.spigrp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.Compressor;
import org.spigrp.engine.CompressorProvider;

/** Brings {@link LibdeflateCompressor} where the library is installed. Its functions are the same in all of its versions. */
@SuppressWarnings("restricted") // opening the library is what this class is for
public final class LibdeflateProvider implements CompressorProvider {
    private static final String LIBRARY = "libdeflate.so.0";

    /** The functions that we call. */
    record Functions(MemorySegment allocate, MemorySegment compress, MemorySegment free) {}

    /** The library, or why it is of no use here. */
    record Found(@Nullable Functions functions, String whyNot) {}

    private static final class OnDemand {
        static final Found FOUND = find();
    }

    private static Found find() {
        try {
            return in(SymbolLookup.libraryLookup(LIBRARY, Arena.global()));
        } catch (IllegalArgumentException _) {
            return new Found(null, "it is not installed (Debian: apt-get install libdeflate0)");
        } catch (IllegalCallerException _) {
            return new Found(null, "the JVM was not started with --enable-native-access=org.spigrp.linux");
        }
    }

    /** Package-private: a test brings symbols of its own. */
    static Found in(SymbolLookup symbols) {
        Optional<MemorySegment> allocate = symbols.find("libdeflate_alloc_compressor");
        Optional<MemorySegment> compress = symbols.find("libdeflate_deflate_compress");
        Optional<MemorySegment> free = symbols.find("libdeflate_free_compressor");
        if (allocate.isEmpty() || compress.isEmpty() || free.isEmpty()) {
            return new Found(null, LIBRARY + " lacks functions of libdeflate");
        }
        return new Found(new Functions(allocate.get(), compress.get(), free.get()), "");
    }

    @Override
    public String name() {
        return "libdeflate";
    }

    @Override
    public @Nullable Compressor open() {
        Functions functions = OnDemand.FOUND.functions();
        return functions == null ? null : new LibdeflateCompressor(functions);
    }

    @Override
    public String whyNot() {
        return OnDemand.FOUND.whyNot();
    }
}
