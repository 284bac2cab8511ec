package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The four examples of the manual page of spigrp as they stand there: a packet goes through each group, and comes back. */
class ManualGroupsTest {
    private static final String KEYS = " --enckey 0x000102030405060708090a0b0c0d0e0f"
            + " --authkey 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final String AH_KEY = " --authkey 0x000102030405060708090a0b0c0d0e0f10111213";

    /** ICMP echo in IPv4 from 10.1.0.1 to 10.2.0.1. */
    private static final String PACKET =
            "4500002412340000400154a20a0100010a020001" + "0800f7fd00010001" + "0011223344556677";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ipsec spigrp inet gw2 0x113 tun inet gw2 0x115 esp inet gw2 0x116 ah                          | inet  | gw2       | 0x113 | 0x115 | 0x116
        ipsec spigrp --said tun.113@gw2 esp.115@gw2 ah.116@gw2                                        | inet  | gw2       | 0x113 | 0x115 | 0x116
        ipsec spigrp --said tun:233@3049:1::1 esp:235@3049:1::1 ah:236@3049:1::1                      | inet6 | 3049:1::1 | 0x233 | 0x235 | 0x236
        ipsec spigrp inet6 3049:1::1 0x233 tun inet6 3049:1::1 0x235 esp inet6 3049:1::1 0x236 ah     | inet6 | 3049:1::1 | 0x233 | 0x235 | 0x236
        """)
    void a_packet_goes_through_the_group_of_the_example_and_comes_back(
            String example, String family, String peer, String tun, String esp, String ah) throws IOException {
        Files.writeString(directory.resolve("hosts"), "192.0.2.2 gw2\n");
        var shell = new Shell(directory, Map.of("IPSEC_HOSTS", "hosts"), null);
        boolean v6 = family.equals("inet6");
        String source = v6 ? "3049:1::99" : "192.0.2.1";
        String sa = "spi --af " + family + " --edst " + peer + " --spi ";
        shell.ipsec(sa + tun + " --proto tun --src " + source + " --dst " + peer + (v6 ? " --ip6" : " --ip4"));
        shell.ipsec(sa + esp + " --proto esp --src " + source + " --esp aes128-sha256" + KEYS);
        shell.ipsec(sa + ah + " --proto ah --src " + source + " --ah hmac-sha1-96" + AH_KEY);

        shell.ipsec(example.substring("ipsec ".length()));

        String address = v6 ? peer : "192.0.2.2";
        String group = "tun" + tun + "@" + address + " esp" + esp + "@" + address + " ah" + ah + "@" + address + " ";
        assertThat(shell.ipsec("spigrp").out()).isEqualTo(group + "\n");
        String nets = " --eraf inet --src 10.1.0.0/16 --dst 10.2.0.0/16 --said tun" + tun + "@" + address;
        shell.ipsec("eroute --add" + nets);
        shell.ipsec("eroute --addin" + nets);
        assertThat(shell.ipsec("look").out()).contains("10.1.0.0/16        -> 10.2.0.0/16        => " + group + " (0)");

        byte[] clear = HexFormat.of().parseHex(PACKET);
        RawPcap.write(shell.file("clear.pcap"), List.of(clear));
        shell.ipsec("pcap clear.pcap protected.pcap");
        byte[] guarded = RawPcap.read(shell.file("protected.pcap")).getFirst();
        assertThat(guarded[v6 ? 6 : 9]).as("AH outermost").isEqualTo((byte) 51);
        assertThat(guarded[v6 ? 40 : 20]).as("ESP in it").isEqualTo((byte) 50);
        assertThat(HexFormat.of().formatHex(guarded)).as("nothing in clear").doesNotContain("0011223344556677");
        shell.ipsec("pcap protected.pcap peeled.pcap");
        assertThat(RawPcap.read(shell.file("peeled.pcap"))).hasSize(1);
        assertThat(Arrays.equals(RawPcap.read(shell.file("peeled.pcap")).getFirst(), clear))
                .isTrue();
        assertThat(shell.ipsec("look").out()).contains("=> " + group + " (1)", "PROTECTED", "PEELED");
    }
}
