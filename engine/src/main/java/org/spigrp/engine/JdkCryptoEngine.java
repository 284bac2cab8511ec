package org.spigrp.engine;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.KeyMaterial;

/**
 * The JDK's own cryptography (JCE, provider SunJCE), which runs on the processor's instructions: all that ESP and AH
 * ask for but Camellia and AES-GCM with an ICV of 8 octets. XCBC, CMAC and CCM are put together from its CBC and CTR.
 *
 * <p>Nothing is allocated per packet by our own code. What the JCE allocates, in octets per packet, sealing or opening,
 * measured on JDK 25 with 64 and 1424 octets of body; {@code CryptoAllocationTest} compares with a bare loop of the JCE's:
 *
 * <pre>
 * null, 3DES-CBC, AES-CBC, XCBC, CMAC      0
 * HMAC-MD5 / SHA-1 / 256 / 384 / 512       32 / 40 / 48 / 64 / 80     the inner digest
 * AES-CTR, AES-CCM                         112                        the IvParameterSpec and copies of the IV
 * AES-GCM                                  910 .. 990                 a new GCM core for each init
 * AES-GMAC                                 950 and what is authenticated
 * ChaCha20-Poly1305                        2200 .. 2350
 * </pre>
 *
 * <p>Not thread-safe: an engine and its contexts belong to one worker, and share arrays.
 */
public final class JdkCryptoEngine implements CryptoEngine {
    /** What ciphers write, before it is copied into the packet. */
    private final Scratch scratch = new Scratch();
    /** What MACs read, where it must lie in one piece. */
    private final Scratch gathered = new Scratch();

    @Override
    public String name() {
        return "JDK " + Runtime.version().feature();
    }

    @Override
    public @Nullable Context esp(
            EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        EspKeys.check(suite, encryptionKey, authenticationKey);
        return switch (suite.cipher()) {
            case NULL -> withMac(BodyCipher.NULL, suite, authenticationKey);
            case DES3_CBC -> {
                Key key = key(encryptionKey, suite.keyOctets(), "DESede");
                yield withMac(
                        new JdkCbc("DESede/CBC/NoPadding", key, 8, encrypting, scratch), suite, authenticationKey);
            }
            case AES_CBC -> {
                Key key = key(encryptionKey, suite.keyOctets(), "AES");
                yield withMac(new JdkCbc("AES/CBC/NoPadding", key, 16, encrypting, scratch), suite, authenticationKey);
            }
            case AES_CTR -> {
                Key key = key(encryptionKey, suite.keyOctets(), "AES");
                yield withMac(new JdkCtr(key, EspKeys.salt(suite, encryptionKey), scratch), suite, authenticationKey);
            }
            case AES_GCM -> {
                // GCMParameterSpec takes tags of 96 to 128 bits.
                if (suite.aeadIcvOctets() < 12) yield null;
                Key key = key(encryptionKey, suite.keyOctets(), "AES");
                yield JdkAead.gcm(this, key, EspKeys.salt(suite, encryptionKey), suite.aeadIcvOctets(), scratch);
            }
            case AES_CCM -> {
                Key key = key(encryptionKey, suite.keyOctets(), "AES");
                byte[] salt = EspKeys.salt(suite, encryptionKey);
                yield new JdkCcm(this, key, salt, suite.aeadIcvOctets(), gathered, scratch);
            }
            case AES_GMAC -> {
                Key key = key(encryptionKey, suite.keyOctets(), "AES");
                yield new JdkGmac(this, key, EspKeys.salt(suite, encryptionKey), false);
            }
            case CHACHA20_POLY1305 -> {
                Key key = key(encryptionKey, suite.keyOctets(), "ChaCha20");
                yield JdkAead.chaCha20Poly1305(this, key, EspKeys.salt(suite, encryptionKey), scratch);
            }
            case CAMELLIA_CBC -> null;
        };
    }

    @Override
    public Context ah(AhSuite suite, KeyMaterial given) {
        EspKeys.check(suite, given);
        if (suite.integrity() == Integrity.AES_GMAC) {
            return new JdkGmac(this, key(given, suite.keyOctets(), "AES"), EspKeys.salt(suite, given), true);
        }
        return new AhMac(this, mac(suite.integrity(), given), suite.icvOctets());
    }

    @Override
    public void seal(CryptoJob[] jobs, int count) {
        SoftwareContext.sealAll(jobs, count);
    }

    @Override
    public void open(CryptoJob[] jobs, int count) {
        SoftwareContext.openAll(jobs, count);
    }

    private Context withMac(BodyCipher cipher, EspSuite suite, KeyMaterial authenticationKey) {
        Integrity integrity = suite.integrity();
        IcvMac mac = integrity == null ? null : mac(integrity, authenticationKey);
        return new EncryptThenMac(this, cipher, mac, suite.icvOctets());
    }

    /** Package-private: the RFCs test HMAC with keys of lengths that no SA has. */
    IcvMac mac(Integrity integrity, KeyMaterial given) {
        return switch (integrity) {
            case HMAC_MD5_96 -> hmac("HmacMD5", given);
            case HMAC_SHA1_96 -> hmac("HmacSHA1", given);
            case HMAC_SHA2_256_128, HMAC_SHA2_256_96 -> hmac("HmacSHA256", given);
            case HMAC_SHA2_384_192 -> hmac("HmacSHA384", given);
            case HMAC_SHA2_512_256 -> hmac("HmacSHA512", given);
            case AES_XCBC_96 -> JdkBlockMac.xcbc(key(given, given.length(), "AES"), gathered, scratch);
            case AES_CMAC_96 -> JdkBlockMac.cmac(key(given, given.length(), "AES"), gathered, scratch);
            case AES_GMAC -> throw new IllegalArgumentException("AES-GMAC needs an IV and is no MAC by itself");
        };
    }

    private static IcvMac hmac(String algorithm, KeyMaterial given) {
        return new JdkHmac(algorithm, key(given, given.length(), algorithm));
    }

    /** The first octets of the given key; the array they pass through is overwritten. */
    private static Key key(KeyMaterial given, int octets, String algorithm) {
        byte[] raw = given.octets(0, octets);
        Key key = new SecretKeySpec(raw, algorithm);
        Arrays.fill(raw, (byte) 0);
        return key;
    }

    static void load() {
        cipher("AES/GCM/NoPadding");
    }

    static Cipher cipher(String algorithm) {
        try {
            return Cipher.getInstance(algorithm);
        } catch (GeneralSecurityException e) {
            throw SoftwareContext.fault(e);
        }
    }
}
