package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.spigrp.it.Shell.Ran;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code ipsec pcap} from end to end: captures go in and come out, and what is said about them is true. */
class PcapTest {
    private static final String KEYS = " --enckey 0x000102030405060708090a0b0c0d0e0f"
            + " --authkey 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    @TempDir
    private Path directory;

    private Shell shell = new Shell(Path.of(""));

    @BeforeEach
    void a_host_with_a_group_of_two_for_ten_eight() {
        shell = new Shell(directory);
        group(shell);
    }

    private static void group(Shell shell) {
        shell.ipsec("spi --said tun0x100@192.0.2.2 --src 192.0.2.1 --dst 192.0.2.2 --ip4");
        shell.ipsec("spi --said esp0x101@192.0.2.2 --src 192.0.2.1 --esp aes128-sha256" + KEYS);
        shell.ipsec("spigrp --said tun0x100@192.0.2.2 esp0x101@192.0.2.2");
        shell.ipsec("eroute --add --eraf inet --src 10.0.0.0/8 --dst 0.0.0.0/0 --said tun0x100@192.0.2.2");
        shell.ipsec("eroute --addin --eraf inet --src 10.0.0.0/8 --dst 0.0.0.0/0 --said tun0x100@192.0.2.2");
    }

    @Test
    void a_capture_is_protected_and_peeled_and_every_packet_is_back() throws IOException {
        List<byte[]> clear = packets(40);
        RawPcap.write(shell.file("clear.pcap"), clear);
        Ran protecting = shell.ipsec("pcap clear.pcap protected.pcap");
        assertThat(protecting.out())
                .contains("read       40 packets", "protected  40", "written    40 packets to protected.pcap");
        List<byte[]> guarded = RawPcap.read(shell.file("protected.pcap"));
        assertThat(guarded)
                .hasSize(40)
                .allSatisfy(packet -> assertThat(packet[9]).isEqualTo((byte) 50));
        Ran peeling = shell.ipsec("pcap protected.pcap peeled.pcap");
        assertThat(peeling.out()).contains("peeled     40");
        assertThat(hex(RawPcap.read(shell.file("peeled.pcap")))).isEqualTo(hex(clear));
    }

    @Test
    void of_a_longer_file_that_was_there_nothing_is_left() throws IOException {
        RawPcap.write(shell.file("none.pcap"), List.of());
        RawPcap.write(shell.file("clear.pcap"), packets(40));
        Files.write(shell.file("out.pcap"), new byte[3_000_000]);
        shell.ipsec("pcap clear.pcap out.pcap");
        assertThat(RawPcap.read(shell.file("out.pcap"))).hasSize(40);
        shell.ipsec("pcap none.pcap out.pcap");
        assertThat(shell.file("out.pcap")).hasSize(24);
    }

    /** With the same randomness, as IVs differ from run to run else. */
    @Test
    void any_number_of_workers_writes_the_same_octets() throws IOException {
        List<byte[]> clear = sized(700, 1200);
        byte[] protectedByOne = {};
        for (int workers : new int[] {1, 3}) {
            Path place = Files.createDirectory(directory.resolve("workers" + workers));
            var host = new Shell(place, Map.of(), null, new Random(7));
            group(host);
            RawPcap.write(host.file("clear.pcap"), clear);
            host.ipsec("pcap clear.pcap protected.pcap --workers " + workers);
            host.ipsec("pcap protected.pcap peeled.pcap --workers " + workers);
            assertThat(hex(RawPcap.read(host.file("peeled.pcap")))).isEqualTo(hex(clear));
            byte[] sealed = Files.readAllBytes(host.file("protected.pcap"));
            assertThat(sealed).hasSizeGreaterThan(700 * 1200);
            protectedByOne = workers == 1 ? sealed : protectedByOne;
            assertThat(sealed).isEqualTo(protectedByOne);
        }
    }

    @Test
    void a_second_pass_over_a_peeled_capture_is_told_plainly_and_fresh_windows_help() throws IOException {
        List<byte[]> clear = packets(70);
        RawPcap.write(shell.file("clear.pcap"), clear);
        shell.ipsec("pcap clear.pcap protected.pcap");
        shell.ipsec("pcap protected.pcap peeled.pcap");
        Ran again = shell.ipsec("pcap protected.pcap again.pcap");
        assertThat(again.out()).contains("dropped    70", "70 REPLAYED", "peeled already?", "--windows fresh");
        assertThat(RawPcap.read(shell.file("again.pcap"))).isEmpty();
        Ran fresh = shell.ipsec("pcap protected.pcap fresh.pcap --windows fresh");
        assertThat(fresh.out()).contains("peeled     70");
        assertThat(hex(RawPcap.read(shell.file("fresh.pcap")))).isEqualTo(hex(clear));
        assertThat(shell.ipsec("pcap protected.pcap again.pcap").out())
                .as("nothing was stored")
                .contains("70 REPLAYED");
    }

    @Test
    void what_nothing_concerns_passes_or_is_dropped_as_asked() throws IOException {
        byte[] stranger = packet(0x0b000001, 0x0b000002, 30);
        RawPcap.write(shell.file("clear.pcap"), List.of(stranger));
        assertThat(shell.ipsec("pcap clear.pcap out.pcap").out()).contains("passed     1");
        assertThat(hex(RawPcap.read(shell.file("out.pcap"))))
                .containsExactly(HexFormat.of().formatHex(stranger));
        assertThat(shell.ipsec("pcap clear.pcap out.pcap --unmatched drop").out())
                .contains("1 NO_EROUTE");
        assertThat(RawPcap.read(shell.file("out.pcap"))).isEmpty();
    }

    @Test
    void only_peel_leaves_clear_packets_alone() throws IOException {
        RawPcap.write(shell.file("clear.pcap"), packets(3));
        assertThat(shell.ipsec("pcap clear.pcap out.pcap --only peel").out()).contains("passed     3");
        shell.ipsec("pcap clear.pcap protected.pcap --only protect");
        assertThat(shell.ipsec("pcap protected.pcap out.pcap --only protect").out())
                .contains("passed     3");
    }

    @Test
    void a_rejected_packet_is_answered_in_the_replies_and_kept_in_the_dropped() throws IOException {
        shell.ipsec("eroute --add --eraf inet --src 10.0.0.0/8 --dst 10.9.0.0/16 --said %reject");
        byte[] refused = packet(0x0a000001, 0x0a090001, 100);
        RawPcap.write(shell.file("clear.pcap"), List.of(refused));
        Ran ran = shell.ipsec("pcap clear.pcap out.pcap --replies replies.pcap --dropped dropped.pcap");
        assertThat(ran.out()).contains("1 REJECTED_BY_SHUNT", "1 ICMP error");
        assertThat(RawPcap.read(shell.file("out.pcap"))).isEmpty();
        assertThat(hex(RawPcap.read(shell.file("dropped.pcap")))).isEqualTo(hex(List.of(refused)));
        byte[] icmp = RawPcap.read(shell.file("replies.pcap")).getFirst();
        assertThat(Arrays.copyOfRange(icmp, 20, 22)).as("type 3 code 13").containsExactly(3, 13);
        assertThat(ByteBuffer.wrap(icmp).getInt(16)).as("to the sender").isEqualTo(0x0a000001);
    }

    @Test
    void own_ike_and_esp_stay_out_of_the_tunnel_if_local_says_so() throws IOException {
        byte[] ike = packet(0x0a000001, 0xc0000202, 60); // to the peer of the tunnel
        ike[20] = 500 >> 8;
        ike[21] = (byte) 500;
        RawPcap.write(shell.file("clear.pcap"), List.of(ike));
        assertThat(shell.ipsec("pcap clear.pcap out.pcap").out()).contains("protected  1");
        assertThat(shell.ipsec("pcap clear.pcap out.pcap --local 10.0.0.1").out())
                .contains("passed     1");
    }

    @Test
    void the_report_tells_programs_what_the_summary_tells_people() throws IOException {
        RawPcap.write(shell.file("clear.pcap"), packets(5));
        shell.ipsec("pcap clear.pcap protected.pcap --report report.json");
        JsonNode report = new ObjectMapper().readTree(Files.readString(shell.file("report.json")));
        assertThat(report.get("records").asInt()).isEqualTo(5);
        assertThat(report.get("written").asInt()).isEqualTo(5);
        assertThat(report.get("verdicts").get(0).get("verdict").asString()).isEqualTo("PROTECTED");
        assertThat(report.get("verdicts").get(0).get("packets").asInt()).isEqualTo(5);
    }

    @Test
    void a_capture_that_ends_inside_a_packet_keeps_what_came_before_and_fails() throws IOException {
        RawPcap.write(shell.file("whole.pcap"), packets(10));
        byte[] whole = Files.readAllBytes(shell.file("whole.pcap"));
        Files.write(shell.file("cut.pcap"), Arrays.copyOf(whole, whole.length - 7));
        Ran ran = shell.run("pcap cut.pcap out.pcap");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.err())
                .contains("cut.pcap ends in the middle of a packet", "9 packets before it")
                .doesNotContain("\tat ");
        assertThat(RawPcap.read(shell.file("out.pcap"))).hasSize(9);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        pcap empty.pcap out.pcap                   | 1 | empty.pcap is empty
        pcap foreign.pcap out.pcap                 | 1 | neither pcap nor pcapng
        pcap none.pcap out.pcap                    | 1 | there is no such file
        pcap clear.pcap                            | 1 | needs two files
        pcap clear.pcap clear.pcap                 | 1 | the same file
        pcap clear.pcap out.pcap --only both       | 1 | protect or peel
        pcap clear.pcap out.pcap --mtu 9           | 1 | --mtu 9 is out of range
        pcap clear.pcap out.pcap --windows new     | 1 | keep or fresh
        pcap clear.pcap out.pcap --workers 5       | 1 | --workers takes 1 to 4, not '5'
        pcap clear.pcap out.pcap --workers 0       | 1 | --workers takes 1 to 4, not '0'
        pcap clear.pcap out.pcap --workers all     | 1 | --workers takes 1 to 4, not 'all'
        pcap clear.pcap out.pcap --local nowhere   | 1 | nowhere
        pcap clear.pcap no/such/out.pcap           | 2 | cannot write no/such/out.pcap
        pcap clear.pcap out.pcap --onyl peel       | 1 | --only
        """)
    void bad_input_gets_one_clear_line(String command, int exit, String says) throws IOException {
        RawPcap.write(shell.file("clear.pcap"), packets(1));
        Files.write(shell.file("empty.pcap"), new byte[0]);
        Files.writeString(shell.file("foreign.pcap"), "PK\3\4 this is a zip");
        byte[] before = Files.readAllBytes(shell.file("clear.pcap"));
        Ran ran = shell.run(command);
        assertThat(ran.exit()).as(ran.err()).isEqualTo(exit);
        assertThat(ran.err()).startsWith("ipsec pcap: ").contains(says);
        assertThat(ran.err().lines()).hasSize(1);
        assertThat(Files.readAllBytes(shell.file("clear.pcap"))).isEqualTo(before);
    }

    @Test
    void a_full_disk_is_said_and_the_numbers_used_stay_used() throws IOException {
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full here to be a full disk");
        RawPcap.write(shell.file("clear.pcap"), packets(10));
        Ran ran = shell.run("pcap clear.pcap /dev/full");
        assertThat(ran.exit()).isEqualTo(2);
        assertThat(ran.err()).contains("/dev/full cannot be written").doesNotContain("\tat ");
        shell.ipsec("pcap clear.pcap out.pcap");
        assertThat(sequence(RawPcap.read(shell.file("out.pcap")).getFirst()))
                .as("behind those of the failed run")
                .isGreaterThan(10);
    }

    @Test
    void standard_input_and_output_are_captures_too_and_the_summary_goes_to_stderr() throws IOException {
        RawPcap.write(shell.file("clear.pcap"), packets(4));
        Ran ran = shell.run("pcap - -", Files.readAllBytes(shell.file("clear.pcap")))
                .succeeds();
        Files.write(shell.file("protected.pcap"), ran.octets());
        assertThat(RawPcap.read(shell.file("protected.pcap"))).hasSize(4);
        assertThat(ran.err()).contains("protected  4");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void every_link_type_keeps_its_header_and_its_time(int which) throws IOException {
        String addresses = "020000000001020000000002";
        String header = List.of(
                        addresses + "0800",
                        addresses + "81000064" + "0800",
                        addresses + "88a80001" + "81000064" + "0800",
                        "",
                        "00000001000602000000000100000800",
                        "0800000000000002000100060200000000010000",
                        "02000000",
                        "00000002")
                .get(which);
        int linkType = List.of(1, 1, 1, 101, 113, 276, 0, 108).get(which);
        byte[] link = HexFormat.of().parseHex(header);
        byte[] file = capture(linkType, link, packets(3), ByteOrder.BIG_ENDIAN, 0xa1b23c4d);
        Files.write(shell.file("clear.pcap"), file);
        shell.ipsec("pcap clear.pcap protected.pcap");
        shell.ipsec("pcap protected.pcap peeled.pcap");
        byte[] peeled = Files.readAllBytes(shell.file("peeled.pcap"));
        assertThat(HexFormat.of().formatHex(peeled, 24, peeled.length))
                .isEqualTo(HexFormat.of().formatHex(file, 24, file.length));
        byte[] guarded = Files.readAllBytes(shell.file("protected.pcap"));
        assertThat(HexFormat.of().formatHex(guarded, 40, 40 + link.length)).isEqualTo(header);
    }

    @Test
    void a_tunnel_of_the_other_family_changes_the_ethertype_and_back() throws IOException {
        shell.ipsec("eroute --add --eraf inet6 --src 2001:db8:1::/48 --dst ::/0 --said tun0x100@192.0.2.2");
        shell.ipsec("eroute --addin --eraf inet6 --src 2001:db8:1::/48 --dst ::/0 --said tun0x100@192.0.2.2");
        byte[] six = HexFormat.of()
                .parseHex("6000000000083b40" + "20010db8000100000000000000000001" + "20010db8000200000000000000000001"
                        + "0011223344556677");
        byte[] link = HexFormat.of().parseHex("02000000000102000000000286dd");
        byte[] file = capture(1, link, List.of(six), ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4);
        Files.write(shell.file("clear.pcap"), file);
        shell.ipsec("pcap clear.pcap protected.pcap");
        byte[] guarded = Files.readAllBytes(shell.file("protected.pcap"));
        assertThat(HexFormat.of().formatHex(guarded, 52, 54)).isEqualTo("0800");
        shell.ipsec("pcap protected.pcap peeled.pcap");
        byte[] peeled = Files.readAllBytes(shell.file("peeled.pcap"));
        assertThat(HexFormat.of().formatHex(peeled, 24, peeled.length))
                .isEqualTo(HexFormat.of().formatHex(file, 24, file.length));
    }

    @Test
    void a_capture_much_larger_than_the_heap_goes_through_64_megabytes() throws IOException, InterruptedException {
        int copies = Integer.getInteger("spigrp.pcap.megabytes", 200) * 1_000_000 / (1016 * 1000);
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.spigrp.cli.Main",
                        "pcap",
                        "-",
                        "/dev/null")
                .redirectError(directory.resolve("err").toFile())
                .redirectOutput(directory.resolve("out").toFile())
                .directory(directory.toFile());
        builder.environment().put("IPSEC_STATE", shell.file("state").toString());
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            ByteBuffer records =
                    ByteBuffer.wrap(capture(101, new byte[0], sized(1000, 1000), ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4));
            in.write(records.array(), 0, 24);
            for (int i = 0; i < copies; i++) {
                in.write(records.array(), 24, records.capacity() - 24);
            }
        }
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        String said = Files.readString(directory.resolve("out")) + Files.readString(directory.resolve("err"));
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said).contains("read       " + 1000 * copies + " packets");
    }

    private static List<String> hex(List<byte[]> packets) {
        return packets.stream().map(HexFormat.of()::formatHex).toList();
    }

    private static long sequence(byte[] packet) {
        return Integer.toUnsignedLong(ByteBuffer.wrap(packet).getInt(24));
    }

    private static List<byte[]> packets(int count) {
        var packets = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            packets.add(packet(0x0a000001 + i, 0xc6336401, 28 + 13 * i));
        }
        return packets;
    }

    private static List<byte[]> sized(int count, int length) {
        var packets = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            packets.add(packet(0x0a000001 + i, 0xc6336401, length));
        }
        return packets;
    }

    /** UDP in IPv4. */
    private static byte[] packet(int source, int destination, int length) {
        var buffer = ByteBuffer.allocate(length);
        buffer.putShort((short) 0x4500)
                .putShort((short) length)
                .putInt(0x12340000)
                .putShort((short) 0x4011)
                .putShort((short) 0);
        buffer.putInt(source)
                .putInt(destination)
                .putShort((short) 1000)
                .putShort((short) 2000)
                .putShort((short) (length - 20));
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += buffer.getShort(i) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        buffer.putShort(10, (short) ~((sum & 0xffff) + (sum >>> 16)));
        return buffer.array();
    }

    private static byte[] capture(int linkType, byte[] link, List<byte[]> packets, ByteOrder order, int magic) {
        var out = new ByteArrayOutputStream();
        var head = ByteBuffer.allocate(24).order(order);
        head.putInt(magic)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(262_144)
                .putInt(linkType);
        out.writeBytes(head.array());
        int time = 0;
        for (byte[] packet : packets) {
            time++;
            var record = ByteBuffer.allocate(16 + link.length + packet.length).order(order);
            record.putInt(1_700_000_000 + time).putInt(time * 111).putInt(link.length + packet.length);
            record.putInt(link.length + packet.length).put(link).put(packet);
            out.writeBytes(record.array());
        }
        return out.toByteArray();
    }
}
