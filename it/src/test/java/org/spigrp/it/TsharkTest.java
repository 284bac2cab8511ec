package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.spigrp.engine.capture.Tap;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/** tshark as a peer: it reads the pcapng that we write, and opens the ESP in it. */
class TsharkTest {
    private static final Path SAMPLE = Path.of("..", "captures", "fragments-ipv4.pcap");
    private static final int PACKETS = 53;
    private static final String KEY32 = "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    @TempDir
    private Path directory;

    @BeforeEach
    void tshark_is_here() {
        Assumptions.assumeTrue(
                Files.exists(Path.of("/usr/bin/tshark")) && Files.exists(Path.of("/usr/bin/editcap")),
                "tshark is not here: install the package tshark");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        aes128-sha256 | 16 | AES-CBC [RFC3602]       | 32 | HMAC-SHA-256-128 [RFC4868]
        aes256-sha1   | 32 | AES-CBC [RFC3602]       | 20 | HMAC-SHA-1-96 [RFC2404]
        3des-md5-96   | 24 | TripleDES-CBC [RFC2451] | 16 | HMAC-MD5-96 [RFC2403]
        null-sha256   | 0  | NULL                    | 32 | HMAC-SHA-256-128 [RFC4868]
        """)
    void what_we_protect_has_good_icvs_and_the_clear_packets_inside(
            String suite, int encryptionOctets, String encryption, int integrityOctets, String integrity)
            throws IOException, InterruptedException {
        String enckey = KEY32.substring(0, 2 + 2 * encryptionOctets);
        String authkey = KEY32.substring(0, 2 + 2 * integrityOctets);
        var shell = new Shell(directory);
        shell.ipsec("spi --said tun0x100@192.0.2.2 --src 192.0.2.1 --dst 192.0.2.2 --ip4");
        shell.ipsec("spi --said esp0x101@192.0.2.2 --src 192.0.2.1 --esp " + suite
                + (encryptionOctets == 0 ? "" : " --enckey " + enckey) + " --authkey " + authkey);
        shell.ipsec("spigrp --said tun0x100@192.0.2.2 esp0x101@192.0.2.2");
        shell.ipsec("eroute --add --eraf inet --src 0.0.0.0/0 --dst 0.0.0.0/0 --said tun0x100@192.0.2.2");
        run(List.of("/usr/bin/editcap", "-F", "pcapng", SAMPLE.toAbsolutePath().toString(), "clear.pcapng"));
        shell.ipsec("pcap clear.pcapng protected.pcapng");

        List<String> seen = run(List.of(
                "/usr/bin/tshark",
                "-r",
                "protected.pcapng",
                "-o",
                "esp.enable_encryption_decode:TRUE",
                "-o",
                "esp.enable_authentication_check:TRUE",
                "-o",
                "uat:esp_sa:\"IPv4\",\"*\",\"*\",\"0x00000101\",\"" + encryption + "\",\""
                        + (encryptionOctets == 0 ? "" : enckey) + "\",\"" + integrity + "\",\"" + authkey + "\"",
                "-T",
                "fields",
                "-e",
                "esp.icv_good",
                "-e",
                "ip.src"));
        assertThat(seen)
                .hasSize(PACKETS)
                .allSatisfy(line -> assertThat(line).matches("1\t192\\.0\\.2\\.1,10\\.118\\.213\\.21[12]"));
    }

    @Test
    void the_pcapng_we_write_keeps_the_times_that_tshark_saw_before() throws IOException, InterruptedException {
        run(List.of("/usr/bin/editcap", "-F", "pcapng", SAMPLE.toAbsolutePath().toString(), "clear.pcapng"));
        new Shell(directory).ipsec("pcap clear.pcapng passed.pcapng");
        assertThat(times("passed.pcapng")).hasSize(PACKETS).isEqualTo(times("clear.pcapng"));
    }

    @Test
    void what_a_tap_writes_has_interfaces_directions_times_and_comments() throws IOException, InterruptedException {
        try (Tap tap = Tap.create(directory.resolve("tap.pcapng"))) {
            int clear = tap.addInterface("ipsec0 (clear)");
            int sealed = tap.addInterface("eth0 (protected)");
            byte[] ip = HexFormat.of().parseHex("4500001500000000403b00000a0000010a00000207");
            tap.packet(clear, false, Packet.of(ip), 1_700_000_000_123_456_789L, null);
            String good = Tap.comment(Verdict.PROTECTED, "tun0x113@192.0.2.2", 0);
            tap.packet(sealed, true, Packet.of(ip), 1_700_000_000_123_456_790L, good);
            String bad = Tap.comment(Verdict.BAD_ICV, "esp0x115@192.0.2.2", 1);
            tap.packet(sealed, false, Packet.of(ip), 1_700_000_001_000_000_000L, bad);
        }
        List<String> seen = run(List.of(
                "/usr/bin/tshark",
                "-r",
                "tap.pcapng",
                "-T",
                "fields",
                "-E",
                "separator=|",
                "-e",
                "frame.interface_name",
                "-e",
                "frame.packet_flags_direction",
                "-e",
                "frame.time_epoch",
                "-e",
                "frame.comment",
                "-e",
                "ip.dst"));
        assertThat(seen)
                .containsExactly(
                        "ipsec0 (clear)|0x00000001|1700000000.123456789||10.0.0.2",
                        "eth0 (protected)|0x00000002|1700000000.123456790|tun0x113@192.0.2.2 PROTECTED|10.0.0.2",
                        "eth0 (protected)|0x00000001|1700000001.000000000|BAD_ICV at esp0x115@192.0.2.2, layer 1|10.0.0.2");
    }

    private List<String> times(String file) throws IOException, InterruptedException {
        return run(List.of(
                "/usr/bin/tshark",
                "-r",
                file,
                "-T",
                "fields",
                "-e",
                "frame.time_epoch",
                "-e",
                "eth.src",
                "-e",
                "ip.id"));
    }

    /** The lines of stdout. */
    private List<String> run(List<String> words) throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        process.getOutputStream().close();
        assertThat(process.waitFor()).as(Files.readString(err)).isZero();
        return Files.readAllLines(out);
    }
}
