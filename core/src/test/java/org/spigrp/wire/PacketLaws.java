package org.spigrp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;

/** What holds for any octets taken for a packet; asked by the random tests and by the fuzzer. */
final class PacketLaws {
    private PacketLaws() {}

    static void hold(byte[] octets) {
        var packet = new Octets(octets);
        var selector = new PacketSelector();
        Verdict verdict = selector.parse(packet);
        int version = octets.length == 0 ? -1 : (octets[0] & 0xff) >>> 4;
        if (version != 4 && version != 6) {
            assertThat(verdict).isEqualTo(octets.length == 0 ? Verdict.TOO_SHORT : Verdict.NOT_IP);
            return;
        }
        Verdict header = IpHeader.check(packet, 0);
        if (header != Verdict.NONE) {
            assertThat(verdict).isEqualTo(header);
            return;
        }
        if (version == 4) {
            assertThat(verdict).isEqualTo(Verdict.NONE);
            v4(octets, selector);
        } else {
            v6(octets, packet, selector, verdict);
        }
        // The same packet somewhere in a larger run of octets says the same.
        byte[] shifted = new byte[octets.length + 5];
        System.arraycopy(octets, 0, shifted, 3, octets.length);
        var moved = new PacketSelector();
        assertThat(moved.parse(new Octets(shifted), 3, octets.length)).isEqualTo(verdict);
        if (verdict == Verdict.NONE) {
            assertThat(moved.upperAt()).isEqualTo(selector.upperAt() + 3);
            assertThat(moved.sourcePort()).isEqualTo(selector.sourcePort());
            assertThat(moved.sourceAt()).isEqualTo(selector.sourceAt() + 3);
        }
    }

    private static void v4(byte[] octets, PacketSelector selector) {
        var buffer = ByteBuffer.wrap(octets);
        int fragment = buffer.getShort(6) & 0x3fff;
        assertThat(selector.family()).isEqualTo(Family.INET);
        assertThat(selector.end()).isEqualTo(buffer.getShort(2) & 0xffff);
        assertThat(selector.protocol()).isEqualTo(octets[9] & 0xff);
        assertThat(selector.upperAt()).isEqualTo(4 * (octets[0] & 15));
        assertThat(selector.upperPointerAt()).isEqualTo(9);
        assertThat(selector.isFragment()).isEqualTo(fragment != 0);
        assertThat(selector.isLaterFragment()).isEqualTo((fragment & 0x1fff) != 0);
        ports(octets, selector, 1);
    }

    private static void v6(byte[] octets, Octets packet, PacketSelector selector, Verdict verdict) {
        int end = 40 + Ipv6Header.payloadLength(packet, 0);
        SlowChain twin = SlowChain.of(octets, end, false);
        assertThat(verdict).isEqualTo(twin == null ? Verdict.BAD_HEADER_CHAIN : Verdict.NONE);
        chain(packet, end, false, twin);
        chain(packet, end, true, SlowChain.of(octets, end, true));
        if (twin == null) {
            return;
        }
        assertThat(selector.family()).isEqualTo(Family.INET6);
        assertThat(selector.end()).isEqualTo(end);
        assertThat(selector.protocol()).isEqualTo(twin.upperProtocol());
        assertThat(selector.upperAt()).isEqualTo(twin.upperAt());
        assertThat(selector.isFragment()).isEqualTo(twin.first(44) >= 0);
        assertThat(selector.isLaterFragment())
                .isEqualTo(twin.first(44) >= 0 && (packet.u16(twin.first(44) + 2) & 0xfff8) != 0);
        ports(octets, selector, 58);
    }

    private static void chain(Octets packet, int end, boolean throughAh, SlowChain twin) {
        var chain = new ExtensionHeaders();
        Verdict verdict = throughAh ? chain.walkThroughAh(packet, 0, end) : chain.walk(packet, 0, end);
        assertThat(verdict).isEqualTo(twin == null ? Verdict.BAD_HEADER_CHAIN : Verdict.NONE);
        if (twin == null) {
            return;
        }
        assertThat(chain.upperProtocol()).isEqualTo(twin.upperProtocol());
        assertThat(chain.upperAt()).isEqualTo(twin.upperAt()).isLessThanOrEqualTo(end);
        assertThat(chain.upperPointerAt()).isEqualTo(twin.pointerTo(twin.upperAt()));
        assertThat(packet.u8(chain.upperPointerAt())).isEqualTo(chain.upperProtocol());
        assertThat(chain.transportAt()).isEqualTo(twin.transportAt());
        assertThat(chain.transportPointerAt()).isEqualTo(twin.pointerTo(twin.transportAt()));
        assertThat(chain.fragmentAt()).isEqualTo(twin.first(44));
        if (chain.isFragment()) {
            assertThat(chain.fragmentPointerAt()).isEqualTo(twin.pointerTo(twin.first(44)));
            assertThat(packet.u8(chain.fragmentPointerAt())).isEqualTo(44);
        }
        assertThat(chain.ahAt()).isEqualTo(twin.first(51));
    }

    private static void ports(byte[] octets, PacketSelector selector, int icmp) {
        int at = selector.upperAt();
        int left = selector.end() - at;
        boolean two = switch (selector.protocol()) {
            case 6, 17, 33, 132, 136 -> true;
            default -> false;
        };
        boolean wanted = (two || selector.protocol() == icmp) && !selector.isLaterFragment();
        assertThat(selector.portsCutOff()).isEqualTo(wanted && left < (two ? 4 : 2));
        if (!wanted || selector.portsCutOff()) {
            assertThat(selector.sourcePort()).isEqualTo(PacketSelector.OPAQUE);
            assertThat(selector.destinationPort()).isEqualTo(PacketSelector.OPAQUE);
        } else if (two) {
            assertThat(selector.sourcePort()).isEqualTo((octets[at] & 0xff) << 8 | (octets[at + 1] & 0xff));
            assertThat(selector.destinationPort()).isEqualTo((octets[at + 2] & 0xff) << 8 | (octets[at + 3] & 0xff));
        } else {
            assertThat(selector.sourcePort()).isEqualTo(octets[at] & 0xff);
            assertThat(selector.destinationPort()).isEqualTo(octets[at + 1] & 0xff);
        }
    }
}
