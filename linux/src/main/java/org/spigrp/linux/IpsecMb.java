package org.spigrp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/*
 * Intel's Multi-Buffer Crypto for IPsec Library, which Debian calls libipsec-mb.
 *
 * Its functions are reached by a table of pointers in its manager (IMB_MGR), which init_mb_mgr_auto fills for this
 * processor, and its work is described by jobs (IMB_JOB): two C structures whose members move from one version to the
 * next, within one soname too. So the version is asked first, by a function that all have, and a version whose places
 * are not written down in IpsecMbPlaces is not used.
 */
@SuppressWarnings("restricted") // opening the library is what this class is for
final class IpsecMb {
    /** The soname of Debian 12, and that of Debian 13. */
    private static final String[] NAMES = {"libIPSec_MB.so.1", "libIPSec_MB.so.2"};

    private final SymbolLookup symbols;
    final String version;

    private IpsecMb(SymbolLookup symbols, String version) {
        this.symbols = symbols;
        this.version = version;
    }

    /** The library, or why it is of no use here. */
    record Found(@Nullable IpsecMb library, String whyNot) {}

    /** Looked for once. */
    static Found found() {
        return OnDemand.FOUND;
    }

    private static final class OnDemand {
        static final Found FOUND = find();
    }

    private static Found find() {
        if (!Libc.IS_X86) {
            return new Found(null, "it is for x86-64 processors only");
        }
        Found refused = null;
        for (String name : NAMES) {
            Found found;
            try {
                found = in(SymbolLookup.libraryLookup(name, Arena.global()), name);
            } catch (IllegalArgumentException _) {
                continue; // there is no such library
            } catch (IllegalCallerException _) {
                return new Found(null, "the JVM was not started with --enable-native-access=org.spigrp.linux");
            }
            if (found.library() != null) {
                return found;
            }
            refused = found;
        }
        return refused != null
                ? refused
                : new Found(null, "it is not installed (Debian: apt-get install libipsec-mb1)");
    }

    /** Package-private: a test brings symbols of its own. */
    static Found in(SymbolLookup symbols, String name) {
        Optional<MemorySegment> number = symbols.find("imb_get_version");
        if (number.isEmpty()) {
            return new Found(null, name + " does not tell its version, so it is older than 1.3, the one that is known");
        }
        int version = (int) IpsecMbCalls.call(number.get(), 0, 0, 0, 0);
        String text = (version >> 16) + "." + (version >> 8 & 0xff) + "." + (version & 0xff);
        var library = new IpsecMb(symbols, text);
        String whyNot = isKnown(version) ? library.trouble(name) : unknown(name, text);
        return new Found(whyNot.isEmpty() ? library : null, whyNot);
    }

    /** Only of such a version may anything but the version be asked. */
    static boolean isKnown(int version) {
        return version >> 8 == IpsecMbPlaces.VERSION;
    }

    private static String unknown(String name, String text) {
        return name + " is version " + text + "; known are the places of things in 1.3 only, and none is guessed";
    }

    /** Empty where all is well: its structures are no smaller than we think, and it knows this processor. */
    private String trouble(String name) {
        if (size() < IpsecMbPlaces.LEAST_MANAGER_OCTETS) {
            return name + " says it is version " + version + ", but its manager is smaller than that of 1.3";
        }
        try (Arena arena = Arena.ofConfined()) {
            int trouble = RawMemory.getInt(manager(arena) + IpsecMbPlaces.ERRNO);
            return trouble == 0 ? "" : name + " refuses this processor (its error " + trouble + ")";
        }
    }

    private long size() {
        return IpsecMbCalls.call(function("imb_get_mb_mgr_size"), 0, 0, 0, 0);
    }

    private MemorySegment function(String name) {
        return symbols.findOrThrow(name);
    }

    /** A manager, made ready for this processor, until the arena goes; its address. */
    long manager(Arena arena) {
        long manager = IpsecMbCalls.call(function("alloc_mb_mgr"), 0, 0, 0, 0);
        if (manager == 0) {
            throw new OutOfMemoryError("no memory for a manager of ipsec-mb");
        }
        MemorySegment free = function("free_mb_mgr");
        MemorySegment.ofAddress(manager)
                .reinterpret(1, arena, memory -> IpsecMbCalls.call(free, memory.address(), 0, 0, 0));
        IpsecMbCalls.call(function("init_mb_mgr_auto"), manager, 0, 0, 0);
        return manager;
    }
}
