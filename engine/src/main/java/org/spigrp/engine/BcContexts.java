package org.spigrp.engine;

import java.util.Arrays;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.CamelliaEngine;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.macs.CMac;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.modes.AEADCipher;
import org.bouncycastle.crypto.modes.CCMBlockCipher;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.params.KeyParameter;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.KeyMaterial;

/**
 * What {@link BouncyCastleCryptoEngine} makes of keys. Apart from it, so that a run which needs none of its algorithms
 * never opens Bouncy Castle's jar: it is signed, and the JVM checks that with the first class, for a twentieth of a second.
 */
final class BcContexts {
    private final BouncyCastleCryptoEngine engine;
    private final Scratch scratch = new Scratch();

    BcContexts(BouncyCastleCryptoEngine engine) {
        this.engine = engine;
    }

    CryptoEngine.Context esp(
            EspSuite suite, KeyMaterial encryptionKey, KeyMaterial authenticationKey, boolean encrypting) {
        EspKeys.check(suite, encryptionKey, authenticationKey);
        KeyParameter key = key(encryptionKey, suite.keyOctets());
        byte[] salt = EspKeys.salt(suite, encryptionKey);
        return switch (suite.cipher()) {
            case NULL -> withMac(BodyCipher.NULL, suite, authenticationKey);
            case DES3_CBC -> withMac(new BcCbc(new DESedeEngine(), key, encrypting), suite, authenticationKey);
            case AES_CBC -> withMac(new BcCbc(AESEngine.newInstance(), key, encrypting), suite, authenticationKey);
            case CAMELLIA_CBC -> withMac(new BcCbc(new CamelliaEngine(), key, encrypting), suite, authenticationKey);
            case AES_CTR -> withMac(new BcCtr(key, salt), suite, authenticationKey);
            case AES_GCM -> aead(gcm(), key, salt, suite.icvOctets(), BcAead.Use.ESP);
            case AES_CCM ->
                aead(CCMBlockCipher.newInstance(AESEngine.newInstance()), key, salt, suite.icvOctets(), BcAead.Use.ESP);
            case AES_GMAC -> aead(gcm(), key, salt, suite.icvOctets(), BcAead.Use.ESP_GMAC);
            case CHACHA20_POLY1305 -> aead(new ChaCha20Poly1305(), key, salt, suite.icvOctets(), BcAead.Use.ESP);
        };
    }

    CryptoEngine.Context ah(AhSuite suite, KeyMaterial given) {
        EspKeys.check(suite, given);
        if (suite.integrity() == Integrity.AES_GMAC) {
            KeyParameter key = key(given, suite.keyOctets());
            return aead(gcm(), key, EspKeys.salt(suite, given), suite.icvOctets(), BcAead.Use.AH_GMAC);
        }
        return new AhMac(engine, mac(suite.integrity(), given), suite.icvOctets());
    }

    private CryptoEngine.Context aead(AEADCipher cipher, KeyParameter key, byte[] salt, int icvOctets, BcAead.Use use) {
        return new BcAead(engine, cipher, key, salt, icvOctets, use, scratch);
    }

    private CryptoEngine.Context withMac(BodyCipher cipher, EspSuite suite, KeyMaterial authenticationKey) {
        Integrity integrity = suite.integrity();
        IcvMac mac = integrity == null ? null : mac(integrity, authenticationKey);
        return new EncryptThenMac(engine, cipher, mac, suite.icvOctets());
    }

    /** Package-private: the RFCs test HMAC with keys of lengths that no SA has. */
    static IcvMac mac(Integrity integrity, KeyMaterial given) {
        KeyParameter key = key(given, given.length());
        return switch (integrity) {
            case HMAC_MD5_96 -> hmac(new MD5Digest(), key);
            case HMAC_SHA1_96 -> hmac(new SHA1Digest(), key);
            case HMAC_SHA2_256_128, HMAC_SHA2_256_96 -> hmac(SHA256Digest.newInstance(), key);
            case HMAC_SHA2_384_192 -> hmac(new SHA384Digest(), key);
            case HMAC_SHA2_512_256 -> hmac(new SHA512Digest(), key);
            case AES_XCBC_96 -> new BcXcbc(key);
            case AES_CMAC_96 -> new BcMac(new CMac(AESEngine.newInstance()), key);
            case AES_GMAC -> throw new IllegalArgumentException("AES-GMAC needs an IV and is no MAC by itself");
        };
    }

    private static IcvMac hmac(Digest digest, KeyParameter key) {
        return new BcMac(new HMac(digest), key);
    }

    private static AEADCipher gcm() {
        return GCMBlockCipher.newInstance(AESEngine.newInstance());
    }

    /** The first octets of the given key; the array they pass through is overwritten. */
    private static KeyParameter key(KeyMaterial given, int octets) {
        byte[] raw = given.octets(0, octets);
        KeyParameter key = new KeyParameter(raw);
        Arrays.fill(raw, (byte) 0);
        return key;
    }

    /** Loads what the first key would. */
    static void load() {
        AESEngine.newInstance();
    }
}
