package org.spigrp.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/** How MVStore keeps our keys and rows: as octets, ordered as unsigned numbers. */
final class OctetsType extends BasicDataType<byte[]> {
    static final OctetsType INSTANCE = new OctetsType();

    /** Head of a Java array. */
    private static final int ARRAY_HEAD = 16;

    private OctetsType() {}

    @Override
    public int compare(byte[] a, byte[] b) {
        return Arrays.compareUnsigned(a, b);
    }

    @Override
    public int getMemory(byte[] octets) {
        return ARRAY_HEAD + octets.length;
    }

    @Override
    public boolean isMemoryEstimationAllowed() {
        return false;
    }

    @Override
    public void write(WriteBuffer to, byte[] octets) {
        to.putVarInt(octets.length).put(octets);
    }

    @Override
    public byte[] read(ByteBuffer from) {
        int length = DataUtils.readVarInt(from);
        if (length < 0 || length > from.remaining()) {
            throw DataUtils.newMVStoreException(DataUtils.ERROR_FILE_CORRUPT, "row of {0} octets", length);
        }
        byte[] octets = new byte[length];
        from.get(octets);
        return octets;
    }

    @Override
    public byte[][] createStorage(int size) {
        return new byte[size][];
    }
}
