package org.spigrp.it.live;

import java.util.Locale;

/** An algorithm, as our commands, Linux's and Scapy's call it. */
enum Suite {
    AES128GCM16("aes128gcm16", "aead 'rfc4106(gcm(aes))' %1$s 128", "AES-GCM", "", 20, 0),
    CHACHA20POLY1305(
            "chacha20poly1305", "aead 'rfc7539esp(chacha20,poly1305)' %1$s 128", "CHACHA20-POLY1305", "", 36, 0),
    AES128_SHA256(
            "aes128-sha256",
            "enc 'cbc(aes)' %1$s auth-trunc 'hmac(sha256)' %2$s 128",
            "AES-CBC",
            "SHA2-256-128",
            16,
            32),
    AES256_SHA256(
            "aes256-sha256",
            "enc 'cbc(aes)' %1$s auth-trunc 'hmac(sha256)' %2$s 128",
            "AES-CBC",
            "SHA2-256-128",
            32,
            32),
    HMAC_SHA1_96("hmac-sha1-96", "auth-trunc 'hmac(sha1)' %2$s 96", "", "HMAC-SHA1-96", 0, 20),
    HMAC_SHA2_256_128("hmac-sha2-256-128", "auth-trunc 'hmac(sha256)' %2$s 128", "", "SHA2-256-128", 0, 32),
    DEFLATE("deflate", "comp deflate", "", "", 0, 0),
    NONE("", "", "", "", 0, 0);

    private final String ours;
    private final String xfrm;
    private final String scapyCipher;
    private final String scapyIntegrity;
    private final int cipherOctets;
    private final int integrityOctets;

    Suite(String ours, String xfrm, String scapyCipher, String scapyIntegrity, int cipherOctets, int integrityOctets) {
        this.ours = ours;
        this.xfrm = xfrm;
        this.scapyCipher = scapyCipher;
        this.scapyIntegrity = scapyIntegrity;
        this.cipherOctets = cipherOctets;
        this.integrityOctets = integrityOctets;
    }

    static Suite called(String name) {
        return name.isEmpty() ? NONE : valueOf(name.replace('-', '_').toUpperCase(Locale.ROOT));
    }

    /** The word behind {@code --esp}, {@code --ah} or {@code --comp}. */
    String ours() {
        return ours;
    }

    /** As {@code ip xfrm state add} wants it, keys filled in. */
    String xfrm(String cipherKey, String integrityKey) {
        return xfrm.formatted("0x" + cipherKey, "0x" + integrityKey);
    }

    String scapyCipher() {
        return scapyCipher;
    }

    String scapyIntegrity() {
        return scapyIntegrity;
    }

    /** Of the cipher's key, salt included. */
    int cipherOctets() {
        return cipherOctets;
    }

    int integrityOctets() {
        return integrityOctets;
    }
}
