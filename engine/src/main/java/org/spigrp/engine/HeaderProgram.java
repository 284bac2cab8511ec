package org.spigrp.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpHeader;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.Ipv4Header;
import org.spigrp.wire.Packet;

/**
 * A group as one program for packets that leave: where each member's header stands in the finished packet is known when
 * the group is made, so all of them are written at once, and each IP header with the length that it has in the end.
 *
 * <pre>
 *   tun esp ah tun esp      IP | ESP | IP | AH | ESP | clear packet | trailer, ICV | trailer, ICV
 *                            4    5    1    3    2                    2              5
 *   steps                   2 3 1 5 4: what a tunnel carries is complete before its header is written
 * </pre>
 *
 * <p>For groups whose innermost member is a tunnel, without IPComp, whose result nobody can foresee. Other groups, and
 * packets for which there is no room, go by {@link Layer#beginOut}, which moves the IP header aside for each member.
 */
final class HeaderProgram extends Encapsulation {
    private static final int NONE = -1;

    /** What one member does. One of the three layers is there. */
    private static final class Step {
        final SaEntry member;
        final @Nullable TunnelLayer tunnel;
        final @Nullable EspLayer esp;
        final @Nullable AhLayer ah;
        /** Where its header is, from the finished packet's start. */
        int at;
        /** Where what it carries begins. */
        int carriedAt;
        /** What it carries; NONE = that depends on the clear packet. */
        int carried;
        /** Where the IP header is that it stands behind, and how long that is. */
        int ipAt;

        int ipOctets;
        /** Of the packets counted, with all that they have inside its header. */
        long octets;

        Step(SaEntry member) {
            this.member = member;
            tunnel = member.layer instanceof TunnelLayer layer ? layer : null;
            esp = member.layer instanceof EspLayer layer ? layer : null;
            ah = member.layer instanceof AhLayer layer ? layer : null;
        }

        int front(Family family) {
            return tunnel != null ? family.headerOctets() : esp != null ? esp.front() : ahFront(family);
        }

        private int ahFront(Family family) {
            return ah == null ? 0 : ah.lengthFor(family);
        }

        int protocol(Family family) {
            if (tunnel != null) {
                return family == Family.INET ? IpProtocol.IPV4 : IpProtocol.IPV6;
            }
            return esp != null ? esp.protocol() : IpProtocol.AH;
        }
    }

    /** In the order in which headers are written: of each tunnel first those that go behind its IP header. */
    private final Step[] steps;
    /** Those with cryptography, inner to outer. */
    private final Step[] sealing;

    private final int front;
    private boolean keyed;
    private long counted;

    private HeaderProgram(GroupPlan plan, List<Step> steps, int front) {
        super(plan);
        this.steps = steps.toArray(Step[]::new);
        this.sealing = steps.stream().filter(step -> step.tunnel == null).toArray(Step[]::new);
        this.front = front;
    }

    /** The program of a group whose members are all in, or null if it has none. */
    static @Nullable HeaderProgram of(GroupPlan plan) {
        SaEntry[] members = plan.members;
        if (!members[0].isTunnel) {
            return null;
        }
        List<Step> steps = new ArrayList<>();
        int front = 0;
        int carried = NONE;
        for (int from = 0; from < members.length; ) {
            int to = from + 1;
            while (to < members.length && !members[to].isTunnel) {
                to++;
            }
            Family family = members[from].family;
            List<Step> run = new ArrayList<>();
            for (int i = from + 1; i < to; i++) {
                SaEntry member = members[i];
                boolean sumAtEnd = member.natTraversal.isUsed() && family == Family.INET6;
                if (member.isComp || member.family != family || sumAtEnd) {
                    return null;
                }
                run.add(new Step(member));
            }
            run.add(new Step(members[from]));
            int before = front;
            for (Step step : run) {
                step.carriedAt = front;
                front += step.front(family);
                step.at = front;
                step.carried = carried;
                step.ipOctets = family.headerOctets();
                carried = step.protocol(family);
            }
            run.getLast().carriedAt = before; // of a tunnel: the packet inside, for its class and length
            int ipAt = front;
            run.forEach(step -> step.ipAt = ipAt);
            steps.addAll(run);
            from = to;
        }
        for (Step step : steps) { // counted from the clear packet so far
            step.at = front - step.at;
            step.ipAt = front - step.ipAt;
            step.carriedAt = front - step.carriedAt;
        }
        return new HeaderProgram(plan, steps, front);
    }

    @Override
    int atHand() {
        int least = Integer.MAX_VALUE;
        for (Step step : sealing) {
            least = Math.min(least, step.member.state.atHand());
        }
        return least;
    }

    @Override
    int sealings() {
        return sealing.length;
    }

    @Override
    boolean write(Work work) {
        Packet packet = work.packet;
        if (packet.headroom() < front
                || packet.tailroom() < mostOverhead()
                || packet.length() + mostOverhead() > Ipv4Header.MAX_TOTAL_LENGTH) {
            return false;
        }
        if (!keyed && !key()) {
            return false;
        }
        int inside = Ipv4Header.version(packet, 0) == 4 ? IpProtocol.IPV4 : IpProtocol.IPV6;
        packet.prepend(front);
        int seal = 0;
        for (Step step : steps) {
            int carried = step.carried == NONE ? inside : step.carried;
            if (step.tunnel != null) {
                step.tunnel.write(packet, step.at, step.carriedAt, carried);
                step.octets += step.ipOctets + IpHeader.packetLength(packet, step.carriedAt); // still in clear
            } else {
                work.numbers[seal] = step.esp != null
                        ? step.esp.write(packet, step.at, carried)
                        : notNull(step.ah).write(packet, step.at, step.carriedAt - step.at, carried);
                work.ends[seal] = packet.length();
                step.octets += step.ipOctets + packet.length() - step.at;
                seal++;
            }
        }
        if (seal > 0) {
            fill(work, 0);
        }
        return true;
    }

    /** Layers lose their keys only when their SA goes, and the program with it. */
    private boolean key() {
        keyed = true;
        for (Step step : sealing) {
            keyed &= isKeyed(step);
        }
        return keyed;
    }

    private static boolean isKeyed(Step step) {
        return step.esp != null ? step.esp.sealing() != null : notNull(step.ah).context() != null;
    }

    private static AhLayer notNull(@Nullable AhLayer ah) {
        if (ah == null) {
            throw new IllegalStateException("a member that is neither tunnel nor ESP is AH");
        }
        return ah;
    }

    @Override
    void fill(Work work, int seal) {
        Step step = sealing[seal];
        work.step = step.member.index;
        int end = work.ends[seal];
        if (step.esp != null) {
            step.esp.fillOut(work.packet, work.job, step.at, end, work.numbers[seal]);
        } else {
            notNull(step.ah)
                    .fillOut(
                            work.packet,
                            work.job,
                            step.ipAt,
                            step.member.family,
                            step.at,
                            step.carriedAt - step.at,
                            end,
                            work.numbers[seal]);
        }
    }

    @Override
    void count(Work work) {
        counted++;
    }

    @Override
    void settle(long fromSeconds, long toSeconds) {
        for (Step step : steps) {
            step.member.state.countUse(step.octets, counted, fromSeconds, toSeconds);
            step.octets = 0;
        }
        counted = 0;
    }
}
