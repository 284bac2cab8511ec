package org.spigrp.daemon;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.DebugFlag;
import org.spigrp.command.Event;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Said;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.Packet;
import org.spigrp.wire.PacketSelector;
import org.spigrp.wire.Verdict;

/**
 * What the stack decided, told as {@code klipsdebug} asks: {@code xmit} and {@code rcv} a line for each packet that goes
 * out or comes in, {@code eroute} which eroute took it, {@code xform} which SAs it went through, {@code comp} what
 * compression did to it, {@code spi} SAs that came and went, {@code pfkey} commands. {@code eroute} and {@code xform} by
 * themselves tell of packets that ended badly, with {@code verbose} of all.
 *
 * <p>The last {@value #MOST} are kept for who comes later. No key and no payload is among them. While nothing is set the
 * packet path asks one boolean.
 */
final class Decisions {
    static final int MOST = 1024;

    private final Events events;
    private final @Nullable Event[] ring = new @Nullable Event[MOST];
    private final PacketSelector seen = new PacketSelector();
    private Set<DebugFlag> flags = EnumSet.noneOf(DebugFlag.class);
    private boolean on;
    private long told;

    Decisions(Events events) {
        this.events = events;
    }

    void flags(Set<DebugFlag> set) {
        flags = set.isEmpty() ? EnumSet.noneOf(DebugFlag.class) : EnumSet.copyOf(set);
        on = !flags.isEmpty();
    }

    /** True if anything is set. */
    boolean on() {
        return on;
    }

    boolean on(DebugFlag flag) {
        return on && flags.contains(flag);
    }

    /** A packet has ended, in its verdict. */
    void packet(String virtual, Packet packet, boolean outbound, List<Said> group, @Nullable Eroute eroute) {
        boolean wanted = flags.contains(outbound ? DebugFlag.XMIT : DebugFlag.RCV)
                || (outbound && flags.contains(DebugFlag.TUNNEL));
        Verdict verdict = packet.verdict();
        if (!wanted && !flags.contains(DebugFlag.EROUTE) && !flags.contains(DebugFlag.XFORM)) {
            return;
        }
        if (verdict.isGood() && !flags.contains(DebugFlag.VERBOSE) && !wanted) {
            return;
        }
        String what = describe(packet);
        Said at = packet.layer() < group.size() ? group.get(packet.layer()) : null;
        if (wanted) {
            tell(
                    outbound ? DebugFlag.XMIT : DebugFlag.RCV,
                    at,
                    virtual + " " + what + ": " + verdict + ", " + verdict.text());
        }
        if (outbound && flags.contains(DebugFlag.EROUTE)) {
            String took = eroute == null
                    ? "no eroute"
                    : eroute.selector().source() + " -> " + eroute.selector().destination() + " => " + eroute.said();
            tell(DebugFlag.EROUTE, null, virtual + " " + what + ": " + took);
        }
        if (!group.isEmpty() && flags.contains(DebugFlag.XFORM)) {
            tell(
                    DebugFlag.XFORM,
                    at,
                    (outbound ? "applied " : "removed ") + group + ": " + verdict
                            + (verdict.isGood() ? "" : " at " + at));
        }
    }

    private String describe(Packet packet) {
        if (seen.parse(packet) != Verdict.NONE) {
            return packet.length() + " octets that are no IP packet";
        }
        Family family = seen.family();
        return IpAddress.read(family, packet, IpHeader.sourceAt(family, 0)) + " -> "
                + IpAddress.read(family, packet, IpHeader.destinationAt(family, 0)) + " protocol " + seen.protocol()
                + ", " + packet.length() + " octets";
    }

    /** A packet has met an SA with compression. */
    void compressed(Said said, int before, int after, @Nullable String why) {
        note(DebugFlag.COMP, said, why == null ? before + " octets became " + after : before + " octets stay: " + why);
    }

    /** Something else that a flag is about. */
    void note(DebugFlag flag, @Nullable Said said, String say) {
        if (on(flag)) {
            tell(flag, said, say);
        }
    }

    private void tell(DebugFlag flag, @Nullable Said said, String say) {
        ring[(int) (told++ % MOST)] = events.debug(said, say, flag.text());
    }

    /** Gives the last decisions, oldest first. */
    void replay(Consumer<Event> taker) {
        int count = (int) Math.min(told, MOST);
        for (int i = 0; i < count; i++) {
            Event event = ring[(int) ((told - count + i) % MOST)];
            if (event != null) {
                taker.accept(event);
            }
        }
    }
}
