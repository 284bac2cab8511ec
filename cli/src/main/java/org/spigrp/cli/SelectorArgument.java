package org.spigrp.cli;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.wire.Family;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.SubnetText;

/** {@code --src}, {@code --dst}, protocol and ports of {@code eroute}: what a packet must look like. */
final class SelectorArgument {
    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int DCCP = 33;
    private static final int ICMPV6 = 58;
    private static final int SCTP = 132;
    private static final int UDPLITE = 136;

    private SelectorArgument() {}

    static Selector parse(Given given, String action, Call call) {
        String eraf = given.text("eraf");
        Family family = eraf == null ? null : SaArgument.family("--eraf", eraf);
        SubnetText.Subnet source = subnet("src", given, family, action, call);
        SubnetText.Subnet destination = subnet("dst", given, family, action, call);
        if (source.prefix().family() != destination.prefix().family()) {
            throw new Refusal("--src " + source.prefix() + " is of family "
                    + source.prefix().family().text() + " and --dst " + destination.prefix() + " of family "
                    + destination.prefix().family().text() + ": both must be of one");
        }
        String protocolText = given.text("transport-proto");
        int protocol =
                protocolText == null ? Selector.ANY_PROTOCOL : new Services(call.environment()).protocol(protocolText);
        boolean icmp = protocol == ICMP || protocol == ICMPV6;
        PortRange sourcePorts = ports("src", given, source.port(), protocol, call);
        PortRange destinationPorts = ports("dst", given, destination.port(), protocol, call);
        if (given.has("icmp-type") || given.has("icmp-code")) {
            if (!icmp) {
                throw new Refusal("--icmp-type and --icmp-code need --transport-proto icmp or ipv6-icmp");
            }
            if (given.has("icmp-code") && !given.has("icmp-type")) {
                throw new Refusal("--icmp-code " + given.text("icmp-code") + " has a meaning for one --icmp-type only:"
                        + " give that too");
            }
            sourcePorts = octets("icmp-type", given);
            destinationPorts = octets("icmp-code", given);
        }
        return new Selector(source.prefix(), destination.prefix(), protocol, sourcePorts, destinationPorts);
    }

    private static SubnetText.Subnet subnet(
            String option, Given given, @Nullable Family family, String action, Call call) {
        String text = given.text(option);
        if (text == null) {
            throw new Refusal("--" + action + " needs --" + option + " NET (ADDR/BITS, or %default)");
        }
        return switch (SubnetText.parse(text, family, call.names())) {
            case Parsed.Bad<SubnetText.Subnet>(String why) ->
                throw new Refusal("--" + option + ": " + call.names().explain(why));
            case Parsed.Ok<SubnetText.Subnet>(SubnetText.Subnet subnet) -> {
                if (family != null) {
                    SaArgument.requireFamily(family, subnet.prefix().family(), "--" + option + " " + text);
                }
                yield subnet;
            }
        };
    }

    private static boolean hasPorts(int protocol) {
        return switch (protocol) {
            case TCP, UDP, DCCP, SCTP, UDPLITE -> true;
            default -> false;
        };
    }

    /** Port 0 stands for any, as it always did. */
    private static PortRange ports(String side, Given given, OptionalInt inNet, int protocol, Call call) {
        String option = side + "-port";
        String text = given.text(option);
        if (text == null && inNet.isEmpty()) {
            return PortRange.ANY;
        }
        if (!hasPorts(protocol)) {
            throw new Refusal((text == null ? "the port in --" + side : "--" + option)
                    + " needs a protocol that has ports: give --transport-proto tcp, udp, udplite, sctp or dccp");
        }
        PortRange range = text == null ? null : new Services(call.environment()).ports("--" + option, text);
        if (inNet.isEmpty()) {
            return java.util.Objects.requireNonNull(range);
        }
        PortRange written = inNet.getAsInt() == 0 ? PortRange.ANY : PortRange.of(inNet.getAsInt());
        if (range != null && !range.equals(written)) {
            throw new Refusal(
                    "--" + option + " " + text + " and the port " + inNet.getAsInt() + " in --" + side + " differ");
        }
        return written;
    }

    private static PortRange octets(String option, Given given) {
        String text = given.text(option);
        if (text == null) {
            return PortRange.ANY;
        }
        int dash = text.indexOf('-');
        int first = (int) Given.number("--" + option, dash < 0 ? text : text.substring(0, dash), 0, 255);
        int last = dash < 0 ? first : (int) Given.number("--" + option, text.substring(dash + 1), 0, 255);
        if (last < first) {
            throw new Refusal("--" + option + " " + text + ": the range ends before it begins");
        }
        return new PortRange(first, last);
    }
}
