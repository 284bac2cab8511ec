package org.spigrp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What pcap and quickstart show to people. */
class PcapTextTest {
    private final AtomicLong millis = new AtomicLong(1_000_000);
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private ProgressBar bar(long total) {
        return new ProgressBar(
                new PrintStream(err, true, StandardCharsets.UTF_8), () -> Instant.ofEpochMilli(millis.get()), total);
    }

    private String shown() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void the_bar_shows_share_amount_rate_and_remaining_time() {
        assertThat(bar(4000).line(1000, 500, 2000))
                .isEqualTo("[#######.......................] 25% 1000 octets  250 packets/s  0:06 left");
    }

    @Test
    void where_the_size_is_not_known_there_is_no_bar_and_no_remaining_time() {
        assertThat(bar(0).line(3 << 20, 100_000, 1000)).isEqualTo("3.0 MiB  100k packets/s");
    }

    @Test
    void the_bar_is_drawn_a_few_times_a_second_and_taken_away_at_the_end() {
        ProgressBar bar = bar(100);
        bar.at(1, 1);
        assertThat(shown()).as("nothing yet: no time has passed").isEmpty();
        bar.clear();
        assertThat(shown()).as("nothing was drawn").isEmpty();
        millis.addAndGet(250);
        bar.at(50, 10);
        int drawn = shown().length();
        assertThat(shown()).startsWith("\r[###############...............] 50%");
        millis.addAndGet(50);
        bar.at(60, 12);
        assertThat(shown()).hasSize(drawn);
        bar.clear();
        assertThat(shown()).endsWith("\r\u001b[K");
    }

    @Test
    void amounts_are_told_in_units_that_fit() {
        assertThat(List.of(Amounts.octets(0), Amounts.octets(1023), Amounts.octets(1536), Amounts.octets(10L << 30)))
                .containsExactly("0 octets", "1023 octets", "1.5 KiB", "10.0 GiB");
        assertThat(List.of(Amounts.time(7), Amounts.time(754), Amounts.time(3723)))
                .containsExactly("0:07", "12:34", "1:02:03");
        assertThat(List.of(Amounts.count(1, "packet"), Amounts.count(2, "packet")))
                .containsExactly("1 packet", "2 packets");
        assertThat(Amounts.rate(10, 0)).isEqualTo("0 packets/s");
    }

    @Test
    void a_packet_is_drawn_with_sizes_and_what_covers_what() {
        var picture = new PacketPicture();
        picture.add(20, "IPv4", "192.0.2.1");
        int esp = picture.add(8, "ESP", "seq 1");
        int data = picture.add(64, "data");
        picture.add(16, "ICV");
        picture.cover(esp, data, "authenticated");
        var lines = new ArrayList<String>();
        picture.print(lines::add);
        assertThat(lines)
                .containsExactly(
                        "  +-----------+-------+------+-----+",
                        "  | IPv4      | ESP   | data | ICV |",
                        "  | 192.0.2.1 | seq 1 |      |     |",
                        "  +-----------+-------+------+-----+",
                        "    20          8       64     16  = 108 octets",
                        "              '--------------'  authenticated");
    }
}
