package org.spigrp.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.spigrp.wire.IpAddress;

/** A machine with one address, 192.0.2.4, and no name server. */
class TestHost implements Host {
    static final IpAddress OWN = IpAddress.v4(0xc0000204);

    private final Path files;

    TestHost(Path files) {
        this.files = files;
    }

    /** A world below {@code directory}: state and working directory. */
    static Environment environment(Path directory) {
        return environment(directory, new TestHost(directory));
    }

    static Environment environment(Path directory, Host host) {
        Map<String, String> variables = new HashMap<>();
        variables.put("IPSEC_STATE", directory.resolve("state").toString());
        return new Environment(
                variables,
                InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")),
                new Random(1),
                directory,
                null,
                host,
                Duration.ofMillis(50));
    }

    @Override
    public boolean isSuperuser() {
        return false;
    }

    @Override
    public boolean isWatched(int descriptor) {
        return false;
    }

    @Override
    public String name() {
        return "west";
    }

    @Override
    public List<IpAddress> addressesOf(String name) {
        return List.of();
    }

    @Override
    public List<IpAddress> localAddresses() {
        return List.of(OWN);
    }

    @Override
    public int mtuOf(String networkInterface) {
        return networkInterface.equals("eth1") ? 1500 : 0;
    }

    @Override
    public Path files() {
        return files;
    }
}
