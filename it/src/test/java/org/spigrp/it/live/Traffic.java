package org.spigrp.it.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What scenarios send from a place to an address. */
final class Traffic {
    /** From nothing to the largest datagram, and around the places where something is fragmented. */
    static final List<Integer> SIZES = List.of(
            0, 1, 56, 90, 1000, 1300, 1372, 1390, 1400, 1410, 1420, 1430, 1440, 1450, 1460, 1472, 1473, 1480, 1500,
            2900, 4000, 20000, 65000, 65507);

    static final List<Integer> FEW_SIZES = List.of(0, 56, 1372, 1472, 1500, 4000, 20000, 65000);

    private static final int PORT = 5201;

    private Traffic() {}

    /**
     * One ping of each size is answered; the payload carries {@link Wire#MARKER}. Of each size three may be tried: where
     * the path is narrower than the hosts knew, the first only teaches the one, and the second the other.
     */
    static void pings(Place from, String to, List<Integer> sizes) {
        String all = sizes.stream().map(String::valueOf).collect(Collectors.joining(" "));
        String ping = "ping -c 1 -p " + Wire.MARKER + " -s $s ";
        String out = from.sh("for s in " + all + "; do " + ping + "-W 1 " + to + " > /dev/null || " + ping + "-W 1 "
                + to + " > /dev/null || " + ping + "-W 10 " + to + " > /dev/null || echo no answer to $s octets; done");
        assertThat(out.strip()).as("pings to %s", to).isEmpty();
    }

    /** Nobody answers: what is sent is lost or refused on the way. */
    static void unanswered(Place from, String to) {
        Ran ran = from.run("ping -c 5 -i 0.05 -W 1 -p " + Wire.MARKER + " " + to);
        assertThat(ran.out()).as("pings to %s", to).contains(" 0 received");
    }

    /** A stream each way arrives whole. Returns Mb/s, there and back. */
    static String tcp(Place client, Namespace server, String address, String octets) {
        JsonNode there = iperf(client, server, address, "-n " + octets);
        JsonNode back = iperf(client, server, address, "-R -n " + octets);
        return "TCP %.0f and %.0f Mb/s"
                .formatted(
                        there.at("/end/sum_received/bits_per_second").asDouble() / 1e6,
                        back.at("/end/sum_received/bits_per_second").asDouble() / 1e6);
    }

    /** Datagrams of this size arrive, and none is lost at a rate that any machine can do. */
    static void udp(Place client, Namespace server, String address, int size, int count) {
        for (String way : List.of("", "-R ")) {
            JsonNode said = iperf(client, server, address, way + "-u -b 10M -l " + size + " -k " + count);
            JsonNode end = said.at("/end/sum");
            assertThat(end.at("/packets").asInt())
                    .as("packets %s: %s", way, said)
                    .isGreaterThanOrEqualTo(count / 2);
            assertThat(end.at("/lost_packets").asInt()).as("lost %s", way).isZero();
        }
    }

    /** What iperf3's client says, as JSON. */
    static JsonNode iperf(Place client, Namespace server, String address, String options) {
        try (Running listening = server.start("exec iperf3 -s -1 --forceflush -p " + PORT)) {
            listening.awaitLine("^Server listening");
            String out = client.sh("iperf3 -c " + address + " -p " + PORT + " -J " + options);
            listening.end().succeeds();
            return new ObjectMapper().readTree(out.substring(out.indexOf('{'))); // warnings come before
        }
    }
}
