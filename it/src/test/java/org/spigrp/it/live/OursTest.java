package org.spigrp.it.live;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.spigrp.it.live.Plan.Side;

/** Two of our gateways, hostw - west - net - east - hoste (see {@link Field#PUBLIC}), with one group after the other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OursTest {
    private static final String WEST = "192.0.2.1";
    private static final String EAST = "198.51.100.1";
    private static final String WEST6 = "2001:db8:1::1";
    private static final String EAST6 = "2001:db8:2::1";

    @TempDir
    private static Path job;

    private Field field;
    private Gateway west;
    private Gateway east;

    static List<Plan> plans() {
        String west = "10.1.0.0/16";
        String east = "10.2.0.0/16";
        String west6 = "fd00:1::/32";
        String east6 = "fd00:2::/32";
        return List.of(
                Plan.tunnel("tun esp=aes128gcm16", WEST, EAST, west, east),
                Plan.tunnel("tun", WEST, EAST, west, east),
                Plan.tunnel("tun esp=chacha20poly1305", WEST, EAST, west, east),
                Plan.tunnel("tun esp=aes256-sha256", WEST, EAST, west, east),
                Plan.tunnel("tun esp=aes128gcm16 ah=hmac-sha2-256-128", WEST, EAST, west, east),
                Plan.tunnel("tun comp=deflate esp=aes128-sha256 ah=hmac-sha1-96", WEST, EAST, west, east),
                Plan.tunnel("tun esp=aes128gcm16", WEST6, EAST6, west6, east6),
                Plan.tunnel("tun esp=aes128gcm16", WEST, EAST, west6, east6),
                Plan.tunnel("tun esp=aes128gcm16", WEST6, EAST6, west, east),
                Plan.transport("esp=aes128gcm16", WEST, EAST),
                Plan.transport("esp=aes256-sha256 ah=hmac-sha1-96", WEST, EAST),
                Plan.transport("esp=aes256-sha256 ah=hmac-sha1-96", WEST6, EAST6));
    }

    @BeforeAll
    void make_the_field() {
        field = Field.of(Field.PUBLIC);
        west = Gateway.start(field.at("west"), Side.WEST, List.of(WEST, WEST6), job);
        east = Gateway.start(field.at("east"), Side.EAST, List.of(EAST, EAST6), job);
    }

    @AfterAll
    void destroy_the_field() {
        if (field != null) {
            west.close();
            east.close();
            field.close();
        }
    }

    @ParameterizedTest
    @MethodSource("plans")
    void traffic_of_all_kinds_flows_through_the_group_and_nothing_in_clear(Plan plan) {
        boolean tunnel = plan.sentBy(Side.WEST).tunnel();
        boolean six = plan.eastNet().contains(":");
        Namespace here = field.at(tunnel ? "hostw" : "west");
        Namespace there = field.at(tunnel ? "hoste" : "east");
        String to = tunnel ? (six ? "fd00:2::10" : "10.2.0.10") : plan.eastNet().replaceAll("/.*", "");
        String back =
                tunnel ? (six ? "fd00:1::10" : "10.1.0.10") : plan.westNet().replaceAll("/.*", "");
        for (Namespace host : List.of(here, there)) {
            host.sh("ip route flush cache; ip -6 route flush cache"); // what the plan before taught of the path
        }
        var watch = new Steps();
        west.follow(plan);
        east.follow(plan);
        watch.done("groups");
        try (Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
            Traffic.pings(here, to, tunnel ? Traffic.SIZES : Traffic.SIZES.subList(0, Traffic.SIZES.size() - 1));
            watch.done("pings");
            String speed = Traffic.tcp(here, there, to, "4M");
            watch.done("TCP");
            Traffic.pings(
                    there, back, List.of(1472, 1400)); // teaches the path: for UDP a datagram too long is an error
            Traffic.udp(here, there, to, 1400, 300);
            watch.done("UDP");
            String passed = plan.protects() ? wire.carriedOnlyGuardedPackets() : wire.seen();
            System.out.println(plan + ": " + passed + ", " + speed);
        } catch (AssertionError e) {
            throw new AssertionError(
                    e.getMessage() + "\nwest: " + west.log()
                            + west.ipsec("look").out() + "\neast: " + east.log()
                            + east.ipsec("look").out(),
                    e);
        } finally {
            west.forget(plan);
            east.forget(plan);
        }
        watch.done("cleared");
        System.out.println("    " + watch);
    }
}
