package org.spigrp.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

/** Takes out what {@link RowWriter} put in. Whatever the octets are, all that is thrown is {@link DamagedRow}. */
final class RowReader {
    /** Octets that no key and no ICV has. */
    static final int LARGEST_KEY = 1024;

    /** The CRC32C at the end of a row. */
    static final int SEAL_OCTETS = 4;

    private final byte[] octets;
    private final int end;
    private int at;

    private RowReader(byte[] octets, int end) {
        this.octets = octets;
        this.end = end;
    }

    static RowReader bare(byte[] key) {
        return new RowReader(key, key.length);
    }

    static RowReader sealed(byte[] row) {
        int end = row.length - SEAL_OCTETS;
        if (end < 0) {
            throw damaged();
        }
        var crc = new CRC32C();
        crc.update(row, 0, end);
        var reader = new RowReader(row, row.length);
        reader.at = end;
        if (reader.u32() != (int) crc.getValue()) {
            throw damaged();
        }
        return new RowReader(row, end);
    }

    static DamagedRow damaged() {
        return new DamagedRow();
    }

    private void need(int count) {
        if (count < 0 || count > end - at) {
            throw damaged();
        }
    }

    int u8() {
        need(1);
        return octets[at++] & 0xff;
    }

    int u16() {
        return u8() << 8 | u8();
    }

    int u32() {
        return u16() << 16 | u16();
    }

    long u64() {
        return (long) u32() << 32 | Integer.toUnsignedLong(u32());
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int octet = u8();
            value |= (octet & 0x7fL) << shift;
            if (octet < 0x80) {
                return value;
            }
        }
        throw damaged();
    }

    /** A number from 0 to {@code largest}. */
    int number(int largest) {
        long value = number();
        if (value < 0 || value > largest) {
            throw damaged();
        }
        return (int) value;
    }

    byte[] octets() {
        int count = number(end - at);
        need(count);
        byte[] value = Arrays.copyOfRange(octets, at, at + count);
        at += count;
        return value;
    }

    String text() {
        return new String(octets(), StandardCharsets.UTF_8);
    }

    KeyMaterial key() {
        byte[] copy = octets();
        KeyMaterial key = KeyMaterial.copyOf(copy);
        Arrays.fill(copy, (byte) 0);
        return key;
    }

    IpAddress address() {
        return switch (u8()) {
            case 4 -> IpAddress.v4(u32());
            case 6 -> IpAddress.v6(u64(), u64());
            default -> throw damaged();
        };
    }

    Said said() {
        return new Said(protocol(), u32(), address());
    }

    private SaProtocol protocol() {
        return switch (u8()) {
            case 51 -> SaProtocol.AH;
            case 50 -> SaProtocol.ESP;
            case 4 -> SaProtocol.TUN;
            case 108 -> SaProtocol.COMP;
            case 61 -> SaProtocol.INT;
            default -> throw damaged();
        };
    }

    Prefix prefix() {
        IpAddress base = address();
        int bits = u8();
        if (bits > base.family().bits()) {
            throw damaged();
        }
        return new Prefix(base, bits);
    }

    Selector selector() {
        Prefix source = prefix();
        Prefix destination = prefix();
        if (source.family() != destination.family()) {
            throw damaged();
        }
        return new Selector(source, destination, u16(), ports(), ports());
    }

    private Selector.PortRange ports() {
        int first = u16();
        int last = u16();
        if (first > last) {
            throw damaged();
        }
        return new Selector.PortRange(first, last);
    }

    /** Octets not taken yet. */
    int left() {
        return end - at;
    }
}
