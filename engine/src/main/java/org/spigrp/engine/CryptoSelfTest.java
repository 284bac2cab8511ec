package org.spigrp.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.KeyMaterial;

/**
 * A known answer for each algorithm, with the same key, header and body for all: does this machine, with this JDK,
 * compute what the RFCs say? The answers were made by two independent engines that had passed the RFCs' vectors.
 *
 * <pre>
 * key   0, 1, 2, ..    header  SPI 0x100, sequence 1, ESN high 7    IV  0x10, 0x11, ..    body  0x40, 0x41, .. (32 octets)
 * AH    0x40, 0x41, .. (44 octets): head, body, ESN high
 * </pre>
 *
 * An engine may work on several packets at once by other code than it has for one (ipsec-mb 2.0 has a 3DES that is right for
 * one and wrong for two); so there is also a batch, whose packets must come out as each does alone.
 */
public final class CryptoSelfTest {
    /** One algorithm of one engine. */
    public record Result(String engine, String algorithm, boolean good) {}

    private static final int BODY_OCTETS = 32;
    private static final int HEADER_OCTETS = 8;
    private static final int AH_HEAD_OCTETS = 28;
    private static final int AH_BODY_OCTETS = 12;
    /** One more than any engine follows at once. */
    private static final int BATCH = 17;

    private sealed interface Known permits KnownEsp, KnownAh {
        String name();
    }

    private record KnownEsp(String name, EspCipher cipher, int keyOctets, int icvOctets) implements Known {}

    private record KnownAh(String name, Integrity integrity) implements Known {}

    private static final List<Known> KNOWN = List.copyOf(known());

    /** There are a hundred suites, and a context is made for each SA. */
    private static final Map<EspSuite, List<String>> NAMES = new ConcurrentHashMap<>();

    private static List<Known> known() {
        List<Known> known = new ArrayList<>();
        known.add(new KnownEsp("3des", EspCipher.DES3_CBC, 24, 0));
        for (int octets = 16; octets <= 32; octets += 8) {
            String bits = "aes" + 8 * octets;
            known.add(new KnownEsp(bits, EspCipher.AES_CBC, octets, 0));
            known.add(new KnownEsp("camellia" + 8 * octets, EspCipher.CAMELLIA_CBC, octets, 0));
            known.add(new KnownEsp(bits + "ctr", EspCipher.AES_CTR, octets, 0));
            for (int icv = 8; icv <= 16; icv += 4) {
                known.add(new KnownEsp(bits + "gcm" + icv, EspCipher.AES_GCM, octets, icv));
                known.add(new KnownEsp(bits + "ccm" + icv, EspCipher.AES_CCM, octets, icv));
            }
            known.add(new KnownEsp(bits + "gmac", EspCipher.AES_GMAC, octets, 16));
        }
        known.add(new KnownEsp("chacha20poly1305", EspCipher.CHACHA20_POLY1305, 32, 16));
        for (Integrity integrity : Integrity.values()) known.add(new KnownAh(integrity.text(), integrity));
        return known;
    }

    /** ESP: body and ICV. AH: ICV. */
    private static final String ANSWERS = """
            3des 2950e14be62e845ef92817f92487da18adb50bc67a4435f6ccd432fde77b2b27
            aes128 34aa4a156d4930d99a622fed6a5d4a0c4d726d59e4404e8598c9bd9201e2f3ae
            aes192 3d895f73ad29b38e4d6a326eaa5de2fb1c29a3ab17681cd21f03bff630b972fe
            aes256 397c5d33928754178079162fdfab3491397ace0a691f5db5d76323d486318fdb
            camellia128 413ebbbcb5b5498717c7f2eeb0836f28e2a01018013c485f3e598722c85f8bcc
            camellia192 1a7b47f7df5a2a47e1e7253278472795017cc93b7b10d051d35dfcc9427f5489
            camellia256 a2d53870c60d1503ec41d7a0d27bd2030c2380c03f07b5e8b8df8b334287a119
            aes128ctr 1eab0e4a08adbe6893647394a19156bcdb7805f3105a924871511a66f1a94993
            aes192ctr b191020e808d53404383bb4b0d69822b9b3d2b186e17c4b0737dd6426ae23d39
            aes256ctr 03bd40f7701106de8898bb83281ff1782d809327b09a681143cb6c2a5444832a
            aes128gcm8 cb6815e3004a825861410a76e1b9598343c283527b228dccf9b552e2012b94d0d842645db18798a3
            aes128gcm12 cb6815e3004a825861410a76e1b9598343c283527b228dccf9b552e2012b94d0d842645db18798a3470c3d6a
            aes128gcm16 cb6815e3004a825861410a76e1b9598343c283527b228dccf9b552e2012b94d0d842645db18798a3470c3d6a8b899f9e
            aes192gcm8 8b2d3b087e07d4a0636dc6527af22d2950a1f58f04c6a856917915b9db47db1a22688ab23982f84b
            aes192gcm12 8b2d3b087e07d4a0636dc6527af22d2950a1f58f04c6a856917915b9db47db1a22688ab23982f84b33cbf179
            aes192gcm16 8b2d3b087e07d4a0636dc6527af22d2950a1f58f04c6a856917915b9db47db1a22688ab23982f84b33cbf1794857d1bc
            aes256gcm8 3d908337a08a780153db7c3a4454933a803ee0ec92e1ee2cafda6a26491d2073c1098935ff59a443
            aes256gcm12 3d908337a08a780153db7c3a4454933a803ee0ec92e1ee2cafda6a26491d2073c1098935ff59a4435a920309
            aes256gcm16 3d908337a08a780153db7c3a4454933a803ee0ec92e1ee2cafda6a26491d2073c1098935ff59a4435a920309e2e86465
            aes128ccm8 6c239ff3a67c2ae7a67575da6385f17627268f88cb6aad0b046c1def00139bcd723aa1fa058eb2c2
            aes128ccm12 6c239ff3a67c2ae7a67575da6385f17627268f88cb6aad0b046c1def00139bcdea64295235866ae6cf330c14
            aes128ccm16 6c239ff3a67c2ae7a67575da6385f17627268f88cb6aad0b046c1def00139bcdb8c5eb571beff5031f2508c656da1b72
            aes192ccm8 ebd678adc126be2ad989d07b2c312ea518d11e29e86c6b2a89bc14622440c9e86f5b8c518e21f80d
            aes192ccm12 ebd678adc126be2ad989d07b2c312ea518d11e29e86c6b2a89bc14622440c9e8d324bcce89067352d41b89a9
            aes192ccm16 ebd678adc126be2ad989d07b2c312ea518d11e29e86c6b2a89bc14622440c9e8fa737e32c414d4bcb87af678796934d7
            aes256ccm8 91c59474d8506de3f8c2c1edbb484eb48eec08c2238ac1006a0e29a34e206beb409dfa2d2fc5b02f
            aes256ccm12 91c59474d8506de3f8c2c1edbb484eb48eec08c2238ac1006a0e29a34e206beb02d58a8f53e538ac38f5b898
            aes256ccm16 91c59474d8506de3f8c2c1edbb484eb48eec08c2238ac1006a0e29a34e206bebb08b47d66e6b88c749f5084290a78127
            aes128gmac 404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f6fca3c3ccc332d92ab3e0b9d25f20603
            aes192gmac 404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5fc76dd7026b497f92c4d557256e54b60c
            aes256gmac 404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5fbb0956d663ea63810483caf0fa9596ee
            chacha20poly1305 4c82b5de4b17a337703f819df4b9c36b26287e71d69a5e1aba4cfffea3c224154bb4da5e844004934ff96476b9f5b8d0
            hmac-md5-96 7b786650d2b31af41224c10e
            hmac-sha1-96 5612f374df5649aa5a278be5
            hmac-sha2-256-128 9fa42263d29258a809e949ee8fdd720a
            hmac-sha2-256-96 9fa42263d29258a809e949ee
            hmac-sha2-384-192 5f0fa31ac93db8ae3f8654c33006bbb91851436f3b9b7fe3
            hmac-sha2-512-256 de2cacffc4d2770cd9a524cf3cb79950f423ca46b9a7ffa59d22603c06957252
            aes-xcbc-96 e73b538569b2795d2ff2ada9
            aes-cmac-96 c57e2215b267d6c063a2fc72
            aes-gmac 73cbe780ecc7379d59a2794791ff751c
            """;

    private static final Map<String, String> ANSWER_OF = ANSWERS.lines()
            .map(line -> line.split(" ", 2))
            .collect(Collectors.toUnmodifiableMap(words -> words[0], words -> words[1]));

    private CryptoSelfTest() {}

    static List<Result> run(List<CryptoEngine> engines) {
        List<Result> results = new ArrayList<>();
        for (CryptoEngine engine : engines) {
            for (Known known : KNOWN) {
                Boolean good = check(engine, known);
                if (good != null) results.add(new Result(engine.name(), known.name(), good));
            }
        }
        return results;
    }

    /** The algorithms of a suite by their names here: cipher, integrity, or both. */
    static List<String> namesOf(EspSuite suite) {
        return NAMES.computeIfAbsent(suite, CryptoSelfTest::findNames);
    }

    private static List<String> findNames(EspSuite suite) {
        List<String> names = new ArrayList<>();
        for (Known known : KNOWN) {
            boolean isPart = switch (known) {
                case KnownEsp esp ->
                    esp.cipher() == suite.cipher()
                            && esp.keyOctets() == suite.keyOctets()
                            && esp.icvOctets() == suite.aeadIcvOctets();
                case KnownAh ah -> ah.integrity() == suite.integrity();
            };
            if (isPart) names.add(known.name());
        }
        return List.copyOf(names);
    }

    static List<String> namesOf(AhSuite suite) {
        return List.of(suite.integrity().text());
    }

    /** Whether the engine has the algorithm and gives the known answer. */
    static boolean isRight(CryptoEngine engine, String name) {
        Known wanted = KNOWN.stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow();
        return Boolean.TRUE.equals(check(engine, wanted));
    }

    static List<String> describe(List<Result> results) {
        Map<String, List<Result>> byEngine = new LinkedHashMap<>();
        for (Result result : results) {
            byEngine.computeIfAbsent(result.engine(), _ -> new ArrayList<>()).add(result);
        }
        List<String> lines = new ArrayList<>();
        byEngine.forEach((engine, its) -> {
            long good = its.stream().filter(Result::good).count();
            lines.add("%s: %d of %d algorithms give the known answer".formatted(engine, good, its.size()));
            its.stream()
                    .filter(result -> !result.good())
                    .forEach(result -> lines.add("%s: %s gives a WRONG answer on this machine, so it is not used for it"
                            .formatted(engine, result.algorithm())));
        });
        return lines;
    }

    /** Which engine is taken for which algorithms: of those that are right the first. */
    static Map<String, List<String>> choices(List<Result> results) {
        Map<String, List<String>> choices = new LinkedHashMap<>();
        Set<String> taken = new HashSet<>();
        for (Result result : results) {
            if (result.good() && taken.add(result.algorithm())) {
                choices.computeIfAbsent(result.engine(), _ -> new ArrayList<>()).add(result.algorithm());
            }
        }
        return choices;
    }

    /** Null: the engine does not have it. A wrong answer and a failure of the provider are the same to the user. */
    private static @Nullable Boolean check(CryptoEngine engine, Known known) {
        try {
            String answer = answer(engine, known);
            return answer == null ? null : answer.equals(ANSWER_OF.get(known.name()));
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** What the engine computes, or "" if it cannot read back what it wrote; null if it does not have the algorithm. */
    private static @Nullable String answer(CryptoEngine engine, Known known) {
        return switch (known) {
            case KnownEsp esp -> espAnswer(engine, esp);
            case KnownAh ah -> ahAnswer(engine, ah);
        };
    }

    private static @Nullable String espAnswer(CryptoEngine engine, KnownEsp known) {
        EspSuite suite = new EspSuite(known.name(), known.cipher(), known.keyOctets(), known.icvOctets(), null);
        KeyMaterial key = key(suite.givenKeyOctets());
        CryptoEngine.Context sealer = engine.esp(suite, key, KeyMaterial.NONE, true);
        CryptoEngine.Context opener = engine.esp(suite, key, KeyMaterial.NONE, false);
        CryptoEngine.Context another = engine.esp(suite, key, KeyMaterial.NONE, true);
        if (sealer == null || opener == null || another == null) return null;
        CryptoJob job = espJob(suite, 0);
        byte[] clear = job.array.clone();
        String answer = roundTrip(engine, job, sealer, opener, job.body);
        for (int i = job.body; i < job.icv; i++) if (job.array[i] != clear[i]) return "";
        return isSameInBatch(engine, i -> espJob(suite, i), sealer, another, opener) ? answer : "";
    }

    /** Its IV and its body begin that much higher. */
    private static CryptoJob espJob(EspSuite suite, int higher) {
        CryptoJob job = new CryptoJob();
        job.iv = HEADER_OCTETS;
        job.body = job.iv + suite.cipher().ivOctets();
        job.bodyLength = BODY_OCTETS;
        job.icv = job.body + BODY_OCTETS;
        job.array = new byte[job.icv + suite.icvOctets()];
        job.esn = true;
        job.esnHigh = 7;
        fill(job.array, job.iv, suite.cipher().ivOctets(), 0x10 + higher);
        fill(job.array, job.body, BODY_OCTETS, 0x40 + higher);
        job.array[2] = 1;
        job.array[7] = 1;
        return job;
    }

    private static @Nullable String ahAnswer(CryptoEngine engine, KnownAh known) {
        AhSuite suite =
                new AhSuite(known.name(), known.integrity(), known.integrity().keyOctets());
        CryptoEngine.Context context = engine.ah(suite, key(suite.givenKeyOctets()));
        CryptoEngine.Context another = engine.ah(suite, key(suite.givenKeyOctets()));
        if (context == null || another == null) return null;
        CryptoJob job = ahJob(suite, 0);
        String answer = roundTrip(engine, job, context, context, job.icv);
        return isSameInBatch(engine, i -> ahJob(suite, i), context, another, another) ? answer : "";
    }

    /** Its IV and its body begin that much higher. */
    private static CryptoJob ahJob(AhSuite suite, int higher) {
        CryptoJob job = new CryptoJob();
        job.bodyLength = AH_BODY_OCTETS;
        job.iv = AH_BODY_OCTETS;
        job.icv = job.iv + suite.ivOctets();
        job.array = new byte[job.icv + suite.icvOctets()];
        job.esn = true;
        job.esnHigh = 0x68696a6b;
        fill(job.array, job.iv, suite.ivOctets(), 0x10 + higher);
        job.aad = new byte[AH_HEAD_OCTETS];
        job.aadLength = AH_HEAD_OCTETS;
        fill(job.aad, 0, AH_HEAD_OCTETS, 0x40);
        fill(job.array, 0, AH_BODY_OCTETS, 0x40 + AH_HEAD_OCTETS + higher);
        return job;
    }

    /**
     * Whether packets come out of a batch as each does alone, and open again.
     *
     * @param packet the same for the same number
     */
    private static boolean isSameInBatch(
            CryptoEngine engine,
            IntFunction<CryptoJob> packet,
            CryptoEngine.Context alone,
            CryptoEngine.Context together,
            CryptoEngine.Context opener) {
        CryptoJob[] jobs = new CryptoJob[BATCH];
        CryptoJob[] twins = new CryptoJob[BATCH];
        for (int i = 0; i < BATCH; i++) {
            twins[i] = packet.apply(i + 1);
            twins[i].context = alone;
            engine.seal(new CryptoJob[] {twins[i]}, 1);
            jobs[i] = packet.apply(i + 1);
            jobs[i].context = together;
        }
        engine.seal(jobs, BATCH);
        for (int i = 0; i < BATCH; i++) {
            if (!jobs[i].ok || !twins[i].ok || !Arrays.equals(jobs[i].array, twins[i].array)) return false;
            jobs[i].context = opener;
        }
        engine.open(jobs, BATCH);
        for (int i = 0; i < BATCH; i++) {
            int icv = jobs[i].icv;
            if (!jobs[i].ok || !Arrays.equals(jobs[i].array, 0, icv, packet.apply(i + 1).array, 0, icv)) return false;
        }
        return true;
    }

    /** The octets from {@code from} after sealing; "" if they do not open again, or open with another ICV. */
    private static String roundTrip(
            CryptoEngine engine, CryptoJob job, CryptoEngine.Context sealer, CryptoEngine.Context opener, int from) {
        CryptoJob[] jobs = {job};
        job.context = sealer;
        engine.seal(jobs, 1);
        if (!job.ok) return "";
        String answer = HexFormat.of().formatHex(job.array, from, job.array.length);
        job.context = opener;
        if (job.icv < job.array.length) {
            job.array[job.icv] ^= 1;
            engine.open(jobs, 1);
            if (job.ok) return "";
            job.array[job.icv] ^= 1;
        }
        engine.open(jobs, 1);
        return job.ok ? answer : "";
    }

    private static KeyMaterial key(int octets) {
        byte[] key = new byte[octets];
        fill(key, 0, octets, 0);
        return KeyMaterial.copyOf(key);
    }

    private static void fill(byte[] array, int from, int count, int first) {
        for (int i = 0; i < count; i++) array[from + i] = (byte) (first + i);
    }
}
