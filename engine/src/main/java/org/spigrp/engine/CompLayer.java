package org.spigrp.engine;

import org.jspecify.annotations.Nullable;
import org.spigrp.sa.SaState;
import org.spigrp.sa.Transform;
import org.spigrp.sa.Transform.CompThreshold;
import org.spigrp.wire.IpCompHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Ipv6Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * IPComp (RFC 3173) with deflate (RFC 2394). Where compression does not pay the packet goes on without a header.
 *
 * <pre>
 *   KLIPS   payload below 90 octets, AH, ESP and IPComp stay as they are; must save 32 octets, or a sixteenth above 512.
 *           After 8 failures 4 packets are skipped; from 10 on, 8 packets after every 2. A success forgets it all.
 *   LINUX   payload below 90 octets stays as it is; header and all must be smaller
 * </pre>
 *
 * Fragments are never compressed, nor is what is compressed already. Flags are ignored on receipt (RFC 3173 2.2).
 */
final class CompLayer extends Layer {
    /** RFC 3173 3.3: the CPI that stands for deflate without negotiation. */
    static final int WELL_KNOWN_DEFLATE = 2;

    private static final int LEAST_PAYLOAD = 90;

    private final CompThreshold threshold;
    private final int cpi;
    private int tries;
    private int skip;

    CompLayer(SaState state, Transform.Comp comp, Worker worker) {
        super(state, worker);
        this.threshold = comp.threshold();
        this.cpi = state.said().spi() & 0xffff;
    }

    @Override
    Verdict beginOut(Packet packet, CryptoJob job) {
        job.context = null;
        job.number = 0;
        IpEdit ip = worker.ip;
        Verdict verdict = ip.findOut(packet);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        int before = packet.length();
        int at = ip.at();
        int payload = before - at;
        String why = notWorthATry(ip, payload);
        if (why == null && !compress(packet, ip, at, payload)) {
            why = "it would not get small enough";
        }
        state.countCompression(before, packet.length());
        tell(before, packet.length(), why);
        return Verdict.NONE;
    }

    private void tell(int before, int after, @Nullable String why) {
        EngineWatch watch = worker.compWatch;
        if (watch != null) {
            watch.compressed(state.said(), before, after, why);
        }
    }

    private @Nullable String notWorthATry(IpEdit ip, int payload) {
        if (ip.isFragment()) {
            return "it is a fragment";
        }
        if (payload < LEAST_PAYLOAD) {
            return "its payload is below " + LEAST_PAYLOAD + " octets";
        }
        int protocol = ip.protocol();
        if (protocol == IpProtocol.IPCOMP) {
            return "it is compressed already";
        }
        if (threshold == CompThreshold.LINUX) {
            return null;
        }
        if (protocol == IpProtocol.AH || protocol == IpProtocol.ESP) {
            return "it is AH or ESP already";
        }
        if (skip > 0) {
            skip--;
            return "those before it did not get small enough, so some are skipped";
        }
        return null;
    }

    /** False if it does not pay: then the packet is as it was. */
    private boolean compress(Packet packet, IpEdit ip, int at, int payload) {
        int most = largestResult(payload);
        int size = worker.deflate().compress(packet.array(), packet.check(at, payload), payload, most);
        if (size < 0) {
            failed();
            return false;
        }
        tries = 0;
        skip = 0;
        IpCompHeader.nextHeader(packet, at, ip.protocol());
        IpCompHeader.flags(packet, at, 0);
        IpCompHeader.cpi(packet, at, cpi);
        packet.put(at + IpCompHeader.LENGTH, worker.deflate().result(), 0, size);
        packet.truncate(at + IpCompHeader.LENGTH + size);
        IpEdit.mend(packet, ip.pointerAt(), IpProtocol.IPCOMP);
        return true;
    }

    private int largestResult(int payload) {
        return switch (threshold) {
            case LINUX -> payload - IpCompHeader.LENGTH - 1;
            case KLIPS -> payload - IpCompHeader.LENGTH - (payload <= 512 ? 32 : payload / 16);
        };
    }

    private void failed() {
        tries++;
        if (tries == 8) {
            skip = 4;
        } else if (tries == 10) {
            skip = 8;
            tries = 8;
        }
    }

    @Override
    Verdict endOut(Packet packet, CryptoJob job) {
        state.countUse(packet.length(), worker.seconds());
        return Verdict.NONE;
    }

    @Override
    Verdict beginIn(Packet packet, Front front, CryptoJob job) {
        job.context = null;
        job.number = 0;
        if (front.protocol() != IpProtocol.IPCOMP) {
            return Verdict.WRONG_ORDER;
        }
        if (front.isFragment()) {
            return Verdict.FRAGMENT_IN_TRANSPORT;
        }
        front.close(packet);
        int at = front.at();
        Verdict verdict = IpCompHeader.check(packet, at);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        int inPacket = IpCompHeader.cpi(packet, at);
        if (inPacket != cpi && inPacket != WELL_KNOWN_DEFLATE) {
            return Verdict.WRONG_CPI;
        }
        job.at = at;
        job.nextHeader = IpCompHeader.nextHeader(packet, at);
        return job.nextHeader == IpProtocol.IPCOMP ? Verdict.WRONG_ORDER : Verdict.NONE;
    }

    @Override
    Verdict endIn(Packet packet, Front front, CryptoJob job) {
        int before = packet.length();
        int from = job.at + IpCompHeader.LENGTH;
        boolean isV4 = Ipv4Header.version(packet, 0) == 4;
        int most = (isV4 ? Ipv4Header.MAX_TOTAL_LENGTH : Ipv6Header.LENGTH + Ipv6Header.MAX_PAYLOAD_LENGTH) - job.at;
        Deflate deflate = worker.deflate();
        Verdict verdict = deflate.expand(packet.array(), packet.check(from, before - from), before - from, most);
        if (verdict != Verdict.NONE) {
            return verdict;
        }
        packet.truncate(job.at);
        if (!packet.append(deflate.size())) {
            return Verdict.TOO_BIG;
        }
        packet.put(job.at, deflate.result(), 0, deflate.size());
        IpEdit.mend(packet, front.pointerAt(), job.nextHeader);
        front.advance(0, job.nextHeader);
        state.countCompression(packet.length(), before);
        tell(before, packet.length(), null);
        return Verdict.NONE;
    }

    @Override
    Verdict acceptIn(Packet packet, Front front, CryptoJob job) {
        state.countUse(packet.length(), worker.seconds());
        return Verdict.NONE;
    }
}
