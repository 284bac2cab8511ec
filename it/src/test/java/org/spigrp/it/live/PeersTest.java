package org.spigrp.it.live;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spigrp.it.live.Plan.Side;

/**
 * The peers that are not ours, with each other: that their words for a plan mean the same. What fails here would be blamed on
 * the stack in other tests.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PeersTest {
    private static final String LINUX = "203.0.113.1";
    private static final String SCAPY = "203.0.113.129";
    private static final List<Integer> UNFRAGMENTED = List.of(0, 56, 1000);

    @TempDir
    private static Path job;

    private Field field;
    private LiveGuest guest;

    static List<Plan> plans() {
        String linuxNet = "10.3.0.0/16";
        String scapyNet = "10.6.0.0/16";
        return List.of(
                Plan.tunnel("tun esp=aes128gcm16", LINUX, SCAPY, linuxNet, scapyNet),
                Plan.tunnel("tun esp=chacha20poly1305", LINUX, SCAPY, linuxNet, scapyNet),
                Plan.tunnel("tun esp=aes256-sha256 ah=hmac-sha2-256-128", LINUX, SCAPY, linuxNet, scapyNet),
                Plan.tunnel("tun esp=aes128-sha256", LINUX, SCAPY, linuxNet, scapyNet)
                        .within("tun esp=aes128gcm16", LINUX, SCAPY),
                Plan.tunnel("tun esp=aes128gcm16", LINUX, SCAPY, "fd00:3::/32", "fd00:6::/32"),
                Plan.tunnel("tun esp=aes128gcm16", "2001:db8:3::1", "2001:db8:6::1", "fd00:3::/32", "fd00:6::/32"),
                Plan.transport("esp=aes128gcm16", LINUX, SCAPY),
                Plan.transport("esp=aes256-sha256 ah=hmac-sha1-96", LINUX, SCAPY));
    }

    @BeforeAll
    void boot() throws Exception {
        for (String missing : List.of(Field.missing(), LiveGuest.missing(), ScapyPeer.missing())) {
            assumeTrue(missing.isEmpty(), missing);
        }
        field = Field.of(Field.PUBLIC);
        guest = LiveGuest.boot(field.at("net"), "lin", Files.createDirectories(job.resolve("guest")));
        guest.configure(
                List.of(LINUX + "/26", "2001:db8:3::1/64"),
                "203.0.113.62",
                "2001:db8:3::fe",
                List.of("10.3.0.10/32", "fd00:3::10/128"));
    }

    @AfterAll
    void end() {
        if (guest != null) {
            guest.close();
        }
        if (field != null) {
            field.close();
        }
    }

    @ParameterizedTest
    @MethodSource("plans")
    void linux_and_scapy_understand_the_plan_alike(Plan plan) {
        guest.follow(plan, Side.WEST);
        String scapyEnd = inside(plan.eastNet(), SCAPY, "10.6.0.10", "fd00:6::10");
        String linuxEnd = inside(plan.westNet(), LINUX, "10.3.0.10", "fd00:3::10");
        try (ScapyPeer scapy = ScapyPeer.start(field.at("scapy"), plan, Side.EAST, scapyEnd, linuxEnd, job);
                Wire wire = Wire.tap(field.at("net"), "s", SCAPY)) {
            Traffic.pings(guest, "-I " + linuxEnd + " " + scapyEnd, UNFRAGMENTED);
            scapy.pings(3, UNFRAGMENTED);
            System.out.println(plan + ": " + wire.carriedOnlyGuardedPackets());
        }
    }

    private static String inside(String net, String host, String four, String six) {
        return net.equals(Plan.host(host)) ? host : net.contains(":") ? six : four;
    }
}
