package org.spigrp.it.live;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
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

/** Our gateway in the west and a real Linux kernel, or Scapy's IPsec layer, in the east; see {@link Field#PUBLIC}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KernelTest {
    private static final String WEST = "192.0.2.1";
    private static final String WEST6 = "2001:db8:1::1";
    private static final String LINUX = "203.0.113.1";
    private static final String LINUX6 = "2001:db8:3::1";
    private static final String SCAPY = "203.0.113.129";
    private static final String NET = "10.1.0.0/16";
    private static final String NET6 = "fd00:1::/32";
    private static final String LINUX_NET = "10.3.0.0/16";
    private static final String LINUX_NET6 = "fd00:3::/32";

    @TempDir
    private static Path job;

    private Field field;
    private Gateway west;
    private LiveGuest guest;

    static List<Plan> withLinux() {
        return List.of(
                Plan.tunnel("tun esp=aes128gcm16", WEST, LINUX, NET, LINUX_NET),
                Plan.tunnel("tun esp=chacha20poly1305", WEST, LINUX, NET, LINUX_NET),
                Plan.tunnel("tun esp=aes256-sha256 ah=hmac-sha2-256-128", WEST, LINUX, NET, LINUX_NET),
                Plan.tunnel("tun comp=deflate esp=aes128-sha256 ah=hmac-sha1-96", WEST, LINUX, NET, LINUX_NET),
                Plan.tunnel("tun esp=aes128-sha256", WEST, LINUX, NET, LINUX_NET)
                        .within("tun esp=aes128gcm16", WEST, LINUX),
                Plan.tunnel("tun esp/natt=aes128gcm16", WEST, LINUX, NET, LINUX_NET),
                Plan.tunnel("tun esp=aes128gcm16", WEST6, LINUX6, NET6, LINUX_NET6),
                Plan.tunnel("tun esp=aes128gcm16", WEST, LINUX, NET6, LINUX_NET6),
                Plan.tunnel("tun esp=aes128gcm16", WEST6, LINUX6, NET, LINUX_NET),
                Plan.transport("esp=aes128gcm16", WEST, LINUX),
                Plan.transport("esp=aes256-sha256 ah=hmac-sha1-96", WEST, LINUX),
                Plan.transport("esp=aes128gcm16", WEST6, LINUX6),
                Plan.transport("esp=aes128-sha256 ah=hmac-sha2-256-128", WEST6, LINUX6));
    }

    static List<Plan> withScapy() {
        return List.of(
                Plan.tunnel("tun esp=aes128gcm16", WEST, SCAPY, NET, "10.6.0.0/16"),
                Plan.tunnel("tun esp=aes256-sha256 ah=hmac-sha2-256-128", WEST, SCAPY, NET, "10.6.0.0/16"),
                Plan.transport("esp=aes256-sha256 ah=hmac-sha1-96", WEST, SCAPY));
    }

    @BeforeAll
    void make_the_field_and_boot_the_kernel() throws IOException {
        String missing = Field.missing() + LiveGuest.missing() + ScapyPeer.missing();
        assumeTrue(missing.isEmpty(), missing);
        field = Field.of(Field.PUBLIC);
        guest = LiveGuest.boot(field.at("net"), "lin", Files.createDirectories(job.resolve("guest")));
        guest.configure(
                List.of(LINUX + "/26", LINUX6 + "/64"),
                "203.0.113.62",
                "2001:db8:3::fe",
                List.of("10.3.0.10/32", "fd00:3::10/128"));
        west = Gateway.start(field.at("west"), Side.WEST, List.of(WEST, WEST6), job);
    }

    @AfterAll
    void end() {
        if (west != null) {
            west.close();
        }
        if (guest != null) {
            guest.close();
        }
        if (field != null) {
            field.close();
        }
    }

    @ParameterizedTest
    @MethodSource("withLinux")
    void a_linux_kernel_takes_our_packets_and_we_take_its(Plan plan) {
        boolean tunnel = plan.sentBy(Side.WEST).tunnel();
        boolean six = plan.eastNet().contains(":");
        Namespace host = field.at(tunnel ? "hostw" : "west");
        String ours =
                tunnel ? (six ? "fd00:1::10" : "10.1.0.10") : plan.westNet().replaceAll("/.*", "");
        String theirs =
                tunnel ? (six ? "fd00:3::10" : "10.3.0.10") : plan.eastNet().replaceAll("/.*", "");
        var watch = new Steps();
        if (plan.toString().contains("natt")) {
            takeEspInUdp();
        }
        try (Wire wire = Wire.tap(field.at("net"), "w", WEST)) {
            west.follow(plan);
            guest.follow(plan, Side.EAST);
            watch.done("groups");
            Traffic.pings(host, theirs, Traffic.FEW_SIZES);
            Traffic.pings(guest, "-I " + theirs + " " + ours, Traffic.FEW_SIZES);
            watch.done("pings");
            String speed = Traffic.tcp(guest, host, ours, "1M -B " + theirs);
            watch.done("TCP");
            Traffic.udp(guest, host, ours + " -B " + theirs, 1000, 200);
            watch.done("UDP");
            System.out.println("Linux, " + plan + ": " + wire.carriedOnlyGuardedPackets() + ", " + speed);
        } catch (AssertionError e) {
            throw new AssertionError(
                    e.getMessage() + "\nwest: " + west.log()
                            + west.ipsec("look").out() + "\nLinux: "
                            + guest.run("ip -s xfrm state; cat /proc/net/xfrm_stat")
                                    .out(),
                    e);
        } finally {
            west.forget(plan);
            guest.sh("ip xfrm state flush; ip xfrm policy flush");
        }
        System.out.println("    " + watch);
    }

    /** The kernel takes ESP in UDP only on a socket that somebody has opened and told so. */
    private void takeEspInUdp() {
        guest.sh("""
                /usr/bin/python3 -c "
                import os, socket, time
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.bind(('0.0.0.0', 4500))
                s.setsockopt(17, 100, 2)
                if os.fork():
                    os._exit(0)
                os.setsid()
                for f in (0, 1, 2):
                    os.close(f)
                time.sleep(600)
                "
                """);
    }

    @ParameterizedTest
    @MethodSource("withScapy")
    void scapy_takes_our_packets_and_we_take_its(Plan plan) {
        boolean tunnel = plan.sentBy(Side.WEST).tunnel();
        String ours = tunnel ? "10.1.0.10" : WEST;
        String theirs = tunnel ? "10.6.0.10" : SCAPY;
        west.follow(plan);
        try (ScapyPeer scapy = ScapyPeer.start(field.at("scapy"), plan, Side.EAST, theirs, ours, job);
                Wire wire = Wire.tap(field.at("net"), "s", SCAPY)) {
            Traffic.pings(field.at(tunnel ? "hostw" : "west"), theirs, List.of(0, 56, 1000));
            scapy.pings(3, List.of(0, 56, 1000));
            System.out.println("Scapy, " + plan + ": " + wire.carriedOnlyGuardedPackets());
        } catch (AssertionError e) {
            throw new AssertionError(
                    e.getMessage() + "\nwest: " + west.log()
                            + west.ipsec("look").out(),
                    e);
        } finally {
            west.forget(plan);
        }
    }
}
