package org.spigrp.it.live;

import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Plan} in the words of {@code ip xfrm}. Linux has no tunnel SA of its own: a tunnel and the member behind it are
 * one state in tunnel mode. A group is a policy with one template a state, from the inside out.
 */
final class Xfrm {
    private Xfrm() {}

    static List<String> lines(Plan plan, Plan.Side side) {
        var lines = new ArrayList<String>();
        Flow sent = plan.sentBy(side);
        Flow received = plan.receivedBy(side);
        states(sent, lines, 1);
        policy(sent, "out", lines, 1);
        states(received, lines, 101);
        policy(received, "in", lines, 101);
        policy(received, "fwd", lines, 101);
        return lines;
    }

    private static void states(Flow flow, List<String> lines, int firstRequest) {
        boolean tunnel = false;
        int request = firstRequest;
        for (Member member : flow.members()) {
            if (member.tunnel()) {
                tunnel = true;
                continue;
            }
            var line = new StringBuilder("ip xfrm state add src %s dst %s proto %s spi 0x%x mode %s reqid %d"
                    .formatted(
                            member.source(),
                            member.destination(),
                            member.protocol(),
                            member.spi(),
                            tunnel ? "tunnel" : "transport",
                            request));
            if (!member.protocol().equals("comp")) {
                line.append(" replay-window 64");
            }
            // RFC 4302 pads AH to 4 octets in IPv4, Linux to 8 unless it is told
            if (member.protocol().equals("ah") && !member.six()) {
                line.append(" flag align4");
            }
            line.append(' ').append(member.suite().xfrm(member.cipherKey(), member.integrityKey()));
            if (member.sourcePort() != 0) {
                line.append(" encap espinudp %d %d 0.0.0.0".formatted(member.sourcePort(), member.destinationPort()));
            }
            if (request == firstRequest && (!tunnel || member.six() != Flow.six(flow.from()))) {
                line.append(" sel src " + flow.from() + " dst " + flow.to());
            }
            lines.add(line.toString());
            tunnel = false;
            request++;
        }
    }

    private static void policy(Flow flow, String direction, List<String> lines, int firstRequest) {
        var line = new StringBuilder(
                "ip xfrm policy add src " + flow.from() + " dst " + flow.to() + " dir " + direction + " priority 100");
        String mode = "transport";
        int request = firstRequest;
        for (Member member : flow.members()) {
            if (member.tunnel()) {
                mode = "tunnel";
                continue;
            }
            line.append(" tmpl src %s dst %s proto %s mode %s reqid %d"
                    .formatted(member.source(), member.destination(), member.protocol(), mode, request++));
            // what did not get smaller comes without IPComp
            if (member.protocol().equals("comp") && !direction.equals("out")) {
                line.append(" level use");
            }
            mode = "transport";
        }
        lines.add(line.toString());
    }
}
