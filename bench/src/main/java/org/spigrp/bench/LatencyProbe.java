package org.spigrp.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.spigrp.linux.Turns;

/**
 * Sends UDP packets with the time in them, and says how long they took. Both ends are on one machine and so read one
 * clock.
 *
 * <pre>
 *   LatencyProbe receive PORT                          prints "ready", at the end: packets, packets/s, p50, p99, p99.9, most (us)
 *                                                      of those sent; one that is lost is later than all others
 *   LatencyProbe send ADDRESS PORT RATE SECONDS OCTETS     RATE 0 = as fast as it goes; OCTETS of the IP packet;
 *                                                      SECONDS behind two to warm up
 * </pre>
 *
 * Both ask for short turns on the processor, as the tunnels do, of which the figures shall be. The sender sleeps between
 * small groups of packets, so a packet may wait for those of its group: that is in the figures.
 */
public final class LatencyProbe {
    private static final int IP_AND_UDP = 28;
    private static final int MOST_MICROS = 2_000_000;
    /** The last packet has this and how many were sent, instead of a time. */
    private static final long END = Long.MIN_VALUE;
    /** Packets of the first seconds have their time negated: both programs are compiled by them, and they do not count. */
    private static final long WARM_UP_NANOS = 2_000_000_000;

    private static final int GROUPS_A_SECOND = 5000;
    /** The kernel gives less where its own limit is smaller. */
    private static final int RECEIVE_OCTETS = 4 << 20;

    private LatencyProbe() {}

    public static void main(String[] words) throws IOException {
        Turns.makeShort();
        if (words.length == 2 && words[0].equals("receive")) {
            receive(Integer.parseInt(words[1]));
        } else if (words.length == 6 && words[0].equals("send")) {
            var to = new InetSocketAddress(words[1], Integer.parseInt(words[2]));
            send(to, Long.parseLong(words[3]), Long.parseLong(words[4]), Integer.parseInt(words[5]));
        } else {
            System.err.println("usage: LatencyProbe receive PORT | send ADDRESS PORT RATE SECONDS OCTETS");
            System.exit(64);
        }
    }

    private static void receive(int port) throws IOException {
        int[] histogram = new int[MOST_MICROS + 1];
        int[] warmUp = new int[MOST_MICROS + 1];
        long count = 0;
        long lost = 0;
        long first = 0;
        long last = 0;
        try (var channel = DatagramChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_OCTETS);
            channel.bind(new InetSocketAddress(port));
            System.out.println("ready");
            ByteBuffer buffer = ByteBuffer.allocateDirect(2048);
            while (true) {
                buffer.clear();
                channel.receive(buffer);
                long sent = buffer.getLong(0);
                if (sent < END / 2) {
                    lost = Math.max(0, sent - END - count);
                    break;
                }
                long now = System.nanoTime();
                boolean counts = sent > 0;
                (counts ? histogram : warmUp)[Math.clamp((now - Math.abs(sent)) / 1000, 0, MOST_MICROS)]++;
                if (counts) {
                    last = now;
                    first = count == 0 ? now : first;
                    count++;
                }
            }
        }
        int most = quantile(histogram, count, 1);
        long all = count + lost;
        histogram[MOST_MICROS] += (int) lost;
        System.out.printf(
                Locale.ROOT,
                "%d %.0f %d %d %d %d%n",
                count,
                1e9 * count / Math.max(1, last - first),
                quantile(histogram, all, 0.5),
                quantile(histogram, all, 0.99),
                quantile(histogram, all, 0.999),
                most);
    }

    private static int quantile(int[] histogram, long count, double part) {
        long left = (long) Math.ceil(count * part);
        int at = 0;
        for (; at < MOST_MICROS && left > histogram[at]; at++) {
            left -= histogram[at];
        }
        return at;
    }

    private static void send(InetSocketAddress to, long rate, long seconds, int octets) throws IOException {
        try (var channel = DatagramChannel.open()) {
            channel.connect(to);
            ByteBuffer buffer = ByteBuffer.allocateDirect(octets - IP_AND_UDP);
            send(channel, buffer, rate, WARM_UP_NANOS, -1);
            long sent = send(channel, buffer, rate, seconds * 1_000_000_000, 1);
            for (int i = 0; i < 20; i++) { // some of them may be lost
                LockSupport.parkNanos(50_000_000);
                write(channel, buffer, END + sent);
            }
            System.out.println(sent);
        }
    }

    private static long send(DatagramChannel channel, ByteBuffer buffer, long rate, long nanos, int sign)
            throws IOException {
        long begin = System.nanoTime();
        long end = begin + nanos;
        long sent = 0;
        for (long now = begin; now < end; now = System.nanoTime()) {
            long due = rate == 0 ? sent + 64 : (long) ((now - begin) * (rate / 1e9));
            for (; sent < due; sent++) {
                write(channel, buffer, sign * System.nanoTime());
            }
            if (rate > 0) {
                LockSupport.parkNanos(1_000_000_000 / GROUPS_A_SECOND);
            }
        }
        return sent;
    }

    private static void write(DatagramChannel channel, ByteBuffer buffer, long value) throws IOException {
        buffer.clear();
        buffer.putLong(0, value);
        try {
            channel.write(buffer);
        } catch (java.net.PortUnreachableException e) {
            // the receiver has heard one END and is gone
        }
    }
}
