package org.spigrp.it.live;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.spigrp.it.LinuxGuest;

/**
 * A real Linux kernel with IPsec as a live peer ({@code src/test/linux-guest/live.sh}): its card {@code vec0} is at the other
 * end of a TAP of the field. Shell commands run inside, with this machine's programs.
 */
final class LiveGuest implements Place, AutoCloseable {
    private static final Path SCRIPTS =
            Path.of(System.getProperty("spigrp.checkout"), "it", "src", "test", "linux-guest");

    private final Running guest;
    private int typed;

    private LiveGuest(Running guest) {
        this.guest = guest;
    }

    /** Why there can be no guest here, or an empty string if there can. */
    static String missing() throws IOException {
        return LinuxGuest.missing();
    }

    /** @param job a directory of its own, {@code /job} inside */
    static LiveGuest boot(Namespace space, String tap, Path job) {
        Field.here("bash '" + SCRIPTS.resolve("setup.sh") + "'").succeeds();
        var guest = new LiveGuest(Running.start(
                Map.of(),
                job,
                List.of("bash", SCRIPTS.resolve("live.sh").toString(), space.unique(), job.toString(), tap)));
        guest.guest.awaitLine("GUEST ready");
        return guest;
    }

    @Override
    public Ran run(String shell) {
        String mark = "END-OF-COMMAND-" + ++typed;
        int before = guest.out().length();
        guest.type("{ " + shell + "\n} < /dev/null 2>&1; echo; echo " + mark + " $?\n");
        String last = guest.awaitLine("^" + mark + " [0-9]+");
        String out = guest.out().substring(before);
        return new Ran(
                "in the guest: " + shell,
                Integer.parseInt(last.substring(mark.length() + 1).strip()),
                out.substring(0, out.lastIndexOf(mark)));
    }

    /** Gives it addresses, and a host behind it: an address of its own. */
    void configure(List<String> addresses, String gateway4, String gateway6, List<String> behind) {
        var script = new StringBuilder("""
                set -e
                cd /proc/sys/net
                echo 1 > ipv4/ip_forward
                echo 0 > ipv6/conf/vec0/accept_dad
                echo 0 > ipv4/icmp_ratelimit
                """);
        addresses.forEach(a -> script.append("ip addr add " + a + " dev vec0" + nodad(a) + "\n"));
        behind.forEach(a -> script.append("ip addr add " + a + " dev lo" + nodad(a) + "\n"));
        script.append(
                "ip link set vec0 up\nip route add default via " + gateway4 + "\nip route add default via " + gateway6);
        // a shell of its own, as "set -e" would end the guest's
        sh("( " + script + " )");
    }

    private static String nodad(String address) {
        return address.contains(":") ? " nodad" : "";
    }

    /** The plan, and nothing of a plan before it. */
    void follow(Plan plan, Plan.Side side) {
        sh("( set -e; ip xfrm state flush; ip xfrm policy flush\n" + String.join("\n", Xfrm.lines(plan, side)) + " )");
    }

    @Override
    public void close() {
        guest.close();
    }
}
