package org.spigrp.command;

import java.util.List;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Selector.PortRange;
import org.spigrp.wire.IpProtocol;
import org.spigrp.wire.NameResolver;
import org.spigrp.wire.Prefix;
import org.spigrp.wire.SubnetText;

/** A selector as the members of an object: in listings, and where changes name one. */
final class SelectorJson {
    private static final int LAST_PROTOCOL = 255;
    private static final int LAST_PORT = 65_535;

    private SelectorJson() {}

    static void write(Json json, Selector selector) {
        json.member("source", selector.source().toString());
        json.member("destination", selector.destination().toString());
        if (selector.protocol() != Selector.ANY_PROTOCOL) {
            json.member("protocol", selector.protocol());
        }
        boolean icmp = isIcmp(selector.protocol());
        write(json, icmp ? "icmp_type" : "source_port", selector.sourcePorts());
        write(json, icmp ? "icmp_code" : "destination_port", selector.destinationPorts());
    }

    private static boolean isIcmp(int protocol) {
        return protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6;
    }

    private static void write(Json json, String name, PortRange ports) {
        if (ports.isAny()) {
            return;
        }
        if (ports.first() == ports.last()) {
            json.member(name, ports.first());
        } else {
            json.array(name).value(ports.first()).value(ports.last()).end();
        }
    }

    static Selector read(JsonFields fields) {
        Prefix source = prefix(fields, "source");
        Prefix destination = prefix(fields, "destination");
        if (source.family() != destination.family()) {
            throw new JsonFields.Wrong(
                    "source " + source + " and destination " + destination + " are of different families");
        }
        int protocol = (int) fields.number("protocol", LAST_PROTOCOL, Selector.ANY_PROTOCOL);
        boolean icmp = isIcmp(protocol);
        return new Selector(
                source,
                destination,
                protocol,
                ports(fields, icmp ? "icmp_type" : "source_port"),
                ports(fields, icmp ? "icmp_code" : "destination_port"));
    }

    private static Prefix prefix(JsonFields fields, String name) {
        SubnetText.Subnet subnet = JsonFields.good(name, SubnetText.parse(fields.text(name), null, NameResolver.NONE));
        if (subnet.port().isPresent()) {
            throw new JsonFields.Wrong("'" + name + "' must be ADDRESS/BITS: ports have members of their own");
        }
        return subnet.prefix();
    }

    private static PortRange ports(JsonFields fields, String name) {
        JsonValue value = fields.optional(name);
        if (value == null) {
            return PortRange.ANY;
        }
        if (value instanceof JsonValue.Arr(List<JsonValue> ends)) {
            if (ends.size() != 2) {
                throw new JsonFields.Wrong("'" + name + "' must be one number, or the first and the last of a range");
            }
            int first = (int) JsonFields.number(name, ends.getFirst(), LAST_PORT);
            int last = (int) JsonFields.number(name, ends.getLast(), LAST_PORT);
            if (last < first) {
                throw new JsonFields.Wrong("'" + name + "': the range ends before it begins");
            }
            return new PortRange(first, last);
        }
        return PortRange.of((int) JsonFields.number(name, value, LAST_PORT));
    }
}
