package org.spigrp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.engine.CryptoEngine;
import org.spigrp.engine.CryptoJob;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.KeyMaterial;

/** Which versions are taken, and what stays of keys. */
@SuppressWarnings("restricted")
class IpsecMbTest {
    private static final EspSuite GCM = new EspSuite("aes128gcm16", EspCipher.AES_GCM, 16, 16, null);
    private static final EspSuite CBC =
            new EspSuite("aes256-sha512", EspCipher.AES_CBC, 32, 0, Integrity.HMAC_SHA2_512_256);
    private static final AhSuite SHA256 = new AhSuite("hmac-sha2-256-128", Integrity.HMAC_SHA2_256_128, 32);
    private static final AhSuite XCBC = new AhSuite("aes-xcbc-96", Integrity.AES_XCBC_96, 16);

    @ParameterizedTest
    @CsvSource({"0x10300, 1.3", "0x10301, 1.3", "0x20000, 2.0", "0x20002, 2.0"})
    void versions_whose_places_are_written_down_are_taken(String number, String version) {
        assertThat(IpsecMbVersion.of(Integer.decode(number))).hasToString(version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x10200", "0x10400", "0x10500", "0x20100", "0x30000", "0x1020000", "-1", "1"})
    void all_others_are_unknown(String number) {
        assertThat(IpsecMbVersion.of(Integer.decode(number))).isNull();
    }

    /** It has its version, and nothing else that could be asked. */
    @Test
    void a_library_of_another_version_is_refused_by_name(@TempDir Path folder) throws Exception {
        Path made = compiled(folder, "unsigned imb_get_version(void) { return 0x20100; }");
        try (Arena arena = Arena.ofConfined()) {
            IpsecMb.Found found = IpsecMb.in(SymbolLookup.libraryLookup(made, arena), "libIPSec_MB.so.2");
            assertThat(found.library()).isNull();
            assertThat(found.whyNot())
                    .isEqualTo("libIPSec_MB.so.2 is version 2.1.0; known are the places of things in 1.3 and 2.0,"
                            + " and none is guessed");
        }
    }

    /** It says 2.0, and has the manager of 1.3. */
    @Test
    void a_library_with_a_manager_that_is_too_small_for_its_version_is_refused(@TempDir Path folder) throws Exception {
        Path made = compiled(
                folder,
                "unsigned imb_get_version(void) { return 0x20000; }\n"
                        + "unsigned long imb_get_mb_mgr_size(void) { return 52520; }");
        try (Arena arena = Arena.ofConfined()) {
            IpsecMb.Found found = IpsecMb.in(SymbolLookup.libraryLookup(made, arena), "libIPSec_MB.so.2");
            assertThat(found.library()).isNull();
            assertThat(found.whyNot())
                    .endsWith("says it is version 2.0.0, but its manager is smaller than that of 2.0");
        }
    }

    private static Path compiled(Path folder, String source) throws Exception {
        Path gcc = Path.of("/usr/bin/gcc");
        assumeTrue(Files.isExecutable(gcc), "no C compiler (/usr/bin/gcc)");
        String file = Files.writeString(folder.resolve("a.c"), source).toString();
        Path made = folder.resolve("libIPSec_MB.so.2");
        int status = new ProcessBuilder(gcc.toString(), "-shared", "-fPIC", "-o", made.toString(), file)
                .inheritIO()
                .start()
                .waitFor();
        assertThat(status).isZero();
        return made;
    }

    @Test
    void a_library_without_a_version_is_refused() {
        IpsecMb.Found found = IpsecMb.in(_ -> Optional.empty(), "libIPSec_MB.so.0");
        assertThat(found.library()).isNull();
        assertThat(found.whyNot()).contains("does not tell its version");
    }

    @Test
    void keys_are_overwritten_when_they_go_and_their_slots_are_used_again() {
        CryptoEngine engine = engine();
        for (IpsecMbContext context : new IpsecMbContext[] {
            context(engine.esp(GCM, key(20), KeyMaterial.NONE, true)),
            context(engine.esp(CBC, key(32), key(64), false)),
            context(engine.ah(XCBC, key(16)))
        }) {
            long slot = context.key();
            int octets = context instanceof IpsecMbChain chain
                    ? chain.algorithm.slotOctets()
                    : IpsecMb.used().gcmKeyOctets();
            assertThat(isZero(slot, octets)).isFalse();
            context.wipe();
            assertThat(isZero(slot, octets)).isTrue();
            context.wipe(); // once more gives nothing back twice
            context.fetch(64); // there is nothing left to fetch
        }
        long first = context(engine.esp(GCM, key(20), KeyMaterial.NONE, true)).key();
        long second = context(engine.esp(GCM, key(20), KeyMaterial.NONE, true)).key();
        assertThat(first).isNotEqualTo(second);
    }

    @Test
    void ten_thousand_keys_have_slots_of_their_own() {
        CryptoEngine engine = engine();
        Set<Long> slots = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            long slot = context(engine.esp(CBC, key(32), key(64), true)).key();
            assertThat(slot % 64).isZero();
            assertThat(slots.add(slot / 384)).isTrue();
        }
    }

    /** Jobs stay from batch to batch, and so does what was written into them for another key. */
    @Test
    void the_next_key_in_a_slot_is_used_and_not_the_one_before() {
        CryptoEngine engine = engine();
        IpsecMbContext before = context(engine.esp(CBC, key(32), key(64), true));
        long slot = before.key();
        byte[] first = sealed(engine, before);
        before.wipe();
        KeyMaterial other = KeyMaterial.copyOf(new byte[32]);
        IpsecMbContext next = context(engine.esp(CBC, other, key(64), true));
        assertThat(next.key()).isEqualTo(slot);
        byte[] second = sealed(engine, next);
        CryptoEngine fresh = engine();
        assertThat(second).isNotEqualTo(first).isEqualTo(sealed(fresh, context(fresh.esp(CBC, other, key(64), true))));
        byte[] ah = sealed(engine, context(engine.ah(SHA256, key(32)))); // another algorithm for the same job
        assertThat(ah).isEqualTo(sealed(fresh, context(fresh.ah(SHA256, key(32)))));
        assertThat(sealed(engine, next)).isEqualTo(second);
    }

    private static byte[] sealed(CryptoEngine engine, IpsecMbContext context) {
        CryptoJob job = new CryptoJob();
        job.iv = 8;
        job.body = 24;
        job.bodyLength = 48;
        job.icv = job.body + job.bodyLength;
        job.array = new byte[job.icv + 32];
        job.context = context;
        engine.seal(new CryptoJob[] {job}, 1);
        assertThat(job.ok).isTrue();
        return job.array;
    }

    @Test
    void a_batch_larger_than_a_burst_and_packets_larger_than_the_stage_are_done() {
        CryptoEngine engine = engine();
        CryptoJob[] jobs = new CryptoJob[150];
        var sealer = context(engine.esp(CBC, key(32), key(64), true));
        var opener = context(engine.esp(CBC, key(32), key(64), false));
        for (int i = 0; i < jobs.length; i++) {
            CryptoJob job = new CryptoJob();
            jobs[i] = job;
            job.iv = 8;
            job.body = 24;
            job.bodyLength = 16 * (1 + i * 27);
            job.icv = job.body + job.bodyLength;
            job.array = new byte[job.icv + 32];
            job.array[job.body] = (byte) i;
            job.context = sealer;
        }
        engine.seal(jobs, jobs.length);
        for (CryptoJob job : jobs) {
            assertThat(job.ok).isTrue();
            job.context = opener;
        }
        jobs[77].array[jobs[77].icv] ^= 1;
        engine.open(jobs, jobs.length);
        for (int i = 0; i < jobs.length; i++) {
            assertThat(jobs[i].ok).isEqualTo(i != 77);
            if (i != 77) assertThat(jobs[i].array[jobs[i].body]).isEqualTo((byte) i);
        }
    }

    private static CryptoEngine engine() {
        return IpsecMbHere.engine();
    }

    private static IpsecMbContext context(CryptoEngine.@Nullable Context context) {
        return (IpsecMbContext) Objects.requireNonNull(context);
    }

    private static KeyMaterial key(int octets) {
        byte[] key = new byte[octets];
        for (int i = 0; i < octets; i++) key[i] = (byte) (i + 1);
        return KeyMaterial.copyOf(key);
    }

    private static boolean isZero(long address, int octets) {
        for (int i = 0; i < octets; i++) if (RawMemory.getByte(address + i) != 0) return false;
        return true;
    }
}
