package org.spigrp.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.spigrp.sa.NatTraversal;
import org.spigrp.sa.Said;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Octets;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.Verdict;

/**
 * A stack with something of everything, whose crypto engine takes every ICV for good, and streams of packets made out
 * of any octets. Whatever comes: no exception, one verdict for each packet, and what goes on is an IP packet.
 */
final class AnyPackets {
    private static final List<byte[]> TEMPLATES = templates();

    private AnyPackets() {}

    private static StackBed bed(EngineOptions options) {
        var bed = new StackBed();
        var crypto = new StubCrypto();
        crypto.gullible = true;
        bed.crypto = crypto;
        bed.windowBits = 0;
        Said tunnel = bed.add(StackBed.tunnel(), StackBed.WEST, StackBed.EAST);
        Said comp = bed.add(StackBed.comp(), StackBed.WEST, StackBed.EAST);
        Said esp = bed.add(StackBed.esp("aes128gcm16"), StackBed.WEST, StackBed.EAST);
        Said ah = bed.add(StackBed.ah("hmac-sha1-96"), StackBed.WEST, StackBed.EAST);
        bed.group(tunnel, comp, esp, ah).policy(tunnel, port(53)).eroute(port(53), tunnel);
        Said tunnel6 = bed.add(StackBed.tunnel(), StackBed.WEST6, StackBed.EAST6);
        Said esp6 = bed.add(StackBed.esp("null-sha256"), StackBed.WEST6, StackBed.EAST6);
        bed.group(tunnel6, esp6).policyAll(tunnel6).eroute(StackBed.all(Family.INET6), tunnel6);
        Said alone = bed.add(StackBed.esp("null-md5"), StackBed.WEST_HOST, StackBed.EAST_HOST);
        bed.eroute(
                new Selector(
                        Prefix.host(StackBed.WEST_HOST),
                        Prefix.host(StackBed.EAST_HOST),
                        IpProtocol.UDP,
                        PortRange.ANY,
                        PortRange.ANY),
                alone);
        bed.add(
                StackBed.esp("aes128-sha256", new NatTraversal(NatTraversal.Kind.NONESP, 4500, 4500)),
                StackBed.WEST,
                StackBed.EAST);
        Said bare = bed.add(StackBed.tunnel(), StackBed.EAST, StackBed.WEST);
        bed.policyAll(bare).eroute(port(9), Shunt.REJECT).eroute(StackBed.all(Family.INET), Shunt.PASS);
        return bed.with(options);
    }

    private static Selector port(int port) {
        return new Selector(
                Prefix.all(Family.INET), Prefix.all(Family.INET), IpProtocol.UDP, PortRange.ANY, PortRange.of(port));
    }

    private static List<byte[]> templates() {
        StackBed bed = bed(EngineOptions.DEFAULT.withOnly(EngineOptions.Only.PROTECT));
        List<byte[]> clear = List.of(
                Clear.udp(StackBed.WEST_HOST, StackBed.EAST_HOST, 1, 53, 200),
                Clear.udp(StackBed.WEST, StackBed.EAST, 1, 53, 40),
                Clear.udp(StackBed.WEST, StackBed.EAST, 1, 9, 40),
                Clear.udp(StackBed.WEST, StackBed.EAST, 4500, 4500, 40),
                Clear.udp6(60),
                Clear.ip(StackBed.EAST, StackBed.WEST, IpProtocol.IPV4, 40));
        List<byte[]> all = new ArrayList<>(clear);
        List<byte[]> sealed = bed.forwarded(bed.run(clear));
        all.addAll(sealed);
        for (byte[] packet : List.copyOf(all)) {
            int header = packet[0] >>> 4 == 4 ? 20 : 40;
            int end = packet.length - header;
            int middle = end / 2 & ~7;
            all.add(Clear.fragment(packet, 7, 0, middle, true));
            all.add(Clear.fragment(packet, 7, middle, end, false));
        }
        return all;
    }

    /**
     * Cuts {@code data} into packets: a template each, of which some octets are overwritten, or plain octets.
     *
     * <pre>
     *   template | patches n | n × (position, octet) ...        template 255: length, octets
     * </pre>
     */
    static List<byte[]> packets(byte[] data) {
        List<byte[]> packets = new ArrayList<>();
        int at = 1;
        while (at + 2 <= data.length && packets.size() < 200) {
            int which = data[at] & 0xff;
            int count = data[at + 1] & 0xff;
            at += 2;
            if (which == 0xff) {
                int end = Math.min(data.length, at + count);
                packets.add(Arrays.copyOfRange(data, at, end));
                at = end;
                continue;
            }
            byte[] packet = TEMPLATES.get(which % TEMPLATES.size()).clone();
            for (int i = 0; i < (count & 7) && at + 2 <= data.length; i++) {
                packet[(data[at] & 0xff) % packet.length] = data[at + 1];
                at += 2;
            }
            packets.add(packet);
        }
        return packets;
    }

    static void run(byte[] data) {
        if (data.length == 0) {
            return;
        }
        EngineOptions options = EngineOptions.DEFAULT;
        options = (data[0] & 1) != 0 ? options.withMtu(68 + (data[0] & 0xff)) : options;
        options = (data[0] & 2) != 0 ? options.withLocal(Set.of(StackBed.EAST, StackBed.WEST6)) : options;
        StackBed bed = bed(options);
        bed.batchSize = 1 + (data[0] & 0x3f);
        List<byte[]> packets = packets(data);
        bed.run(packets);
        bed.engine().finish(bed.sink);
        if (bed.engine().counters().total() != packets.size()
                || bed.engine().counters().of(Verdict.NONE) != 0) {
            throw new AssertionError(
                    packets.size() + " packets, but " + bed.engine().counters());
        }
        for (StackBed.Event event : bed.events) {
            var packet = new Octets(event.octets());
            boolean on = !event.what().equals("dropped");
            if (on
                    && (IpHeader.check(packet, 0) != Verdict.NONE
                            || IpHeader.packetLength(packet, 0) != packet.length())) {
                throw new AssertionError("went on, but is no IP packet: " + event);
            }
        }
    }

    static byte[] randomData(Random random) {
        byte[] data = new byte[random.nextInt(600)];
        random.nextBytes(data);
        return data;
    }
}
