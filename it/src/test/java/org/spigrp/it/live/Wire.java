package org.spigrp.it.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Looks at every packet on a card of the public net (tcpdump hands them over as they pass), and sorts them:
 *
 * <ul>
 *   <li>guarded: ESP, AH, IPComp, or UDP 4500, and their fragments
 *   <li>quiet: ARP, ICMPv6 of neighbours, and ICMP errors about guarded packets
 *   <li>clear: everything else, and whatever holds the payload marker. The first ones are kept.
 * </ul>
 */
final class Wire implements AutoCloseable {
    /** Fills the payload of scenarios' traffic ({@code ping -p}), so that it is found wherever it went. */
    static final String MARKER = "c1ea57e87c1ea57e";

    private static final String FENCE = "fe9ce5fe9ce5fe9c";
    private static final byte[] MARKER_OCTETS = HexFormat.of().parseHex(MARKER);
    private static final byte[] FENCE_OCTETS = HexFormat.of().parseHex(FENCE);
    private static final int KEPT = 10;
    private static final int NATT_PORT = 4500;
    private static final int ECHO_REQUEST = 8;

    private final Namespace space;
    private final String neighbour;
    private final Process tcpdump;
    private final Thread reader;
    private final TreeMap<String, Integer> kinds = new TreeMap<>();
    private final List<String> clear = new ArrayList<>();
    private int clearCount;
    private int guarded;
    private int fences;
    private boolean ended;

    private Wire(Namespace space, String neighbour, Process tcpdump) {
        this.space = space;
        this.neighbour = neighbour;
        this.tcpdump = tcpdump;
        this.reader = Thread.ofPlatform().daemon().name("wire").start(this::read);
    }

    /**
     * Starts looking; packets from now on are seen.
     *
     * @param neighbour who is at the other end of the cable: pinged from here, so that something passes for certain
     */
    static Wire tap(Namespace space, String card, String neighbour) {
        try {
            var process = new ProcessBuilder(
                            "ip",
                            "netns",
                            "exec",
                            space.unique(),
                            "tcpdump",
                            "-i",
                            card,
                            "-U",
                            "--immediate-mode",
                            // each packet takes as much of the kernel's buffer as the longest might: room for 16000
                            "-B",
                            "65536",
                            "-s",
                            "4096",
                            "-w",
                            "-")
                    .start();
            var wire = new Wire(space, neighbour, process);
            wire.fence();
            return wire;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a packet that everybody knows, until it is seen: then all that passed before was seen. */
    private void fence() {
        long deadline = System.nanoTime() + Running.PATIENCE.toNanos();
        synchronized (this) {
            int before = fences;
            while (fences == before && !ended) {
                // not answered where a daemon owns the address; that it went is enough
                space.run("ping -c 1 -W 0.01 -p " + FENCE + " " + neighbour);
                long left = deadline - System.nanoTime();
                assertThat(left).as("tcpdump sees nothing").isPositive();
                try {
                    wait(Math.min(50, TimeUnit.NANOSECONDS.toMillis(left) + 1));
                } catch (InterruptedException e) {
                    throw new AssertionError("interrupted", e);
                }
            }
            assertThat(ended).as("tcpdump ended").isFalse();
        }
    }

    private void read() {
        try (var in = new DataInputStream(new BufferedInputStream(tcpdump.getInputStream(), 1 << 20))) {
            in.skipNBytes(24);
            while (true) {
                in.skipNBytes(8);
                int captured = Integer.reverseBytes(in.readInt());
                in.skipNBytes(4);
                byte[] frame = new byte[captured];
                in.readFully(frame);
                note(frame);
            }
        } catch (EOFException e) {
            // tcpdump has ended
        } catch (IOException e) {
            synchronized (this) {
                clear.add("the capture broke: " + e.getMessage());
                clearCount++;
            }
        }
        synchronized (this) {
            ended = true;
            notifyAll();
        }
    }

    private synchronized void note(byte[] frame) {
        if (indexOf(frame, FENCE_OCTETS) >= 0) {
            fences++;
            notifyAll();
            return;
        }
        String kind = kind(frame);
        boolean marked = indexOf(frame, MARKER_OCTETS) >= 0;
        kinds.merge(marked ? kind + " with the marker" : kind, 1, Integer::sum);
        if (marked || kind.startsWith("clear")) {
            clearCount++;
            if (clear.size() < KEPT) {
                clear.add(kind
                        + (marked ? " with the marker " : " ")
                        + HexFormat.of().formatHex(frame, 0, Math.min(frame.length, 80)));
            }
        } else if (kind.startsWith("guarded")) {
            guarded++;
        }
    }

    private static String kind(byte[] frame) {
        int type = u16(frame, 12);
        return switch (type) {
            case 0x0806 -> "quiet ARP";
            case 0x0800 -> protocol(frame, 14, false);
            case 0x86dd -> protocol(frame, 14, true);
            default -> "clear ethertype " + Integer.toHexString(type);
        };
    }

    private static String protocol(byte[] frame, int at, boolean six) {
        int protocol;
        int payload;
        boolean first = true;
        if (six) {
            protocol = frame[at + 6] & 0xff;
            payload = at + 40;
            if (protocol == 44) {
                first = (u16(frame, payload + 2) & 0xfff8) == 0;
                protocol = frame[payload] & 0xff;
                payload += 8;
            }
            // hop-by-hop options: multicast listeners
            if (protocol == 0 && frame[payload] == 58) {
                return "quiet ND";
            }
        } else {
            protocol = frame[at + 9] & 0xff;
            payload = at + 4 * (frame[at] & 0xf);
            first = (u16(frame, at + 6) & 0x1fff) == 0;
        }
        return switch (protocol) {
            case 50 -> "guarded ESP";
            case 51 -> "guarded AH";
            case 108 -> "guarded IPComp";
            case 17 -> udp(frame, payload, first);
            case 1 -> icmp(frame, payload, first, 3, 12, 8);
            case 58 -> isOfNeighbours(frame[payload] & 0xff) ? "quiet ND" : icmp(frame, payload, first, 1, 4, 8);
            default -> "clear protocol " + protocol;
        };
    }

    private static String udp(byte[] frame, int at, boolean first) {
        if (!first) {
            // only a first fragment has ports; the marker tells about the others
            return "guarded fragment of UDP";
        }
        return u16(frame, at) == NATT_PORT || u16(frame, at + 2) == NATT_PORT ? "guarded UDP 4500" : "clear UDP";
    }

    /** RFC 4861, and MLD. */
    private static boolean isOfNeighbours(int type) {
        return type >= 130 && type <= 143;
    }

    /** An error tells what it is about: the packet behind its header. */
    private static String icmp(byte[] frame, int at, boolean first, int firstError, int lastError, int header) {
        int type = frame[at] & 0xff;
        if (first && type >= firstError && type <= lastError && type != ECHO_REQUEST) {
            boolean six = (frame[at + header] & 0xf0) == 0x60;
            if (protocol(frame, at + header, six).startsWith("guarded")) {
                return "quiet ICMP error";
            }
        }
        return "clear ICMP";
    }

    private static int u16(byte[] octets, int at) {
        return at + 1 < octets.length ? ((octets[at] & 0xff) << 8) | (octets[at + 1] & 0xff) : 0;
    }

    private static int indexOf(byte[] octets, byte[] wanted) {
        for (int i = 0; i + wanted.length <= octets.length; i++) {
            if (octets[i] == wanted[0] && Arrays.equals(octets, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }

    /** What has passed until now, by kind. */
    String seen() {
        fence();
        synchronized (this) {
            return kinds.toString();
        }
    }

    /** Guarded packets until now. */
    int guarded() {
        fence();
        synchronized (this) {
            return guarded;
        }
    }

    int clear() {
        fence();
        synchronized (this) {
            return clearCount;
        }
    }

    /** Traffic went, and all of it was guarded. Returns what passed, by kind. */
    String carriedOnlyGuardedPackets() {
        String seen = seen();
        synchronized (this) {
            assertThat(clear).as("clear packets among %s", seen).isEmpty();
            assertThat(guarded).as("guarded packets among %s", seen).isPositive();
        }
        return seen;
    }

    /** Ends, and makes sure that it has seen everything: of what the kernel dropped nobody could say that it was guarded. */
    @Override
    public void close() {
        tcpdump.toHandle().destroy(); // Process.destroy would close the streams, and what it says at its end were lost
        try {
            String said = new String(tcpdump.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            tcpdump.waitFor();
            reader.join();
            assertThat(said).contains("\n0 packets dropped by kernel");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }
}
