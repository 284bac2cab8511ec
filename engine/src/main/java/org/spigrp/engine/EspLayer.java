package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.EspSuite;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.SaState;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Checksum;
import org.spigrp.wire.EspHeader;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.UdpHeader;
import org.spigrp.wire.Verdict;

/**
 * ESP (RFC 4303), with UDP around it where the SA says so (RFC 3948).
 *
 * <pre>
 *   IP | UDP, marker | SPI | sequence | IV | payload | 1, 2, 3, ... | pad length | next header | ICV
 *        ^ job.at                            ^ job.body                                          ^ job.icv
 *        ------------- job.front ----------
 * </pre>
 *
 * An SA without integrity has no replay protection either: whoever could forge a packet could move the window (RFC 4303
 * 2.2). Whether it may carry packets at all is decided by the group it is in.
 *
 * <p>Transport mode behind a NAT: the addresses are not those that the sender summed, and nobody told us which they
 * were, so the checksums of TCP and UDP are computed anew after the ICV was found good (RFC 3948 3.1.2).
 */
final class EspLayer extends Layer {
    private final EspSuite suite;
    private final Transform.Esp esp;
    private final NatTraversal nat;
    private final int spi;
    private final int natOctets;
    private final int front;
    private final int ivOctets;
    private final int icvOctets;
    private final int blockMask;
    private final boolean counterMode;
    private final boolean esn;
    private final boolean integrity;
    private final @Nullable IvSource ivs;
    private CryptoEngine.@Nullable Context sealing;
    private CryptoEngine.@Nullable Context opening;
    private boolean unavailable;
    /** The SA takes any source, so its peer may move (behind a NAT that forgot it, or to another network). */
    private final boolean peerMayMove;

    private long peerHigh;
    private long peerLow;
    private int peerPort;
    private int peerEpoch = -1;

    EspLayer(SaState state, Transform.Esp esp, Worker worker) {
        super(state, worker);
        this.esp = esp;
        this.suite = esp.suite();
        this.nat = esp.natTraversal();
        this.natOctets = UdpEncapsulation.front(nat);
        this.ivOctets = suite.cipher().ivOctets();
        this.icvOctets = suite.icvOctets();
        this.spi = state.said().spi();
        this.front = natOctets + EspHeader.LENGTH + ivOctets;
        this.blockMask = suite.cipher().blockOctets() - 1;
        this.counterMode = suite.cipher().isCounterMode();
        this.esn = state.sa().esn();
        this.ivs = worker.seams.ivs();
        this.integrity = suite.hasIntegrity();
        this.peerMayMove = nat.isUsed() && integrity && state.sa().source().isAny();
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
        if (sealing() == null) {
            return Verdict.CRYPTO_FAILED;
        }
        int at = ip.at();
        int payload = packet.length() - at;
        int pad = -(payload + EspHeader.MIN_TRAILER_LENGTH) & blockMask;
        int trailer = pad + EspHeader.MIN_TRAILER_LENGTH;
        if (!IpEdit.mayGrow(packet, front, trailer + icvOctets)) {
            return Verdict.TOO_BIG;
        }
        verdict = state.maySend();
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        IpEdit.insert(packet, at, front);
        long number = write(packet, at, ip.protocol());
        IpEdit.mend(packet, ip.pointerAt(), protocol());
        fillOut(packet, job, at, packet.length(), number);
        return Verdict.NONE;
    }

    /** Octets that it puts in front of what it carries. */
    int front() {
        return front;
    }

    int icvOctets() {
        return icvOctets;
    }

    /** The cipher's block, or 4 octets, minus one. */
    int blockMask() {
        return blockMask;
    }

    boolean peerMayMove() {
        return peerMayMove;
    }

    int ivOctets() {
        return ivOctets;
    }

    boolean hasEsn() {
        return esn;
    }

    /** True if IVs of 8 octets come from the SA's counter alone. */
    boolean hasCounterIv() {
        return counterMode && ivOctets == 8 && ivs == null;
    }

    /** What the header in front of it says that it is. */
    int protocol() {
        return nat.isUsed() ? IpProtocol.UDP : IpProtocol.ESP;
    }

    /**
     * Writes header, IV and trailer around the payload that begins {@link #front} octets behind {@code at} and ends with
     * the packet; there is room for them, and {@link SaState#maySend} said NONE.
     *
     * @param protocol of the payload
     * @return the sequence number
     */
    long write(Packet packet, int at, int protocol) {
        int end = packet.length();
        int pad = -(end - at - front + EspHeader.MIN_TRAILER_LENGTH) & blockMask;
        int behind = pad + EspHeader.MIN_TRAILER_LENGTH + icvOctets;
        packet.append(behind);
        EspHeader.putTrailer(packet, end, pad, protocol, behind);
        int espAt = at + natOctets;
        long number = state.nextSequence();
        EspHeader.write(packet, espAt, spi, (int) number);
        writeIv(packet, espAt + EspHeader.LENGTH, number);
        if (natOctets != 0) {
            UdpEncapsulation.write(packet, at, nat, packet.length() - at);
        }
        return number;
    }

    /** The job for what {@link #write} wrote; the ICV ends at {@code end}. */
    void fillOut(Packet packet, CryptoJob job, int at, int end, long number) {
        CryptoEngine.Context context = sealing;
        if (context == null) {
            throw new IllegalStateException("sealing() was not asked");
        }
        job.at = at;
        fill(packet, job, context, at + natOctets, number, end - icvOctets - at - front);
    }

    /** Writes the explicit IV, if the suite has one, of the packet with this number. */
    void writeIv(Packet packet, int at, long number) {
        if (ivOctets == 0) {
            return;
        }
        if (ivs != null) {
            ivs.iv(state.said(), number, packet, at, ivOctets);
        } else if (counterMode) {
            packet.putU64(at, state.nextIv());
        } else {
            worker.random(packet.array(), packet.check(at, ivOctets), ivOctets);
        }
    }

    void fill(Packet packet, CryptoJob job, CryptoEngine.Context context, int espAt, long number, int bodyLength) {
        job.esp(packet, context, espAt, ivOctets, bodyLength, number, esn);
    }

    @Override
    Verdict endOut(Packet packet, CryptoJob job) {
        if (!job.ok) {
            return Verdict.CRYPTO_FAILED;
        }
        if (nat.isUsed() && Ipv4Header.version(packet, 0) == 6) {
            UdpEncapsulation.sum(packet, Family.INET6, job.at);
        }
        state.countUse(packet.length(), worker.seconds());
        return Verdict.NONE;
    }

    @Override
    Verdict beginIn(Packet packet, Front front, CryptoJob job) {
        job.context = null;
        if (front.isFragment()) {
            return Verdict.FRAGMENT_IN_TRANSPORT;
        }
        int at = front.at();
        if (front.protocol() == IpProtocol.UDP && nat.isUsed()) {
            Verdict verdict = UdpEncapsulation.check(packet, at, nat);
            if (verdict != Verdict.NONE) {
                return verdict;
            }
            packet.truncate(at + UdpHeader.length(packet, at));
            job.peerPort = UdpHeader.sourcePort(packet, at);
        } else if (front.protocol() != IpProtocol.ESP || nat.isUsed()) {
            boolean other = front.protocol() == IpProtocol.ESP || front.protocol() == IpProtocol.UDP;
            return other ? Verdict.WRONG_ENCAPSULATION : Verdict.WRONG_ORDER;
        }
        int espAt = at + natOctets;
        int bodyAt = espAt + EspHeader.LENGTH + ivOctets;
        int bodyLength = packet.length() - bodyAt - icvOctets;
        if (bodyLength < EspHeader.MIN_TRAILER_LENGTH) {
            return Verdict.TOO_SHORT;
        }
        if ((bodyLength & blockMask) != 0) {
            return Verdict.BAD_CIPHERTEXT_LENGTH;
        }
        long number = 0;
        if (integrity) {
            int low = EspHeader.sequence(packet, espAt);
            number = state.window().infer(low);
            Verdict verdict = state.mayAccept(number, low);
            if (verdict != Verdict.NONE) {
                return verdict;
            }
        }
        CryptoEngine.Context context = opening();
        if (context == null) {
            return Verdict.CRYPTO_FAILED;
        }
        job.at = at;
        job.front = bodyAt - at;
        fill(packet, job, context, espAt, number, bodyLength);
        return Verdict.NONE;
    }

    @Override
    Verdict endIn(Packet packet, Front front, CryptoJob job) {
        if (!job.ok) {
            return integrity ? Verdict.BAD_ICV : Verdict.CRYPTO_FAILED;
        }
        int bodyAt = job.at + job.front;
        int trailerEnd = bodyAt + job.bodyLength;
        Verdict verdict = EspHeader.checkTrailer(packet, bodyAt, trailerEnd);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        int protocol = EspHeader.nextHeader(packet, trailerEnd);
        int padded = job.bodyLength - EspHeader.MIN_TRAILER_LENGTH - EspHeader.padLength(packet, trailerEnd);
        job.nextHeader = protocol;
        packet.truncate(bodyAt + IpEdit.withoutFlowPadding(packet, protocol, bodyAt, padded));
        front.advance(job.front, protocol);
        if (nat.isUsed() && (protocol == IpProtocol.TCP || protocol == IpProtocol.UDP)) {
            mendUpper(packet, front.family(), bodyAt, protocol);
        }
        return Verdict.NONE;
    }

    private static void mendUpper(Packet packet, Family family, int at, int protocol) {
        int source = IpHeader.sourceAt(family, 0);
        int destination = IpHeader.destinationAt(family, 0);
        Checksum.mendUpper(packet, family, source, destination, protocol, at, packet.length() - at);
    }

    @Override
    Verdict acceptIn(Packet packet, Front front, CryptoJob job) {
        Verdict verdict = integrity ? state.accept(job.number) : Verdict.NONE;
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        if (peerMayMove && job.number == state.window().highest()) {
            notePeer(packet, job.peerPort);
        }
        state.countUse(front.length(packet), worker.seconds());
        return job.nextHeader == IpProtocol.NO_NEXT_HEADER ? Verdict.DUMMY : Verdict.NONE;
    }

    /** Only the newest packet counts: a late one, held back on the way, would lead to the old place. */
    private void notePeer(Packet packet, int port) {
        Family family = state.said().family();
        int source = IpHeader.sourceAt(family, 0);
        long high = family == Family.INET ? 0 : packet.u64(source);
        long low = family == Family.INET ? Integer.toUnsignedLong(packet.u32(source)) : packet.u64(source + 8);
        if (port != peerPort || low != peerLow || high != peerHigh || peerEpoch != worker.peerEpoch) {
            peerPort = port;
            peerLow = low;
            peerHigh = high;
            peerEpoch = worker.peerEpoch;
            worker.moved.add(this);
        }
    }

    /** Where the newest packet with a good ICV came from. */
    IpAddress peer() {
        return new IpAddress(state.said().family(), peerHigh, peerLow);
    }

    int peerPort() {
        return peerPort;
    }

    /** Keys it when it is asked first; null if no engine has the algorithm. */
    CryptoEngine.@Nullable Context sealing() {
        if (sealing == null && !unavailable) {
            sealing = worker.crypto.esp(suite, esp.encryptionKey(), esp.authenticationKey(), true);
            unavailable = sealing == null;
        }
        return sealing;
    }

    /** Keys it when it is asked first; null if no engine has the algorithm. */
    CryptoEngine.@Nullable Context opening() {
        if (opening == null && !unavailable) {
            opening = worker.crypto.esp(suite, esp.encryptionKey(), esp.authenticationKey(), false);
            unavailable = opening == null;
        }
        return opening;
    }

    @Override
    void close() {
        if (sealing != null) {
            sealing.wipe();
        }
        if (opening != null) {
            opening.wipe();
        }
        sealing = null;
        opening = null;
        unavailable = true;
    }
}
