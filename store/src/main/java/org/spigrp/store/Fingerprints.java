package org.spigrp.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.KeyFingerprints;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;

/*
 * HMAC-SHA-256 (RFC 2104) under a random secret of this state directory, the first 128 bits: whoever has the journal but
 * not the secret learns nothing about keys, not even by guessing weak ones. What it is made of begins with a word, so a
 * fingerprint of one purpose is never one of another.
 *
 * HMAC is three lines over SHA-256, and the JCE's Mac would cost 30 ms at the start of a command. Nothing is read or
 * computed before the first fingerprint is wanted: a listing wants none.
 *
 * File "secret":  0 "SPIGRPSE"  8 format (4)  12 secret (32)  44 CRC32C (4)
 */
/** Keyed fingerprints of keys, by the secret of the state directory. */
final class Fingerprints implements KeyFingerprints {
    private static final long MAGIC = 0x5350_4947_5250_5345L;
    private static final int SECRET_OCTETS = 32;
    private static final int LENGTH = 48;
    private static final int BLOCK_OCTETS = 64;
    private static final int FINGERPRINT_OCTETS = 16;

    private static final byte[] KEY = word("key");
    private static final byte[] NUMBERS = word("numbers");

    private final Disk disk;
    private final @Nullable Path path;
    private final RandomGenerator random;
    private @Nullable MessageDigest inner;
    private @Nullable MessageDigest outer;

    /** @param path of the secret; null = one that nobody keeps */
    Fingerprints(Disk disk, @Nullable Path path, RandomGenerator random) {
        this.disk = disk;
        this.path = path;
        this.random = random;
    }

    /** Writes a new secret; it counts once it has been renamed to its name. */
    static void create(Disk disk, Path path, RandomGenerator random) throws IOException {
        byte[] secret = new byte[SECRET_OCTETS];
        random.nextBytes(secret);
        ByteBuffer content = ByteBuffer.allocate(LENGTH);
        content.putLong(MAGIC).putInt(Acknowledged.FORMAT).put(secret);
        content.putInt(crc(content)).flip();
        try (Disk.DiskFile file = disk.create(path)) {
            file.write(content, 0);
            file.force();
        }
        Arrays.fill(secret, (byte) 0);
        Arrays.fill(content.array(), (byte) 0);
    }

    private static int crc(ByteBuffer content) {
        var crc = new CRC32C();
        crc.update(content.slice(0, LENGTH - Integer.BYTES));
        return (int) crc.getValue();
    }

    private byte[] secret() {
        byte[] secret = new byte[SECRET_OCTETS];
        Path file = path;
        if (file == null) {
            random.nextBytes(secret);
            return secret;
        }
        ByteBuffer content = ByteBuffer.allocate(LENGTH);
        try (Disk.DiskFile open = disk.open(file, false)) {
            open.read(content, 0);
        } catch (IOException e) {
            throw new StoreTrouble(
                    file + " cannot be read (" + StateLock.reason(e)
                            + "): it tells keys apart that were used before; restore it from a copy, or use another state"
                            + " directory (IPSEC_STATE) and new keys",
                    e);
        }
        if (content.getLong(0) != MAGIC || content.getInt(LENGTH - Integer.BYTES) != crc(content)) {
            throw new StoreTrouble(file
                    + " is damaged: it tells keys apart that were used before; restore it from a copy, or use another"
                    + " state directory (IPSEC_STATE) and new keys");
        }
        Acknowledged.checkFormat(file, content.getInt(8));
        content.get(12, secret);
        Arrays.fill(content.array(), (byte) 0);
        return secret;
    }

    private byte[] hmac(byte[]... parts) {
        MessageDigest first = inner;
        MessageDigest second = outer;
        if (first == null || second == null) {
            byte[] secret = secret();
            first = padded(secret, 0x36);
            second = padded(secret, 0x5c);
            Arrays.fill(secret, (byte) 0);
            inner = first;
            outer = second;
        }
        MessageDigest digest = copy(first);
        for (byte[] part : parts) {
            digest.update(part);
        }
        MessageDigest end = copy(second);
        end.update(digest.digest());
        return Arrays.copyOf(end.digest(), FINGERPRINT_OCTETS);
    }

    private static MessageDigest padded(byte[] secret, int pad) {
        byte[] block = Arrays.copyOf(secret, BLOCK_OCTETS);
        for (int i = 0; i < BLOCK_OCTETS; i++) {
            block[i] ^= (byte) pad;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(block);
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        } finally {
            Arrays.fill(block, (byte) 0);
        }
    }

    private static MessageDigest copy(MessageDigest begun) {
        try {
            return (MessageDigest) begun.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-256 can be copied", e);
        }
    }

    private static byte[] word(String word) {
        return (word + '\0').getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] ofKey(byte[] key) {
        byte[] fingerprint = hmac(KEY, key);
        Arrays.fill(key, (byte) 0);
        return fingerprint;
    }

    @Override
    public List<String> of(SecurityAssociation sa) {
        return switch (sa.transform()) {
            case Transform.Ah ah -> List.of(text(ofKey(cipherKey(ah))));
            case Transform.Esp esp -> {
                boolean encrypts = !esp.encryptionKey().isEmpty();
                boolean authenticates = !esp.authenticationKey().isEmpty();
                if (encrypts && authenticates) {
                    yield List.of(
                            text(ofKey(cipherKey(esp))),
                            text(ofKey(esp.authenticationKey().octets())));
                }
                if (encrypts) {
                    yield List.of(text(ofKey(cipherKey(esp))));
                }
                yield authenticates ? List.of(text(ofKey(esp.authenticationKey().octets()))) : List.of();
            }
            case Transform.Comp _, Transform.Tunnel _ -> List.of();
        };
    }

    /** 22 letters for 128 bits. */
    private static String text(byte[] fingerprint) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(fingerprint);
    }

    /** Under which the IV epochs of the SA's cipher key stand: the salt counts for nothing. */
    LedgerKey epochsOf(SecurityAssociation sa) {
        return switch (sa.transform()) {
            case Transform.Ah ah -> LedgerKey.of(ofKey(cipherKey(ah)));
            case Transform.Esp esp -> LedgerKey.of(ofKey(cipherKey(esp)));
            case Transform.Comp _, Transform.Tunnel _ -> throw noNumbers(sa);
        };
    }

    /** Under which the numbers of the SA stand: SAID, and the key that proves a number genuine (else the cipher's). */
    LedgerKey numbersOf(SecurityAssociation sa) {
        byte[] key = switch (sa.transform()) {
            case Transform.Ah ah -> cipherKey(ah);
            case Transform.Esp esp ->
                esp.authenticationKey().isEmpty()
                        ? cipherKey(esp)
                        : esp.authenticationKey().octets();
            case Transform.Comp _, Transform.Tunnel _ -> throw noNumbers(sa);
        };
        byte[] said = new RowWriter().said(sa.said()).bare();
        LedgerKey numbers = LedgerKey.of(hmac(NUMBERS, said, key));
        Arrays.fill(key, (byte) 0);
        return numbers;
    }

    private static IllegalArgumentException noNumbers(SecurityAssociation sa) {
        return new IllegalArgumentException(sa.said() + " has no sequence numbers");
    }

    private static byte[] cipherKey(Transform.Ah ah) {
        return withoutSalt(ah.key(), ah.suite().saltOctets());
    }

    private static byte[] cipherKey(Transform.Esp esp) {
        return withoutSalt(esp.encryptionKey(), esp.suite().cipher().saltOctets());
    }

    private static byte[] withoutSalt(KeyMaterial key, int saltOctets) {
        return key.octets(0, Math.max(0, key.length() - saltOctets));
    }
}
