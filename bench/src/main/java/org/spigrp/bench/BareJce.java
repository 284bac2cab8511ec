package org.spigrp.bench;

import java.security.GeneralSecurityException;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.spigrp.engine.Engine;

/**
 * AES-128-GCM as a careful program calls it: one Cipher that is kept, for each packet a nonce, {@code init},
 * {@code updateAAD} with 8 octets, {@code doFinal} into another buffer (faster than in place, as JMH said), and the
 * result copied back into the packet. No headers, no look-ups, no SA.
 */
final class BareJce {
    private static final int IV_AT = 4;
    private static final int AAD_OCTETS = 8;
    private static final int ICV_OCTETS = 16;

    private final Cipher cipher;
    private final SecretKeySpec key = new SecretKeySpec(Groups.key(16), "AES");
    private final byte[] aad = new byte[AAD_OCTETS];
    private final byte[] nonce = new byte[12];
    private final byte[] out;
    private final byte[][] packets = new byte[Engine.BATCH][];
    private final List<byte[]> clear;
    private long sent;

    /** Works on packets of these octets; what is encrypted is 4 octets longer, as ESP's trailer makes it. */
    BareJce(byte[][] clear) {
        this.clear = List.of(clear);
        for (int i = 0; i < packets.length; i++) {
            packets[i] = new byte[clear[i].length + 4 + ICV_OCTETS];
        }
        out = new byte[packets[0].length];
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    void batch() {
        for (int i = 0; i < packets.length; i++) {
            byte[] packet = packets[i];
            System.arraycopy(clear.get(i), 0, packet, 0, packet.length - 4 - ICV_OCTETS);
        }
        try {
            for (byte[] packet : packets) {
                seal(packet);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void seal(byte[] packet) throws GeneralSecurityException {
        sent++;
        for (int i = 0; i < 8; i++) {
            nonce[IV_AT + i] = (byte) (sent >>> (56 - 8 * i));
        }
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(8 * ICV_OCTETS, nonce));
        cipher.updateAAD(aad, 0, AAD_OCTETS);
        int length = cipher.doFinal(packet, 0, packet.length - ICV_OCTETS, out, 0);
        System.arraycopy(out, 0, packet, 0, length);
    }
}
