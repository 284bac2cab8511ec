package org.spigrp.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

/** Puts fields one behind the other: big-endian where order counts (keys), 7 bits an octet where size counts. */
final class RowWriter {
    private static final int FIRST_OCTETS = 256;

    private byte[] octets = new byte[FIRST_OCTETS];
    private int length;

    private void room(int count) {
        if (length + count > octets.length) {
            octets = Arrays.copyOf(octets, Math.max(length + count, 2 * octets.length));
        }
    }

    RowWriter clear() {
        length = 0;
        return this;
    }

    int length() {
        return length;
    }

    RowWriter u8(int value) {
        room(1);
        octets[length++] = (byte) value;
        return this;
    }

    RowWriter u16(int value) {
        return u8(value >>> 8).u8(value);
    }

    RowWriter u32(int value) {
        return u16(value >>> 16).u16(value);
    }

    RowWriter u64(long value) {
        return u32((int) (value >>> 32)).u32((int) value);
    }

    /** Unsigned, low bits first; the top bit says that more follow. */
    RowWriter number(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            u8(((int) left & 0x7f) | 0x80);
            left >>>= 7;
        }
        return u8((int) left);
    }

    RowWriter raw(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, octets, length, value.length);
        length += value.length;
        return this;
    }

    RowWriter octets(byte[] value) {
        return number(value.length).raw(value);
    }

    RowWriter text(String value) {
        return octets(value.getBytes(StandardCharsets.UTF_8));
    }

    RowWriter key(KeyMaterial key) {
        byte[] copy = key.octets();
        octets(copy);
        Arrays.fill(copy, (byte) 0);
        return this;
    }

    RowWriter address(IpAddress address) {
        if (address.family() == Family.INET) {
            return u8(4).u32((int) address.low());
        }
        return u8(6).u64(address.high()).u64(address.low());
    }

    RowWriter said(Said said) {
        return u8(said.protocol().number()).u32(said.spi()).address(said.destination());
    }

    RowWriter prefix(Prefix prefix) {
        return address(prefix.base()).u8(prefix.bits());
    }

    RowWriter selector(Selector selector) {
        return prefix(selector.source())
                .prefix(selector.destination())
                .u16(selector.protocol())
                .ports(selector.sourcePorts())
                .ports(selector.destinationPorts());
    }

    private RowWriter ports(Selector.PortRange ports) {
        return u16(ports.first()).u16(ports.last());
    }

    /** What was put, as a key. */
    byte[] bare() {
        return Arrays.copyOf(octets, length);
    }

    /** What was put, and a CRC32C behind it, as a row. */
    byte[] sealed() {
        var crc = new CRC32C();
        crc.update(octets, 0, length);
        u32((int) crc.getValue());
        return bare();
    }
}
