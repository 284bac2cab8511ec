package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;

/**
 * One packet's part in a batch of cryptography; a worker owns an array of them and fills them again and again. Offsets
 * are indexes into {@code array}.
 *
 * <pre>
 * ESP   | SPI | sequence | explicit IV | body: payload, padding, pad length, next header | ICV |
 *         ^ authenticated from here ("aad" for AEAD: SPI, [ESN high,] sequence)
 *                          ^ iv          ^ body                                            ^ icv
 * AH    aad holds the datagram's head, all that the layer had to change; body is the rest, which is only authenticated
 * </pre>
 */
public final class CryptoJob {
    public CryptoEngine.@Nullable Context context;
    public byte[] array = EMPTY;

    /** ESP: index of the ESP header. AH: unused. */
    public int header;
    /** Explicit IV of ESP (or of AH-GMAC); its length is the suite's. */
    public int iv;

    public int body;
    public int bodyLength;
    /** Where the ICV is or goes. For ESP this is right behind the body: {@code body + bodyLength}. For AH it is in the packet, inside what {@code aad} holds as zeros. */
    public int icv;

    /** True if {@link #esnHigh} takes part (RFC 4303 2.2.1); in AH behind the body (RFC 4302 3.3.3.2.2). */
    public boolean esn;

    public int esnHigh;

    /**
     * AH: what is authenticated before the body, in an array of its own: {@code aadLength} octets from 0. The IP header and
     * AH, with zeros where RFC 4302 3.3.3 wants them. ESP: unused.
     */
    public byte[] aad = EMPTY;

    public int aadLength;

    /** What an engine remembers of {@link #array}: a job meets the same slab again and again. */
    public @Nullable Object view;

    /** What the packet needs of its {@link #context} has been asked for: {@link CryptoEngine.Context#fetch}. */
    public boolean fetched;

    /** The result. Nothing else comes back: no engine throws for what a packet holds. */
    public boolean ok;

    // Notes of the layer at work, from its begin to its end; positions from the packet's start.

    /** The sequence number that was taken or inferred; 0 = none that counts. */
    long number;

    /** Where the layer's first octet is. */
    int at;

    /** Octets from {@link #at} to what the layer carries. */
    int front;

    /** UDP port that the packet came from, where the SA's peer may move; else 0. */
    int peerPort;

    /** Next header of what the layer carries. */
    int nextHeader;

    private Octets aadView = new Octets(aad);

    /** ESP whose header is at {@code espAt} of the packet; the body begins behind the IV. */
    void esp(
            Packet packet,
            CryptoEngine.Context with,
            int espAt,
            int ivOctets,
            int octets,
            long sequence,
            boolean extended) {
        context = with;
        array = packet.array();
        header = packet.start() + espAt;
        iv = header + EspHeader.LENGTH;
        body = iv + ivOctets;
        bodyLength = octets;
        icv = body + octets;
        esn = extended;
        esnHigh = (int) (sequence >>> 32);
        number = sequence;
        fetched = false;
        ok = false;
    }

    /** {@link #aad} as octets, at least {@code room} of them; grows for a larger packet than any before. */
    Octets aad(int room) {
        if (aadView.length() < room) {
            aad = new byte[Math.max(2048, Integer.highestOneBit(room) << 1)];
            aadView = new Octets(aad);
        }
        return aadView;
    }

    private static final byte[] EMPTY = new byte[0];
}
