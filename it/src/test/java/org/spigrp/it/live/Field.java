package org.spigrp.it.live;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Namespaces of a network, made from a text and gone at the end. One line of the text is a cable, a TAP or a route:
 *
 * <pre>
 * NAMESPACE CARD ADDRESS... -- NAMESPACE CARD ADDRESS...
 * NAMESPACE CARD ADDRESS... -- tap
 * NAMESPACE: ROUTE
 * </pre>
 *
 * Everything forwards, no source address is refused, addresses are there at once, and no ICMP error is held back. Cards of
 * the same name may be in several namespaces.
 */
final class Field implements AutoCloseable {
    /** Several checkouts may be tested at a time; what a killed test of this one left is found by the name. */
    private static final String PREFIX =
            Path.of(System.getProperty("spigrp.checkout")).getFileName() + "-";

    private static final AtomicInteger MADE = new AtomicInteger();

    /**
     * The network of most scenarios. The public net would carry clear text gladly, so that what leaks is seen.
     *
     * <pre>
     *                                              net
     *   hostw -------- west --------------- w .254     .254 e --------------- east -------- hoste
     *   10.1.0.10      10.1.0.1 | 192.0.2.1  |  |  |        198.51.100.1 | 10.2.0.1    10.2.0.10
     *                                        |  |  |                       10.4.0.1
     *              a guest's TAP, lin .254 --+  |  +-- s .254                  |
     *                    |                      |      |                       |     inner gateway
     *              guest 203.0.113.1            |    scapy 203.0.113.129     inner 10.4.0.2 | 10.5.0.1 ----- hosti
     *                    10.3.0.10              |          10.6.0.10                                      10.5.0.10
     *                                           +-- a second TAP, lin2: guest2 203.0.113.65, 10.7.0.10
     * </pre>
     *
     * IPv6: 10.N.0.X is fd00:N::X, the public addresses are 2001:db8:N::1 (west 1, east 2, guest 3, scapy 6, guest2 7).
     */
    static final String PUBLIC = """
            hostw eth0 10.1.0.10/24 fd00:1::10/64 -- west eth1 10.1.0.1/24 fd00:1::1/64
            west eth0 192.0.2.1/24 2001:db8:1::1/64 -- net w 192.0.2.254/24 2001:db8:1::fe/64
            east eth0 198.51.100.1/24 2001:db8:2::1/64 -- net e 198.51.100.254/24 2001:db8:2::fe/64
            hoste eth0 10.2.0.10/24 fd00:2::10/64 -- east eth1 10.2.0.1/24 fd00:2::1/64
            inner eth0 10.4.0.2/24 fd00:4::2/64 -- east eth2 10.4.0.1/24 fd00:4::1/64
            hosti eth0 10.5.0.10/24 fd00:5::10/64 -- inner eth1 10.5.0.1/24 fd00:5::1/64
            net lin 203.0.113.62/26 2001:db8:3::fe/64 -- tap
            net lin2 203.0.113.126/26 2001:db8:7::fe/64 -- tap
            scapy eth0 203.0.113.129/25 2001:db8:6::1/64 10.6.0.10/32 -- net s 203.0.113.254/25 2001:db8:6::fe/64
            hostw: default via 10.1.0.1
            hostw: default via fd00:1::1
            west: default via 192.0.2.254
            west: default via 2001:db8:1::fe
            east: default via 198.51.100.254
            east: default via 2001:db8:2::fe
            east: 10.5.0.0/24 via 10.4.0.2
            hoste: default via 10.2.0.1
            hoste: default via fd00:2::1
            inner: default via 10.4.0.1
            inner: default via fd00:4::1
            hosti: default via 10.5.0.1
            hosti: default via fd00:5::1
            scapy: default via 203.0.113.254
            scapy: default via 2001:db8:6::fe
            net: 10.1.0.0/16 via 192.0.2.1
            net: fd00:1::/32 via 2001:db8:1::1
            net: 10.2.0.0/16 via 198.51.100.1
            net: fd00:2::/32 via 2001:db8:2::1
            net: 10.4.0.0/15 via 198.51.100.1
            net: 10.3.0.0/16 via 203.0.113.1
            net: fd00:3::/32 via 2001:db8:3::1
            net: 10.6.0.0/16 via 203.0.113.129
            net: 10.7.0.0/16 via 203.0.113.65
            net: fd00:7::/32 via 2001:db8:7::1
            """;

    private static final String SWITCHES = """
            cd /proc/sys/net
            echo 1 > ipv4/ip_forward
            echo 1 > ipv6/conf/all/forwarding
            for c in all default; do
                echo 0 > ipv4/conf/$c/rp_filter
                echo 0 > ipv6/conf/$c/accept_dad
                echo 0 > ipv6/conf/$c/accept_ra
                echo 0 > ipv4/conf/$c/send_redirects
            done
            echo 0 > ipv4/icmp_ratelimit
            echo 0 > ipv6/icmp/ratelimit
            """;

    private final String unique = unique();
    private final Map<String, Namespace> namespaces = new LinkedHashMap<>();
    private final Thread atExit = new Thread(this::destroy);

    private Field() {}

    private static String unique() {
        return PREFIX + ProcessHandle.current().pid() + "-" + MADE.incrementAndGet() + "-";
    }

    /** Why there can be no field here, or an empty string if there can. */
    static String missing() {
        for (String program : List.of("ip", "ping", "tcpdump", "iperf3")) {
            if (here("command -v " + program).exit() != 0) {
                return program + " is not installed; ./check installs it as root on Debian";
            }
        }
        String name = unique() + "try";
        Ran ran = here("ip netns add " + name + " && ip -n " + name + " tuntap add dev try mode tap; e=$?;"
                + "ip netns del " + name + " 2> /dev/null; exit $e");
        return ran.exit() == 0 ? "" : "network namespaces with TAP devices cannot be made here: " + ran.out();
    }

    /** Where there can be none, the test is skipped and says why. */
    static Field of(String text) {
        String missing = missing();
        assumeTrue(missing.isEmpty(), missing);
        sweep();
        var field = new Field();
        Runtime.getRuntime().addShutdownHook(field.atExit);
        field.make(text);
        return field;
    }

    /** What tests of this checkout that were killed left behind. */
    private static void sweep() {
        try (var names = Files.newDirectoryStream(Path.of("/run/netns"), PREFIX + "*")) {
            for (Path path : names) {
                String name = path.getFileName().toString();
                String pid = name.substring(PREFIX.length()).replaceAll("-.*", "");
                if (pid.matches("[0-9]{1,9}")
                        && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
                    here("ip netns pids " + name + " | xargs -r kill -9; ip netns del " + name);
                }
            }
        } catch (IOException e) {
            // there was never a namespace here
        }
    }

    private void make(String text) {
        var links = new StringBuilder();
        var inside = new LinkedHashMap<Namespace, List<String>>();
        for (String line : text.lines().toList()) {
            if (line.contains(": ")) {
                String route = line.substring(line.indexOf(": ") + 2);
                String space = line.substring(0, line.indexOf(": "));
                String family = line.indexOf(':') != line.lastIndexOf(':') ? "-6 " : "";
                inside.computeIfAbsent(namespace(space), _ -> new ArrayList<>())
                        .add("ip " + family + "route add " + route);
                continue;
            }
            String[] ends = line.split(" -- ", 2);
            String[] left = ends[0].split(" ", -1);
            if (ends[1].equals("tap")) {
                inside.computeIfAbsent(namespace(left[0]), _ -> new ArrayList<>())
                        .add("ip tuntap add dev " + left[1] + " mode tap");
                card(left, inside);
                continue;
            }
            String[] right = ends[1].split(" ", -1);
            links.append("link add %s netns %s type veth peer name %s netns %s%n"
                    .formatted(
                            left[1],
                            namespace(left[0]).unique(),
                            right[1],
                            namespace(right[0]).unique()));
            card(left, inside);
            card(right, inside);
        }
        var made = new StringBuilder("set -e\n");
        namespaces.values().forEach(space -> made.append("ip netns add " + space.unique() + "\n"));
        made.append("ip -batch - << 'END'\n").append(links).append("END\n");
        here(made.toString()).succeeds();
        // routes at last: they need the cards of the neighbours
        inside.forEach((space, lines) -> {
            lines.sort((a, b) -> Boolean.compare(a.contains("route add"), b.contains("route add")));
            space.sh("set -e\n" + SWITCHES + "ip link set lo up\n" + String.join("\n", lines));
        });
    }

    private void card(String[] words, Map<Namespace, List<String>> inside) {
        List<String> lines = inside.computeIfAbsent(namespace(words[0]), _ -> new ArrayList<>());
        for (int i = 2; i < words.length; i++) {
            lines.add("ip addr add " + words[i] + " dev " + words[1] + (words[i].contains(":") ? " nodad" : ""));
        }
        lines.add("ip link set dev " + words[1] + " up");
    }

    private Namespace namespace(String name) {
        return namespaces.computeIfAbsent(name, _ -> new Namespace(name, unique + name));
    }

    Namespace at(String name) {
        Namespace found = namespaces.get(name);
        if (found == null) {
            throw new AssertionError("no namespace " + name + " in this field");
        }
        return found;
    }

    /** Runs a command of this machine outside of the field. */
    static Ran here(String shell) {
        return Running.start(Map.of(), Path.of("/"), List.of("sh", "-c", shell)).end();
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        destroy();
    }

    private void destroy() {
        var script = new StringBuilder();
        for (Namespace space : namespaces.values()) {
            script.append("ip netns pids %1$s | xargs -r kill -9; ip netns del %1$s%n".formatted(space.unique()));
        }
        here(script.toString());
    }
}
