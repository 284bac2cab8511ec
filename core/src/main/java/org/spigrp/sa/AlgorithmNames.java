package org.spigrp.sa;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Quote;

/**
 * The names that {@code spi --esp}, {@code --ah} and {@code --comp} take, in lower case.
 *
 * <pre>
 *   --esp  3des-md5-96  3des-sha1-96  3des                                            the classic three
 *          aes{128,192,256}gcm{8,12,16}  aes{...}ccm{8,12,16}  aes{...}gmac  chacha20poly1305
 *          CIPHER[-AUTH]   CIPHER: aes{...}  camellia{...}  3des;  with AUTH only: aes{...}ctr  null
 *                          AUTH:   sha1  sha256  sha384  sha512  aesxcbc  aescmac  md5  sha256-96
 *   --ah   hmac-md5-96  hmac-sha1-96  hmac-sha2-256-128  hmac-sha2-256-96  hmac-sha2-384-192
 *          hmac-sha2-512-256  aes-xcbc-96  aes-cmac-96  aes{128,192,256}gmac
 * </pre>
 *
 * AUTH may have {@code -96} behind it where that is its truncation anyway; {@code sha256-96} is another algorithm than
 * {@code sha256} (128 bits). {@code aes}, {@code camellia} and {@code aesctr} without a key length mean 128 bits. Every
 * suite has one canonical name, which is the one in the record.
 *
 * <p>The number behind {@code gcm} and {@code ccm} is the ICV's length in octets.
 */
public final class AlgorithmNames {
    private static final int[] KEY_BITS = {128, 192, 256};
    private static final int[] ICV_OCTETS = {16, 12, 8};
    private static final String SEE_HELP = "; 'ipsec help spi' lists the names";

    private AlgorithmNames() {}

    /** Made when first asked for: most commands never do. */
    private static final class Tables {
        static final Map<String, EspSuite> ESP = espSuites();
        static final Map<String, AhSuite> AH = ahSuites();
    }

    public static Parsed<EspSuite> esp(String name) {
        EspSuite suite = Tables.ESP.get(name);
        if (suite != null) {
            return Parsed.ok(suite);
        }
        String why = specialEsp(name);
        return Parsed.bad(
                why != null
                        ? why
                        : "unknown ESP algorithm " + Quote.of(name)
                                + NearestName.suggestion(name, Tables.ESP.keySet(), SEE_HELP));
    }

    public static Parsed<AhSuite> ah(String name) {
        AhSuite suite = Tables.AH.get(name);
        return suite != null
                ? Parsed.ok(suite)
                : Parsed.bad("unknown AH algorithm " + Quote.of(name)
                        + NearestName.suggestion(name, Tables.AH.keySet(), SEE_HELP));
    }

    public static Parsed<CompAlgorithm> comp(String name) {
        if (name.equals("lzs")) {
            return Parsed.bad("the compression algorithm 'lzs' is not available"
                    + " (KLIPS sent deflate under that name); use 'deflate'");
        }
        List<String> known = new ArrayList<>();
        for (CompAlgorithm algorithm : CompAlgorithm.values()) {
            if (algorithm.text().equals(name)) {
                return Parsed.ok(algorithm);
            }
            known.add(algorithm.text());
        }
        return Parsed.bad("unknown compression algorithm " + Quote.of(name)
                + NearestName.suggestion(name, known, "; known is " + String.join(", ", known)));
    }

    /** All canonical names of {@code --esp}, for help texts and completions. */
    public static List<String> espNames() {
        return Tables.ESP.values().stream().map(EspSuite::name).distinct().toList();
    }

    /** All names of {@code --ah}. */
    public static List<String> ahNames() {
        return List.copyOf(Tables.AH.keySet());
    }

    /** Names that could be meant seriously and are refused for a reason. */
    private static @Nullable String specialEsp(String name) {
        if (name.equals("null")) {
            return "'null' alone neither encrypts nor authenticates (RFC 4303 3.2);"
                    + " give an integrity algorithm, as in 'null-sha256'";
        }
        if (name.matches("aes(128|192|256)?ctr")) {
            return Quote.of(name) + " without integrity is not allowed (RFC 3686 7): an attacker could change any bit;"
                    + " give an integrity algorithm, as in '" + name + "-sha256'";
        }
        if (name.matches("des(-.*)?")) {
            return "single DES (" + Quote.of(name) + ") is broken and not available; use 'aes128-sha256'";
        }
        int dash = name.indexOf('-');
        EspSuite aead = dash < 0 ? null : Tables.ESP.get(name.substring(0, dash));
        if (aead != null && aead.aeadIcvOctets() > 0) {
            return "unknown ESP algorithm " + Quote.of(name) + ": '" + aead.name()
                    + "' has its own integrity, so nothing may follow it";
        }
        return null;
    }

    private static Map<String, EspSuite> espSuites() {
        Map<String, EspSuite> all = new LinkedHashMap<>();
        withIntegrity(all, "3des", EspCipher.DES3_CBC, 24, true);
        for (int bits : KEY_BITS) {
            withIntegrity(all, "aes" + bits, EspCipher.AES_CBC, bits / 8, true);
        }
        for (int bits : KEY_BITS) {
            for (int icv : ICV_OCTETS) {
                aead(all, "aes" + bits + "gcm" + icv, EspCipher.AES_GCM, bits / 8, icv);
            }
        }
        for (int bits : KEY_BITS) {
            for (int icv : ICV_OCTETS) {
                aead(all, "aes" + bits + "ccm" + icv, EspCipher.AES_CCM, bits / 8, icv);
            }
        }
        aead(all, "chacha20poly1305", EspCipher.CHACHA20_POLY1305, 32, 16);
        for (int bits : KEY_BITS) {
            withIntegrity(all, "aes" + bits + "ctr", EspCipher.AES_CTR, bits / 8, false);
        }
        for (int bits : KEY_BITS) {
            withIntegrity(all, "camellia" + bits, EspCipher.CAMELLIA_CBC, bits / 8, true);
        }
        for (int bits : KEY_BITS) {
            aead(all, "aes" + bits + "gmac", EspCipher.AES_GMAC, bits / 8, 16);
        }
        withIntegrity(all, "null", EspCipher.NULL, 0, false);
        addShortNames(all);
        return all;
    }

    private static void withIntegrity(
            Map<String, EspSuite> all, String cipherName, EspCipher cipher, int keyOctets, boolean alsoAlone) {
        for (Integrity integrity : Integrity.values()) {
            String auth = espName(integrity);
            if (auth == null) {
                continue;
            }
            // Two of the classic three end in -96; nobody knows them otherwise.
            boolean classic = cipher == EspCipher.DES3_CBC
                    && (integrity == Integrity.HMAC_MD5_96 || integrity == Integrity.HMAC_SHA1_96);
            String plain = cipherName + "-" + auth;
            var suite = new EspSuite(classic ? plain + "-96" : plain, cipher, keyOctets, 0, integrity);
            all.put(suite.name(), suite);
            all.put(plain, suite);
            if (is96(integrity)) {
                all.put(plain + "-96", suite);
            }
        }
        if (alsoAlone) {
            all.put(cipherName, new EspSuite(cipherName, cipher, keyOctets, 0, null));
        }
    }

    private static boolean is96(Integrity integrity) {
        return integrity.icvOctets() == 12 && integrity != Integrity.HMAC_SHA2_256_96;
    }

    /** How an integrity algorithm is called behind a cipher's name, or null where it cannot be. */
    private static @Nullable String espName(Integrity integrity) {
        return switch (integrity) {
            case HMAC_MD5_96 -> "md5";
            case HMAC_SHA1_96 -> "sha1";
            case HMAC_SHA2_256_128 -> "sha256";
            case HMAC_SHA2_256_96 -> "sha256-96";
            case HMAC_SHA2_384_192 -> "sha384";
            case HMAC_SHA2_512_256 -> "sha512";
            case AES_XCBC_96 -> "aesxcbc";
            case AES_CMAC_96 -> "aescmac";
            case AES_GMAC -> null;
        };
    }

    private static void aead(Map<String, EspSuite> all, String name, EspCipher cipher, int keyOctets, int icvOctets) {
        all.put(name, new EspSuite(name, cipher, keyOctets, icvOctets, null));
    }

    /** {@code aes-sha1} beside {@code aes128-sha1}, and so on. */
    private static void addShortNames(Map<String, EspSuite> all) {
        Map<String, EspSuite> more = new LinkedHashMap<>();
        all.forEach((name, suite) -> {
            if (suite.aeadIcvOctets() == 0 && (name.startsWith("aes128") || name.startsWith("camellia128"))) {
                more.put(name.replace("128", ""), suite);
            }
        });
        all.putAll(more);
    }

    private static Map<String, AhSuite> ahSuites() {
        Map<String, AhSuite> all = new LinkedHashMap<>();
        for (Integrity integrity : Integrity.values()) {
            if (integrity != Integrity.AES_GMAC) {
                all.put(integrity.text(), new AhSuite(integrity.text(), integrity, integrity.keyOctets()));
            }
        }
        for (int bits : KEY_BITS) {
            String name = "aes" + bits + "gmac";
            all.put(name, new AhSuite(name, Integrity.AES_GMAC, bits / 8));
        }
        return all;
    }
}
