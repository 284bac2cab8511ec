package org.spigrp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.CryptoEngine;
import org.spigrp.engine.CryptoJob;
import org.spigrp.engine.EspKeys;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.KeyMaterial;

/**
 * The cryptography of ipsec-mb: all that ESP and AH ask for but Camellia and AES-CCM, and 3DES where it is wrong ({@link
 * IpsecMbVersion}). GCM by a call for each packet, the rest by bursts. Keys are expanded outside the heap, and overwritten
 * there when an SA goes. Nothing is allocated per packet. Not thread-safe: an engine belongs to one worker; only the jobs of
 * its contexts may be done by several threads at a time, each with a {@link IpsecMbLane} of its own.
 */
final class IpsecMbCryptoEngine implements CryptoEngine {
    private final IpsecMb library;
    private final long manager;
    /** Everything outside the heap goes when nobody holds the engine or a context of it any more. */
    private final Arena arena = Arena.ofAuto();

    /** The owner's. */
    private final IpsecMbLane own;

    private final IpsecMbKeys keys;
    /** For keys of 128, 192 and 256 bits. */
    private final MemorySegment[] gcmEncrypt;

    private final MemorySegment[] gcmDecrypt;
    /** By the size of a slot. */
    private final Map<Integer, KeyMemory> memories = new HashMap<>();

    /** The context that was asked for last. */
    private @Nullable IpsecMbContext lastFetched;

    private final Map<EspSuite, IpsecMbAlgorithm> espAlgorithms = new HashMap<>();
    private final Map<AhSuite, IpsecMbAlgorithm> ahAlgorithms = new HashMap<>();

    IpsecMbCryptoEngine(IpsecMb library) {
        this.library = library;
        manager = library.manager(arena);
        own = new IpsecMbLane(arena, manager);
        keys = new IpsecMbKeys(arena, manager);
        gcmEncrypt = functions(manager, IpsecMbPlaces.GCM_ENC);
        gcmDecrypt = functions(manager, IpsecMbPlaces.GCM_DEC);
    }

    private static MemorySegment[] functions(long manager, int place) {
        MemorySegment[] functions = new MemorySegment[3];
        for (int i = 0; i < functions.length; i++) {
            functions[i] = IpsecMbCalls.function(manager, place + i * Long.BYTES);
        }
        return functions;
    }

    @Override
    public String name() {
        return "ipsec-mb " + library.text;
    }

    @Override
    public @Nullable Context esp(
            EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        EspKeys.check(suite, encryptionKey, authenticationKey);
        return switch (suite.cipher()) {
            case AES_GCM -> gcm(suite, encryptionKey);
            case NULL, AES_CBC, AES_CTR, AES_GMAC, CHACHA20_POLY1305 ->
                chain(suite, encryptionKey, authenticationKey, encrypting);
            case DES3_CBC ->
                library.version.isDes3Right() ? chain(suite, encryptionKey, authenticationKey, encrypting) : null;
            case AES_CCM, CAMELLIA_CBC -> null;
        };
    }

    /** Whether another context was asked for last. */
    @SuppressWarnings("ReferenceEquality") // the very same
    boolean isNext(IpsecMbContext context) {
        boolean next = lastFetched != context;
        lastFetched = context;
        return next;
    }

    private IpsecMbGcm gcm(EspSuite suite, KeyMaterial given) {
        int size = (suite.keyOctets() - 16) / 8;
        var context = new IpsecMbGcm(
                this,
                memory(library.version.gcmKeyOctets()),
                gcmEncrypt[size],
                gcmDecrypt[size],
                IpsecMbAlgorithm.roundKeyOctets(suite.keyOctets()),
                salt(EspKeys.salt(suite, given)),
                suite.icvOctets());
        keys.gcm(given, suite.keyOctets(), context.key());
        return context;
    }

    private IpsecMbChain chain(
            EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        IpsecMbAlgorithm algorithm = espAlgorithms.computeIfAbsent(suite, IpsecMbAlgorithm::esp);
        int salt = salt(EspKeys.salt(suite, encryptionKey));
        IpsecMbChain context = chain(algorithm, encrypting, salt);
        long slot = context.key();
        int octets = suite.keyOctets();
        switch (suite.cipher()) {
            case AES_CBC -> keys.aes(encryptionKey, octets, encrypting, slot);
            case AES_CTR -> keys.aes(encryptionKey, octets, true, slot);
            case DES3_CBC -> keys.des3(encryptionKey, slot);
            case AES_GMAC -> keys.gcm(encryptionKey, octets, slot);
            case CHACHA20_POLY1305 -> keys.plain(encryptionKey, octets, slot);
            case NULL, AES_GCM, AES_CCM, CAMELLIA_CBC -> {}
        }
        Integrity integrity = suite.integrity();
        if (integrity != null) {
            keys.integrity(integrity, authenticationKey, algorithm, slot);
        }
        return context;
    }

    @Override
    public Context ah(AhSuite suite, KeyMaterial given) {
        EspKeys.check(suite, given);
        IpsecMbAlgorithm algorithm =
                ahAlgorithms.computeIfAbsent(suite, its -> IpsecMbAlgorithm.ah(its.integrity(), its.keyOctets()));
        int salt = salt(EspKeys.salt(suite, given));
        IpsecMbChain context = chain(algorithm, true, salt);
        if (algorithm.isGmac()) {
            keys.gcm(given, suite.keyOctets(), context.key());
        } else {
            keys.integrity(suite.integrity(), given, algorithm, context.key());
        }
        return context;
    }

    /** Its key is still to be written. */
    private IpsecMbChain chain(IpsecMbAlgorithm algorithm, boolean encrypting, int salt) {
        long suite = library.suite(manager, algorithm, encrypting);
        return new IpsecMbChain(this, memory(algorithm.slotOctets()), algorithm, encrypting, salt, suite);
    }

    private KeyMemory memory(int octets) {
        return memories.computeIfAbsent(KeyMemory.slotOctets(octets), size -> new KeyMemory(arena, size));
    }

    /** As it lies in memory; 0 where there is none, or not one of 4 octets. Overwrites what it is given. */
    private static int salt(byte[] octets) {
        int salt = octets.length < Integer.BYTES
                ? 0
                : ByteBuffer.wrap(octets).order(ByteOrder.nativeOrder()).getInt();
        Arrays.fill(octets, (byte) 0);
        return salt;
    }

    @Override
    public void seal(CryptoJob[] jobs, int count) {
        own.seal(jobs, 0, count);
    }

    @Override
    public void open(CryptoJob[] jobs, int count) {
        own.open(jobs, 0, count);
    }

    @Override
    public Lane lane() {
        return new IpsecMbLane(arena, library.manager(arena));
    }
}
