package org.spigrp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.spigrp.command.Samples;
import org.spigrp.sa.CompAlgorithm;
import org.spigrp.sa.Direction;
import org.spigrp.sa.EspCipher;
import org.spigrp.sa.Integrity;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Transform;

class RowsTest {
    /** A constant that moves would turn one algorithm of a stored SA into another: new ones go to the end. */
    @Test
    void constants_that_stand_by_their_position_have_not_moved() {
        assertThat(Direction.values()).startsWith(Direction.IN, Direction.OUT, Direction.AUTO);
        assertThat(EspCipher.values())
                .startsWith(
                        EspCipher.NULL,
                        EspCipher.DES3_CBC,
                        EspCipher.AES_CBC,
                        EspCipher.CAMELLIA_CBC,
                        EspCipher.AES_CTR,
                        EspCipher.AES_GCM,
                        EspCipher.AES_CCM,
                        EspCipher.AES_GMAC,
                        EspCipher.CHACHA20_POLY1305);
        assertThat(Integrity.values())
                .startsWith(
                        Integrity.HMAC_MD5_96,
                        Integrity.HMAC_SHA1_96,
                        Integrity.HMAC_SHA2_256_128,
                        Integrity.HMAC_SHA2_256_96,
                        Integrity.HMAC_SHA2_384_192,
                        Integrity.HMAC_SHA2_512_256,
                        Integrity.AES_XCBC_96,
                        Integrity.AES_CMAC_96,
                        Integrity.AES_GMAC);
        assertThat(NatTraversal.Kind.values())
                .startsWith(NatTraversal.Kind.NONE, NatTraversal.Kind.NONIKE, NatTraversal.Kind.NONESP);
        assertThat(CompAlgorithm.values()).startsWith(CompAlgorithm.DEFLATE);
        assertThat(Transform.CompThreshold.values())
                .startsWith(Transform.CompThreshold.KLIPS, Transform.CompThreshold.LINUX);
        assertThat(Transform.DfPolicy.values())
                .startsWith(Transform.DfPolicy.COPY, Transform.DfPolicy.SET, Transform.DfPolicy.CLEAR);
        assertThat(Transform.EcnPolicy.values())
                .startsWith(Transform.EcnPolicy.RFC6040, Transform.EcnPolicy.LINUX, Transform.EcnPolicy.NONE);
    }

    @Test
    void a_row_that_was_cut_or_changed_does_not_check() {
        byte[] row = Rows.write(new RowWriter(), Samples.esp(0x1001), List.of("k"));
        assertThat(Rows.sa(row).sa()).isEqualTo(Samples.esp(0x1001));
        for (int at = 0; at < row.length; at++) {
            byte[] changed = row.clone();
            changed[at] ^= 0x10;
            assertThatThrownBy(() -> Rows.sa(changed)).isInstanceOf(DamagedRow.class);
            byte[] cut = Arrays.copyOf(row, at);
            assertThatThrownBy(() -> Rows.sa(cut)).isInstanceOf(DamagedRow.class);
        }
    }

    @Test
    void whatever_the_octets_are_nothing_else_is_thrown() {
        var random = new Random(8);
        byte[] row = Rows.write(new RowWriter(), Samples.espNat(0x1001), List.of("k"));
        for (int i = 0; i < 20_000; i++) {
            byte[] any = Arrays.copyOf(row, random.nextInt(row.length - 3));
            for (int changes = random.nextInt(4); changes > 0 && any.length > 0; changes--) {
                any[random.nextInt(any.length)] = (byte) random.nextInt();
            }
            AnyOctets.asRow(any);
        }
    }
}
