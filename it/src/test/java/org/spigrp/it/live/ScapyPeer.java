package org.spigrp.it.live;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Scapy's IPsec layer in a namespace ({@code src/test/scapy/peer.py}): answers pings, and pings. It is no host else. */
final class ScapyPeer implements AutoCloseable {
    private static final Path SCRIPT =
            Path.of(System.getProperty("spigrp.checkout"), "it", "src", "test", "scapy", "peer.py");

    private final Running python;

    private ScapyPeer(Running python) {
        this.python = python;
    }

    /** Why there can be none here, or an empty string if there can. */
    static String missing() {
        return Field.here("/usr/bin/python3 -c 'import scapy.layers.ipsec'").exit() == 0
                ? ""
                : "python3-scapy is not installed; ./check installs it as root on Debian";
    }

    /**
     * @param here its own end of the pings
     * @param there the other end
     * @param job a directory of its own
     */
    static ScapyPeer start(Namespace space, Plan plan, Plan.Side side, String here, String there, Path job) {
        Path file = job.resolve("plan.json");
        String json = "{\"sent\": " + json(plan.sentBy(side)) + ", \"received\": " + json(plan.receivedBy(side))
                + ", \"here\": \"" + here + "\", \"there\": \"" + there + "\"}";
        try {
            Files.writeString(file, json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var peer = new ScapyPeer(space.start("exec /usr/bin/python3 -B '" + SCRIPT + "' '" + file + "'"));
        peer.python.awaitLine("^ready$");
        return peer;
    }

    private static String json(Flow flow) {
        return flow.members().stream()
                .map(member -> """
                        {"proto": "%s", "spi": %d, "src": "%s", "dst": "%s", "enc": "%s", "enc_key": "%s", "auth": "%s", \
                        "auth_key": "%s"}""".formatted(
                                member.protocol(),
                                member.spi(),
                                member.source(),
                                member.destination(),
                                member.suite().scapyCipher(),
                                member.cipherKey(),
                                member.suite().scapyIntegrity(),
                                member.integrityKey()))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /** Pings the other end so many times, one after the other. */
    void pings(int count, List<Integer> sizes) {
        for (int size : sizes) {
            python.type("ping " + size + " " + count + "\n");
            String said = python.awaitLine("^answered|^refused");
            if (!said.equals("answered " + count + " of " + count)) {
                throw new AssertionError(size + " octets: " + python.out());
            }
        }
    }

    @Override
    public void close() {
        python.close();
    }
}
