package org.spigrp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/*
 * Intel's Multi-Buffer Crypto for IPsec Library, which Debian calls libipsec-mb.
 *
 * Its functions are reached by a table of pointers in its manager (IMB_MGR), which init_mb_mgr_auto fills for this
 * processor, and its work is described by jobs (IMB_JOB): two C structures whose members move from one version to the
 * next, within one soname too. So the version is asked first, by a function that all have, and a version whose places
 * are not written down in IpsecMbPlaces and IpsecMbVersion is not used.
 */
@SuppressWarnings("restricted") // opening the library is what this class is for
final class IpsecMb {
    /** The soname of Debian 13, and that of Debian 12: of several that are known, the newest is taken. */
    private static final String[] NAMES = {"libIPSec_MB.so.2", "libIPSec_MB.so.1"};

    private final SymbolLookup symbols;
    final IpsecMbVersion version;
    /** With its patch level: {@code 1.3.0}. */
    final String text;

    private IpsecMb(SymbolLookup symbols, IpsecMbVersion version, String text) {
        this.symbols = symbols;
        this.version = version;
        this.text = text;
    }

    /** The library, or why it is of no use here. */
    record Found(@Nullable IpsecMb library, String whyNot) {}

    /** Looked for once. */
    static Found found() {
        return OnDemand.FOUND;
    }

    /**
     * The version of the library that was found. What works with it keeps this in a static field.
     *
     * @throws NullPointerException where none was found
     */
    static IpsecMbVersion used() {
        return Objects.requireNonNull(found().library(), "no ipsec-mb").version;
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
                : new Found(null, "it is not installed (Debian 12: apt-get install libipsec-mb1; 13: libipsec-mb2)");
    }

    /** Package-private: a test brings symbols of its own. */
    static Found in(SymbolLookup symbols, String name) {
        Optional<MemorySegment> number = symbols.find("imb_get_version");
        if (number.isEmpty()) {
            return new Found(null, name + " does not tell its version, so it is older than 1.3, the one that is known");
        }
        int said = (int) IpsecMbCalls.call(number.get(), 0, 0, 0, 0);
        String text = (said >> 16) + "." + (said >> 8 & 0xff) + "." + (said & 0xff);
        IpsecMbVersion version = IpsecMbVersion.of(said);
        if (version == null) { // nothing but the version may be asked
            return new Found(null, unknown(name, text));
        }
        var library = new IpsecMb(symbols, version, text);
        String whyNot = library.trouble(name);
        return new Found(whyNot.isEmpty() ? library : null, whyNot);
    }

    private static String unknown(String name, String text) {
        String known = IpsecMbVersion.KNOWN.stream().map(Object::toString).collect(Collectors.joining(" and "));
        return name + " is version " + text + "; known are the places of things in " + known + ", and none is guessed";
    }

    /** Empty where all is well: its structures are no smaller than we think, and it knows this processor. */
    private String trouble(String name) {
        if (size() < version.managerOctets()) {
            return name + " says it is version " + text + ", but its manager is smaller than that of " + version;
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

    /**
     * The 8 octets of a job that say what its algorithms are, in versions that have them; else 0. They are the same for all jobs
     * of the algorithm and direction, and for all managers of this processor.
     */
    long suite(long manager, IpsecMbAlgorithm algorithm, boolean encrypting) {
        if (!version.hasSuites()) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            long job = arena.allocate(version.jobOctets(), Long.BYTES).address();
            RawMemory.putLong(job + IpsecMbPlaces.JOB_KEY_LENGTH, algorithm.keyOctets());
            RawMemory.putInt(job + IpsecMbPlaces.JOB_CIPHER_MODE, algorithm.cipher());
            RawMemory.putInt(job + IpsecMbPlaces.JOB_DIRECTION, IpsecMbAlgorithm.direction(encrypting));
            RawMemory.putInt(job + IpsecMbPlaces.JOB_HASH, algorithm.hash());
            RawMemory.putInt(job + IpsecMbPlaces.JOB_ORDER, IpsecMbAlgorithm.order(encrypting));
            if ((int) IpsecMbCalls.call(function("imb_set_session"), manager, job, 0, 0) == 0) {
                throw new IllegalStateException("ipsec-mb takes no jobs of " + algorithm);
            }
            return RawMemory.getLong(job + version.jobSuite());
        }
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
