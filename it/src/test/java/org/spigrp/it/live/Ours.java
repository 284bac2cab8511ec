package org.spigrp.it.live;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A {@link Plan} in the words of our own commands, for {@code ipsec -f}. */
final class Ours {
    private Ours() {}

    static List<String> lines(Plan plan, Plan.Side side) {
        var lines = new ArrayList<String>();
        Flow sent = plan.sentBy(side);
        lines.addAll(group(sent, "out"));
        lines.add("eroute --add " + selectors(sent));
        Flow received = plan.receivedBy(side);
        lines.addAll(group(received, "in"));
        if (received.tunnel()) {
            lines.add("eroute --addin " + selectors(received));
        }
        return lines;
    }

    /** New keys for what is sent; the old group stays for what is under way. */
    static List<String> replaceSent(Plan plan, Plan.Side side) {
        var lines = new ArrayList<>(group(plan.sentBy(side), "out"));
        lines.add("eroute --replace " + selectors(plan.sentBy(side)));
        return lines;
    }

    /** New keys for what is received, beside the old ones. */
    static List<String> addReceived(Plan plan, Plan.Side side) {
        var lines = new ArrayList<>(group(plan.receivedBy(side), "in"));
        if (plan.receivedBy(side).tunnel()) {
            lines.add("eroute --addin " + selectors(plan.receivedBy(side)));
        }
        return lines;
    }

    private static List<String> group(Flow flow, String direction) {
        var lines = flow.members().stream()
                .map(member -> spi(member) + " --direction " + direction)
                .collect(Collectors.toCollection(ArrayList::new));
        if (flow.members().size() > 1) {
            lines.add(
                    "spigrp --said " + flow.members().stream().map(Member::said).collect(Collectors.joining(" ")));
        }
        return lines;
    }

    private static String selectors(Flow flow) {
        return "--eraf " + (Flow.six(flow.from()) ? "inet6" : "inet") + " --src " + flow.from() + " --dst " + flow.to()
                + " --said " + flow.members().getFirst().said();
    }

    private static String spi(Member member) {
        String line = "spi --said " + member.said() + " --src " + member.source();
        return line
                + switch (member.protocol()) {
                    case "tun" -> " --dst " + member.destination() + (member.six() ? " --ip6" : " --ip4");
                    case "comp" -> " --comp " + member.suite().ours();
                    case "ah" -> " --ah " + member.suite().ours() + " --authkey 0x" + member.integrityKey();
                    case "esp" ->
                        " --esp " + member.suite().ours() + " --enckey 0x" + member.cipherKey()
                                + (member.integrityKey().isEmpty() ? "" : " --authkey 0x" + member.integrityKey())
                                + (member.sourcePort() == 0
                                        ? ""
                                        : " --natt nonesp --sport " + member.sourcePort() + " --dport "
                                                + member.destinationPort());
                    default -> throw new IllegalArgumentException(member.protocol());
                };
    }
}
