package org.spigrp.engine;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.EspSuite;

/** A job with a packet laid out as the ESP and AH layers do it, in the middle of an array with other octets around. */
final class TestPacket {
    private static final int HEADROOM = 37;
    private static final int TAILROOM = 53;
    private static final int ESP_HEADER = 8;

    final CryptoJob job = new CryptoJob();
    final int icvOctets;

    private TestPacket(int icvOctets) {
        this.icvOctets = icvOctets;
    }

    static TestPacket esp(EspSuite suite, byte[] iv, byte[] clear) {
        TestPacket packet = new TestPacket(suite.icvOctets());
        CryptoJob job = packet.job;
        job.header = HEADROOM;
        job.iv = job.header + ESP_HEADER;
        job.body = job.iv + suite.cipher().ivOctets();
        job.bodyLength = clear.length;
        job.icv = job.body + clear.length;
        job.array = new byte[job.icv + suite.icvOctets() + TAILROOM];
        System.arraycopy(iv, 0, job.array, job.iv, suite.cipher().ivOctets());
        System.arraycopy(clear, 0, job.array, job.body, clear.length);
        return packet;
    }

    /** The first {@code headOctets} of the datagram are the head; the rest is behind the ICV. */
    static TestPacket ah(AhSuite suite, byte[] iv, byte[] datagram, int headOctets) {
        TestPacket packet = new TestPacket(suite.icvOctets());
        CryptoJob job = packet.job;
        job.iv = HEADROOM;
        job.icv = job.iv + suite.ivOctets();
        job.body = job.icv + suite.icvOctets();
        job.bodyLength = datagram.length - headOctets;
        job.array = new byte[job.body + job.bodyLength + TAILROOM];
        System.arraycopy(iv, 0, job.array, job.iv, suite.ivOctets());
        System.arraycopy(datagram, headOctets, job.array, job.body, job.bodyLength);
        job.aad = Arrays.copyOf(datagram, headOctets + TAILROOM);
        job.aadLength = headOctets;
        return packet;
    }

    /** Random header, IV and body, ESN in every second packet. */
    static TestPacket random(EspSuite suite, int bodyOctets, RandomGenerator random) {
        TestPacket packet = esp(suite, octets(16, random), octets(bodyOctets, random));
        random.nextInt();
        System.arraycopy(octets(ESP_HEADER, random), 0, packet.job.array, packet.job.header, ESP_HEADER);
        packet.job.esn = random.nextBoolean();
        packet.job.esnHigh = random.nextInt();
        return packet;
    }

    /** ESN in every second packet. */
    static TestPacket random(AhSuite suite, int octets, int headOctets, RandomGenerator random) {
        TestPacket packet = ah(suite, octets(8, random), octets(octets, random), headOctets);
        packet.job.esn = random.nextBoolean();
        packet.job.esnHigh = random.nextInt();
        return packet;
    }

    static byte[] octets(int count, RandomGenerator random) {
        byte[] octets = new byte[count];
        random.nextBytes(octets);
        return octets;
    }

    boolean seal(CryptoEngine engine, CryptoEngine.Context context) {
        job.context = context;
        engine.seal(new CryptoJob[] {job}, 1);
        return job.ok;
    }

    boolean open(CryptoEngine engine, CryptoEngine.Context context) {
        job.context = context;
        engine.open(new CryptoJob[] {job}, 1);
        return job.ok;
    }

    String bodyHex() {
        return HexFormat.of().formatHex(job.array, job.body, job.body + job.bodyLength);
    }

    String icvHex() {
        return HexFormat.of().formatHex(job.array, job.icv, job.icv + icvOctets);
    }
}
