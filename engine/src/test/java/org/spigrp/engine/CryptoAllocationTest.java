package org.spigrp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.KeyMaterial;

/**
 * Our own code allocates nothing per packet: a suite costs what the same calls of the JCE cost in a bare loop beside it.
 * Where the JCE is used without an init per packet, that is nothing at all.
 *
 * <p>Octets per packet are the least of several rounds: a round may have compiled code or grown an array.
 */
class CryptoAllocationTest {
    private static final long SEED = 20261105;
    private static final int ROUNDS = 4;
    private static final int ATTEMPTS = 5;
    /** The smallest object is 16 octets: less than that per packet is not one of ours. */
    private static final int LESS_THAN_AN_OBJECT = 15;

    private static final int PACKETS = 200;

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    private final CryptoEngine ofThisModule =
            CryptoEngines.best(List.of(new JdkCryptoEngine(), new BouncyCastleCryptoEngine()));
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @FunctionalInterface
    private interface Step {
        void run() throws GeneralSecurityException;
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1424})
    void sealing_and_opening_allocate_what_the_bare_jce_does_and_no_more(int bodyOctets) throws Exception {
        Map<String, String> surplus = new LinkedHashMap<>();
        for (EspSuite suite : Suites.esp()) {
            long bareSeal = bare(suite, bodyOctets, true);
            long bareOpen = bare(suite, bodyOctets, false);
            // What only Bouncy Castle has is its own affair.
            if (bareSeal < 0) continue;
            long[] ours = {Long.MAX_VALUE, Long.MAX_VALUE};
            // The compiler may have been quicker with the bare loop and spared it an object: then it gets more time.
            for (int attempt = 0; attempt < ATTEMPTS && exceeds(ours, bareSeal, bareOpen); attempt++) {
                long[] again = ours(suite, bodyOctets);
                ours[0] = Math.min(ours[0], again[0]);
                ours[1] = Math.min(ours[1], again[1]);
            }
            if (exceeds(ours, bareSeal, bareOpen)) {
                surplus.put(suite.name(), "%d, %d; bare %d, %d".formatted(ours[0], ours[1], bareSeal, bareOpen));
            }
        }
        assertThat(surplus)
                .as("octets per packet sealing and opening, above those of the bare JCE; body of %d octets", bodyOctets)
                .isEmpty();
    }

    @Test
    void block_ciphers_and_block_macs_allocate_nothing_at_all() throws Exception {
        for (String name : new String[] {"3des", "aes128", "aes256-aescmac", "aes128-aesxcbc", "null-aescmac"}) {
            assertThat(ours(Suites.esp(name), 1424)).as(name).containsExactly(0, 0);
        }
    }

    private static boolean exceeds(long[] ours, long bareSeal, long bareOpen) {
        return ours[0] > bareSeal + LESS_THAN_AN_OBJECT || ours[1] > bareOpen + LESS_THAN_AN_OBJECT;
    }

    private long[] ours(EspSuite suite, int bodyOctets) throws GeneralSecurityException {
        return octetsPerPacket(ofThisModule, suite, bodyOctets);
    }

    /** Sealing, opening. */
    long[] octetsPerPacket(CryptoEngine best, EspSuite suite, int bodyOctets) throws GeneralSecurityException {
        KeyMaterial key = KeyMaterial.copyOf(TestPacket.octets(suite.givenKeyOctets(), random));
        KeyMaterial authKey = KeyMaterial.copyOf(TestPacket.octets(suite.authKeyOctets(), random));
        CryptoEngine.Context sealer = best.esp(suite, key, authKey, true);
        CryptoEngine.Context opener = best.esp(suite, key, authKey, false);
        assertThat(sealer).isNotNull();
        assertThat(opener).isNotNull();
        CryptoJob job = TestPacket.random(suite, bodyOctets, random).job;
        CryptoJob[] jobs = {job};
        byte[] sealed = new byte[job.array.length];
        job.context = sealer;
        long seal = leastPerPacket(() -> {
            job.array[job.iv + 7]++;
            if (job.array[job.iv + 7] == 0) job.array[job.iv + 6]++;
            best.seal(jobs, 1);
        });
        assertThat(job.ok).as("%s sealed", suite.name()).isTrue();
        System.arraycopy(job.array, 0, sealed, 0, sealed.length);
        job.context = opener;
        long open = leastPerPacket(() -> {
            System.arraycopy(sealed, 0, job.array, 0, sealed.length);
            best.open(jobs, 1);
        });
        assertThat(job.ok).as("%s opened", suite.name()).isTrue();
        return new long[] {seal, open};
    }

    /** The JCE's share: the same calls without anything of ours around them. -1 where the JDK lacks the algorithm. */
    private long bare(EspSuite suite, int bodyOctets, boolean sealing) throws GeneralSecurityException {
        byte[] in = TestPacket.octets(bodyOctets + 64, random);
        byte[] out = new byte[bodyOctets + 64];
        long cipher = switch (suite.cipher()) {
            case NULL, DES3_CBC, AES_CBC -> 0;
            case CAMELLIA_CBC -> -1;
            case AES_CTR -> bareCtr(suite, bodyOctets, in, out);
            case AES_CCM -> bareCtr(suite, bodyOctets + 16, in, out);
            case AES_GCM, AES_GMAC, CHACHA20_POLY1305 ->
                suite.icvOctets() < 12 ? -1 : bareAead(suite, bodyOctets, sealing, out);
        };
        if (cipher < 0 || suite.integrity() == null) return cipher;
        String hmac = switch (suite.integrity()) {
            case HMAC_MD5_96 -> "HmacMD5";
            case HMAC_SHA1_96 -> "HmacSHA1";
            case HMAC_SHA2_256_128, HMAC_SHA2_256_96 -> "HmacSHA256";
            case HMAC_SHA2_384_192 -> "HmacSHA384";
            case HMAC_SHA2_512_256 -> "HmacSHA512";
            case AES_XCBC_96, AES_CMAC_96, AES_GMAC -> "";
        };
        return hmac.isEmpty() ? cipher : cipher + bareHmac(hmac, bodyOctets, in, out);
    }

    private long bareCtr(EspSuite suite, int octets, byte[] in, byte[] out) throws GeneralSecurityException {
        SecretKeySpec key = new SecretKeySpec(new byte[suite.keyOctets()], "AES");
        byte[] counter = new byte[16];
        Cipher ctr = Cipher.getInstance("AES/CTR/NoPadding");
        return leastPerPacket(() -> {
            ctr.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(counter));
            ctr.doFinal(in, 0, octets, out, 0);
        });
    }

    private long bareHmac(String algorithm, int octets, byte[] in, byte[] out) throws GeneralSecurityException {
        Mac hmac = Mac.getInstance(algorithm);
        hmac.init(new SecretKeySpec(new byte[20], algorithm));
        return leastPerPacket(() -> {
            hmac.update(in, 0, octets);
            hmac.doFinal(out, 0);
        });
    }

    private long bareAead(EspSuite suite, int bodyOctets, boolean sealing, byte[] out) throws GeneralSecurityException {
        boolean chaCha = suite.name().startsWith("chacha");
        boolean gmac = suite.name().endsWith("gmac");
        SecretKeySpec key = new SecretKeySpec(new byte[suite.keyOctets()], chaCha ? "ChaCha20" : "AES");
        Cipher aead = Cipher.getInstance(chaCha ? "ChaCha20-Poly1305" : "AES/GCM/NoPadding");
        byte[] iv = new byte[12];
        byte[] aad = new byte[12];
        byte[] body = new byte[bodyOctets + 8];
        byte[] sealed = new byte[bodyOctets + suite.icvOctets()];
        int encrypted = gmac ? 0 : bodyOctets;
        Step encrypt = () -> {
            iv[0]++;
            if (iv[0] == 0) iv[1]++;
            run(aead, Cipher.ENCRYPT_MODE, key, suite, iv, aad, gmac ? body : null, body, encrypted, sealed);
        };
        if (sealing) return leastPerPacket(encrypt);
        encrypt.run();
        int count = encrypted + suite.icvOctets();
        return leastPerPacket(
                () -> run(aead, Cipher.DECRYPT_MODE, key, suite, iv, aad, gmac ? body : null, sealed, count, out));
    }

    private static void run(
            Cipher aead,
            int mode,
            SecretKeySpec key,
            EspSuite suite,
            byte[] iv,
            byte[] aad,
            byte @org.jspecify.annotations.Nullable [] more,
            byte[] in,
            int count,
            byte[] out)
            throws GeneralSecurityException {
        AlgorithmParameterSpec spec = suite.name().startsWith("chacha")
                ? new IvParameterSpec(iv)
                : new GCMParameterSpec(8 * suite.icvOctets(), iv);
        aead.init(mode, key, spec);
        // The longer form of the additional data: with ESN.
        aead.updateAAD(aad, 0, aad.length);
        if (more != null) aead.updateAAD(more, 0, more.length);
        aead.doFinal(in, 0, count, out, 0);
    }

    private long leastPerPacket(Step step) throws GeneralSecurityException {
        long thread = Thread.currentThread().threadId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = threads.getThreadAllocatedBytes(thread);
            for (int i = 0; i < PACKETS; i++) step.run();
            least = Math.min(least, (threads.getThreadAllocatedBytes(thread) - before) / PACKETS);
        }
        return least;
    }
}
