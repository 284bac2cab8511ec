package org.spigrp.bench;

import java.net.Inet4Address;
import org.spigrp.engine.Engine;
import org.spigrp.linux.KernelPort;
import org.spigrp.linux.Links;
import org.spigrp.linux.Poller;
import org.spigrp.linux.RawPort;
import org.spigrp.linux.TunPort;
import org.spigrp.linux.Turns;
import org.spigrp.linux.UdpPort;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Packet;
import org.spigrp.wire.UdpHeader;

/**
 * A tunnel that does nothing: what the live stack could reach at most, if IPsec were free.
 *
 * <pre>
 *   host --- tun ---> a header in front ---> raw | udp --- wire
 *   host <-- tun <--- header off        <--- raw | udp --- wire
 * </pre>
 *
 * The ports, their batches and the loop are those of the daemon; there is no engine between them, and no addresses are
 * checked. IP in IP, or IP in UDP. So TCP comes from the TUN in super-packets of up to 64 KiB, is cut, and goes out as
 * datagrams many in one call (UDP GSO); over raw sockets each packet goes by itself, in sendmmsg.
 */
public final class BareTunnel {
    private static final int TTL = 64;

    private final Packet[] batch = new Packet[Engine.BATCH];
    private final KernelPort tun;
    private final KernelPort wire;
    private final int local;
    private final int remote;
    private final boolean udp;
    private final int headers;
    private int identification;

    private BareTunnel(KernelPort tun, KernelPort wire, int local, int remote, boolean udp) {
        this.tun = tun;
        this.wire = wire;
        this.local = local;
        this.remote = remote;
        this.udp = udp;
        headers = Ipv4Header.MIN_LENGTH + (udp ? UdpHeader.LENGTH : 0);
        for (int i = 0; i < batch.length; i++) {
            batch[i] = new Packet(Packet.DEFAULT_CAPACITY, Packet.DEFAULT_HEADROOM);
        }
    }

    /** {@code BareTunnel TUN PHYSICAL LOCAL REMOTE ip|udp}. Prints {@code ready} when packets pass; runs until killed. */
    public static void main(String[] words) {
        if (words.length != 5 || !(words[4].equals("ip") || words[4].equals("udp"))) {
            System.err.println("usage: BareTunnel TUN PHYSICAL LOCAL REMOTE ip|udp");
            System.exit(64);
        }
        boolean udp = words[4].equals("udp");
        TunPort tun = TunPort.open(words[0], false);
        KernelPort wire =
                udp ? UdpPort.open(Family.INET, words[1], UdpHeader.NAT_T_PORT) : RawPort.open(Family.INET, words[1]);
        var tunnel = new BareTunnel(tun, wire, v4(words[2]), v4(words[3]), udp);
        Links.setMtu(words[0], Links.mtu(words[1]) - tunnel.headers);
        System.out.println("ready");
        tunnel.run();
    }

    private static int v4(String text) {
        return (int) IpAddress.of(Inet4Address.ofLiteral(text).getAddress()).low();
    }

    private void run() {
        Turns.makeShort();
        try (var poller = new Poller()) {
            poller.add(tun);
            poller.add(wire);
            while (true) {
                boolean some = fromHost();
                some |= fromWire();
                if (!some) {
                    poller.await(-1);
                }
            }
        }
    }

    private boolean fromHost() {
        int count = tun.receive(batch);
        for (int i = 0; i < count; i++) {
            wrap(batch[i]);
        }
        if (count > 0) {
            wire.send(batch, count);
        }
        return count > 0;
    }

    private boolean fromWire() {
        int count = wire.receive(batch);
        for (int i = 0; i < count; i++) {
            batch[i].trimFront(headers);
        }
        if (count > 0) {
            tun.send(batch, count);
        }
        return count > 0;
    }

    private void wrap(Packet packet) {
        int inner = packet.length();
        if (!packet.prepend(headers)) {
            throw new IllegalStateException("a slab has headroom for these headers");
        }
        Ipv4Header.init(packet, 0, packet.length());
        Ipv4Header.identification(packet, 0, ++identification & 0xffff);
        Ipv4Header.ttl(packet, 0, TTL);
        Ipv4Header.protocol(packet, 0, udp ? IpProtocol.UDP : IpProtocol.IPV4);
        packet.putU32(Ipv4Header.SOURCE, local);
        packet.putU32(Ipv4Header.DESTINATION, remote);
        Ipv4Header.updateChecksum(packet, 0);
        if (udp) {
            UdpHeader.sourcePort(packet, Ipv4Header.MIN_LENGTH, UdpHeader.NAT_T_PORT);
            UdpHeader.destinationPort(packet, Ipv4Header.MIN_LENGTH, UdpHeader.NAT_T_PORT);
            UdpHeader.length(packet, Ipv4Header.MIN_LENGTH, UdpHeader.LENGTH + inner);
            UdpHeader.checksum(packet, Ipv4Header.MIN_LENGTH, 0);
        }
    }
}
