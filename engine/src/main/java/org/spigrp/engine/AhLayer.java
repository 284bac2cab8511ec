package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.AhSuite;
import org.spigrp.sa.SaState;
import org.spigrp.sa.Transform;
import org.spigrp.wire.AhHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * AH (RFC 4302).
 *
 * <pre>
 *   IP | next header | length | 0 | SPI | sequence | GMAC: IV | ICV | padding | payload
 *        ^ job.at                                               ^ job.icv
 *        -------------------------- job.front -------------------------------
 * </pre>
 *
 * What is authenticated differs from the packet in what routers may change ({@link AhMutable}), and so does the copy of
 * its head, the IP header and AH, that the crypto gets in {@code job.aad}. Padding is sent as zeros and covered as it came.
 */
final class AhLayer extends Layer {
    private final AhSuite suite;
    private final Transform.Ah ah;
    private final int ivOctets;
    private final int icvOctets;
    private final boolean esn;
    private final int spi;
    private CryptoEngine.@Nullable Context context;
    private boolean unavailable;

    AhLayer(SaState state, Transform.Ah ah, Worker worker) {
        super(state, worker);
        this.ah = ah;
        this.suite = ah.suite();
        this.ivOctets = suite.ivOctets();
        this.icvOctets = suite.icvOctets();
        this.esn = state.sa().esn();
        this.spi = state.said().spi();
    }

    private int lengthAlignedTo(int align) {
        return (AhHeader.FIXED_LENGTH + ivOctets + icvOctets + align - 1) & -align;
    }

    /** RFC 4302 2.6: a multiple of 4 octets for IPv4 and of 8 for IPv6, unless {@code --ah-align} says otherwise. */
    int lengthFor(Family family) {
        int align = ah.alignOctets();
        return lengthAlignedTo(align != 0 ? align : family == Family.INET ? 4 : 8);
    }

    @Override
    Verdict beginOut(Packet packet, CryptoJob job) {
        job.context = null;
        IpEdit ip = worker.ip;
        Verdict verdict = ip.findOut(packet);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        if (ip.isFragment()) {
            return Verdict.FRAGMENT_IN_TRANSPORT;
        }
        CryptoEngine.Context keyed = context();
        if (keyed == null) {
            return Verdict.CRYPTO_FAILED;
        }
        int at = ip.at();
        int front = lengthFor(ip.family());
        if (!IpEdit.mayGrow(packet, front, 0)) {
            return Verdict.TOO_BIG;
        }
        verdict = state.maySend();
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        IpEdit.insert(packet, at, front);
        long number = write(packet, at, front, ip.protocol());
        IpEdit.mend(packet, ip.pointerAt(), IpProtocol.AH);
        job.at = at;
        return fill(packet, job, keyed, 0, ip.family(), at, ip.pointerAt(), at, front, packet.length(), number);
    }

    /**
     * Writes the header, with zeros for the ICV; there is room for it, and {@link SaState#maySend} said NONE.
     *
     * @param front octets of the header
     * @param protocol of what it carries
     * @return the sequence number
     */
    long write(Packet packet, int at, int front, int protocol) {
        long number = state.nextSequence();
        AhHeader.write(packet, at, protocol, front, spi, (int) number);
        writeIvAndPadding(packet, at, front, number);
        return number;
    }

    /**
     * The job for what {@link #write} wrote behind an IP header without options or extensions.
     *
     * @param front octets of the header
     * @param end of what is authenticated
     */
    void fillOut(Packet packet, CryptoJob job, int ipAt, Family family, int at, int front, int end, long number) {
        CryptoEngine.Context keyed = context;
        if (keyed == null) {
            throw new IllegalStateException("context() was not asked");
        }
        int pointerAt = family == Family.INET ? Ipv4Header.PROTOCOL : Ipv6Header.NEXT_HEADER;
        fill(packet, job, keyed, ipAt, family, family.headerOctets(), pointerAt, at, front, end, number);
    }

    private void writeIvAndPadding(Packet packet, int at, int front, long number) {
        int icvAt = at + AhHeader.ICV + ivOctets;
        int paddingAt = icvAt + icvOctets;
        int padding = at + front - paddingAt;
        for (int i = 0; i < padding; i++) {
            packet.putU8(paddingAt + i, 0);
        }
        IvSource ivs = worker.seams.ivs();
        if (ivs != null) {
            ivs.ahPadding(state.said(), number, packet, paddingAt, padding);
        }
        if (ivOctets == 0) {
            return;
        }
        if (ivs != null) {
            ivs.iv(state.said(), number, packet, at + AhHeader.ICV, ivOctets);
        } else {
            packet.putU64(at + AhHeader.ICV, state.nextIv());
        }
    }

    /**
     * Says what is authenticated: a copy of the IP header and of AH, and all behind AH. Between IP header and AH there may
     * be headers that other members put there, or have not taken away yet; then the copy of the IP header is told the
     * length and the protocol that it has without them.
     */
    private Verdict fill(
            Packet packet,
            CryptoJob job,
            CryptoEngine.Context keyed,
            int ipAt,
            Family family,
            int ipOctets,
            int pointerAt,
            int at,
            int front,
            int end,
            long number) {
        int headOctets = ipOctets + front;
        Octets head = job.aad(headOctets);
        boolean plain = family == Family.INET && ipOctets == Ipv4Header.MIN_LENGTH;
        if (plain) {
            AhMutable.putPlainV4(head, packet, ipAt);
        } else {
            packet.get(ipAt, job.aad, 0, ipOctets);
        }
        if (at > ipAt + ipOctets || end < packet.length()) {
            int length = ipOctets + end - at;
            head.putU8(pointerAt, IpProtocol.AH);
            if (family == Family.INET) {
                Ipv4Header.totalLength(head, 0, length);
            } else {
                Ipv6Header.payloadLength(head, 0, length - Ipv6Header.LENGTH);
            }
        }
        if (!plain) {
            Verdict verdict = AhMutable.clear(head, family, ipOctets);
            if (verdict != Verdict.NONE) {
                return verdict;
            }
        }
        int valueAt = at + AhHeader.ICV;
        head.putU64(ipOctets, packet.u64(at));
        head.putU32(ipOctets + AhHeader.SEQUENCE, packet.u32(at + AhHeader.SEQUENCE));
        int valueEnd = AhHeader.ICV + ivOctets + icvOctets;
        int i = AhHeader.ICV;
        for (; i <= valueEnd - 8; i += 8) {
            head.putU64(ipOctets + i, 0);
        }
        if (i < valueEnd) { // IV and ICV are multiples of 4
            head.putU32(ipOctets + i, 0);
        }
        for (i = valueEnd; i < front; i++) {
            head.putU8(ipOctets + i, packet.u8(at + i));
        }
        job.aadLength = headOctets;
        job.context = keyed;
        job.fetched = false;
        job.array = packet.array();
        job.header = packet.start() + at;
        job.iv = packet.start() + valueAt;
        job.icv = job.iv + ivOctets;
        job.body = packet.start() + at + front;
        job.bodyLength = end - at - front;
        job.esn = esn;
        job.esnHigh = (int) (number >>> 32);
        job.number = number;
        job.at = at;
        job.front = front;
        job.ok = false;
        return Verdict.NONE;
    }

    @Override
    Verdict endOut(Packet packet, CryptoJob job) {
        if (!job.ok) {
            return Verdict.CRYPTO_FAILED;
        }
        state.countUse(packet.length(), worker.seconds());
        return Verdict.NONE;
    }

    @Override
    Verdict beginIn(Packet packet, Front front, CryptoJob job) {
        job.context = null;
        if (front.protocol() != IpProtocol.AH) {
            return Verdict.WRONG_ORDER;
        }
        if (front.isFragment()) {
            return Verdict.FRAGMENT_IN_TRANSPORT;
        }
        int at = front.at();
        Verdict verdict = AhHeader.check(packet, at);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        int octets = AhHeader.length(packet, at);
        if (octets != lengthAlignedTo(4) && octets != lengthAlignedTo(8)) {
            return Verdict.BAD_LENGTH;
        }
        int low = AhHeader.sequence(packet, at);
        long number = state.window().infer(low);
        verdict = state.mayAccept(number, low);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        CryptoEngine.Context keyed = context();
        if (keyed == null) {
            return Verdict.CRYPTO_FAILED;
        }
        job.nextHeader = AhHeader.nextHeader(packet, at);
        return fill(
                packet,
                job,
                keyed,
                0,
                front.family(),
                front.ipOctets(),
                front.pointerAt(),
                at,
                octets,
                packet.length(),
                number);
    }

    @Override
    Verdict endIn(Packet packet, Front front, CryptoJob job) {
        if (!job.ok) {
            return Verdict.BAD_ICV;
        }
        front.advance(job.front, job.nextHeader);
        return Verdict.NONE;
    }

    @Override
    Verdict acceptIn(Packet packet, Front front, CryptoJob job) {
        Verdict verdict = state.accept(job.number);
        if (verdict == Verdict.NONE) {
            state.countUse(front.length(packet), worker.seconds());
        }
        return verdict;
    }

    /** Keys it when it is asked first; null if no engine has the algorithm. */
    CryptoEngine.@Nullable Context context() {
        if (context == null && !unavailable) {
            context = worker.crypto.ah(suite, ah.key());
            unavailable = context == null;
        }
        return context;
    }

    @Override
    void close() {
        if (context != null) {
            context.wipe();
        }
        context = null;
        unavailable = true;
    }
}
