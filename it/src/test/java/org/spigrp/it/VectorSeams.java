package org.spigrp.it;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.EngineSeams;
import org.spigrp.engine.IvSource;
import org.spigrp.engine.OuterIds;
import org.spigrp.sa.Direction;
import org.spigrp.sa.SaProtocol;
import org.spigrp.sa.Said;
import org.spigrp.sa.SecurityAssociation;
import org.spigrp.sa.Transform;
import org.spigrp.wire.Octets;

/**
 * Reads out of a vector what Linux drew at random: the IV of each ESP packet, the id of each outer IPv4 header, and what
 * it padded AH with. Layers under an ESP are reached by peeling the layers outside of them.
 */
final class VectorSeams implements IvSource, OuterIds {
    private static final int UDP = 17;
    private static final int ESP_HEADER = 8;
    private static final int AH_FIXED = 12;

    private record Numbered(Said said, long sequence) {}

    private final Map<Numbered, byte[]> ivs = new HashMap<>();
    private final Map<Numbered, byte[]> paddings = new HashMap<>();
    private final Map<Said, List<Integer>> ids = new HashMap<>();
    private final Map<Said, Integer> nextId = new HashMap<>();

    VectorSeams(VectorCase vector) {
        List<SecurityAssociation> sas = vector.sas(Direction.IN);
        List<byte[]> packets = vector.guarded();
        int outermost = sas.size();
        while (outermost > 0) {
            int below = read(sas.subList(0, outermost), packets);
            if (below > 0) {
                packets = Stack.of(sas.subList(below, outermost), EngineSeams.NONE)
                        .forwarded(packets);
            }
            outermost = below;
        }
    }

    EngineSeams seams() {
        return new EngineSeams(this, this).withZlib();
    }

    /** Reads what is visible of these SAs, inner to outer; how many of them are hidden under an ESP. */
    private int read(List<SecurityAssociation> sas, List<byte[]> packets) {
        int visible = sas.size();
        while (visible > 0 && sas.get(visible - 1).said().protocol() != SaProtocol.ESP) {
            visible--;
        }
        int innermostVisible = visible > 0 ? visible - 1 : 0;
        // the tunnel that made the header in front of an ESP is the SA inside of it
        int tunnel = innermostVisible > 0 && sas.get(innermostVisible - 1).transform() instanceof Transform.Tunnel
                ? innermostVisible - 1
                : tunnelIn(sas);
        for (byte[] packet : packets) {
            var octets = new Octets(packet);
            int at = header(octets, tunnel < 0 ? null : sas.get(tunnel));
            for (int i = sas.size() - 1; i >= innermostVisible; i--) {
                at = layer(octets, at, sas.get(i));
            }
        }
        return hidden(sas, innermostVisible, tunnel);
    }

    private static int tunnelIn(List<SecurityAssociation> sas) {
        for (int i = sas.size() - 1; i >= 0; i--) {
            if (sas.get(i).transform() instanceof Transform.Tunnel) {
                return i;
            }
        }
        return -1;
    }

    private static int hidden(List<SecurityAssociation> sas, int innermostVisible, int tunnel) {
        int below = tunnel >= 0 ? tunnel : innermostVisible;
        for (SecurityAssociation sa : sas.subList(0, below)) {
            if (sa.said().protocol() == SaProtocol.ESP) {
                return below;
            }
        }
        return 0;
    }

    /** Reads the outer header; where its payload begins. */
    private int header(Octets packet, @Nullable SecurityAssociation tunnel) {
        if (packet.u8(0) >>> 4 == 6) {
            return 40;
        }
        if (tunnel != null) {
            ids.computeIfAbsent(tunnel.said(), _ -> new ArrayList<>()).add(packet.u16(4));
        }
        int at = (packet.u8(0) & 0xf) * 4;
        return packet.u8(9) == UDP ? at + 8 : at;
    }

    private int layer(Octets packet, int at, SecurityAssociation sa) {
        return switch (sa.transform()) {
            case Transform.Esp esp -> {
                var key = new Numbered(sa.said(), Integer.toUnsignedLong(packet.u32(at + 4)));
                ivs.put(key, copy(packet, at + ESP_HEADER, esp.suite().cipher().ivOctets()));
                yield at;
            }
            case Transform.Ah ah -> {
                int end = at + (packet.u8(at + 1) + 2) * 4;
                int padding = at + AH_FIXED + ah.suite().icvOctets();
                paddings.put(
                        new Numbered(sa.said(), Integer.toUnsignedLong(packet.u32(at + 8))),
                        copy(packet, padding, end - padding));
                yield end;
            }
            case Transform.Comp _, Transform.Tunnel _ -> at;
        };
    }

    private static byte[] copy(Octets packet, int at, int count) {
        byte[] copy = new byte[count];
        packet.get(at, copy, 0, count);
        return copy;
    }

    @Override
    public void iv(Said said, long sequence, Octets packet, int at, int length) {
        put(ivs, said, sequence, packet, at, length);
    }

    @Override
    public void ahPadding(Said said, long sequence, Octets packet, int at, int length) {
        put(paddings, said, sequence, packet, at, length);
    }

    /** Vectors are shorter than 2^32 packets, so the low half of an extended number finds its packet. */
    private static void put(Map<Numbered, byte[]> from, Said said, long sequence, Octets packet, int at, int length) {
        byte[] octets = from.get(new Numbered(said, sequence & 0xffff_ffffL));
        if (octets == null || octets.length != length) {
            throw new AssertionError(
                    "the vector has no packet " + sequence + " of " + said + " with " + length + " octets");
        }
        packet.put(at, octets, 0, length);
    }

    @Override
    public int next(Said tunnel) {
        int index = nextId.merge(tunnel, 1, Integer::sum) - 1;
        return ids.get(tunnel).get(index);
    }
}
