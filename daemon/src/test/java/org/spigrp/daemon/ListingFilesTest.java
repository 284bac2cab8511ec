package org.spigrp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.spigrp.command.Listing;
import org.spigrp.command.MemoryTables;
import org.spigrp.sa.Eroute;
import org.spigrp.sa.Selector;
import org.spigrp.sa.Shunt;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.Prefix;

class ListingFilesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    /** Enough for more than a listing that is kept in memory. */
    private static final int MANY = 30_000;

    @TempDir
    private Path directory;

    private final MemoryTables tables = new MemoryTables();
    private final List<String> warnings = new ArrayList<>();

    private static Selector selector(int i) {
        return Selector.between(LiveBed.WEST_NET, Prefix.host(IpAddress.v4(0x20000000 + i)));
    }

    private void assertWritten(ListingFiles files) throws IOException {
        assertThat(files.write(tables, NOW)).isTrue();
        List<String> lines = new ArrayList<>();
        Listing.EROUTE.print(tables, NOW, false, lines::add);
        assertThat(Files.readAllLines(directory.resolve("net/ipsec_eroute"))).isEqualTo(lines);
        try (var all = Files.list(directory.resolve("net"))) {
            assertThat(all.map(Path::toString)).noneMatch(name -> name.endsWith(".new"));
        }
    }

    @Test
    void short_and_long_listings_take_each_others_place() throws IOException {
        var files = new ListingFiles(directory, "spigrp test", warnings::add, Runnable::run);
        tables.putEroute(new Eroute(selector(0), Shunt.DROP.said()));
        assertWritten(files);
        for (int i = 0; i < MANY; i++) {
            tables.putEroute(new Eroute(selector(i), Shunt.PASS.said()));
        }
        assertWritten(files);
        assertThat(Files.size(directory.resolve("net/ipsec_eroute"))).isGreaterThan(1 << 20);
        tables.removeEroute(selector(MANY / 2));
        assertWritten(files);
        for (int i = 1; i < MANY; i++) {
            tables.removeEroute(selector(i));
        }
        assertWritten(files);
        files.leaveOut(MANY);
        assertThat(directory.resolve("net/ipsec_eroute")).doesNotExist();
        files.leaveOut(MANY);
        assertThat(warnings).singleElement().asString().contains("more than 30000");
        assertWritten(files);
        files.remove();
        assertThat(directory.resolve("net/ipsec_eroute")).doesNotExist();
    }

    @Test
    void what_is_written_late_is_what_was_when_it_was_asked_for() throws IOException {
        Queue<Runnable> waiting = new ArrayDeque<>();
        var files = new ListingFiles(directory, "spigrp test", warnings::add, waiting::add);
        tables.putEroute(new Eroute(selector(1), Shunt.DROP.said()));
        List<String> lines = new ArrayList<>();
        Listing.EROUTE.print(tables, NOW, false, lines::add);
        assertThat(files.write(tables, NOW)).isTrue();
        tables.removeEroute(selector(1));
        assertThat(files.write(tables, NOW)).isFalse();
        assertThat(directory.resolve("net")).doesNotExist();
        waiting.remove().run();
        assertThat(Files.readAllLines(directory.resolve("net/ipsec_eroute"))).isEqualTo(lines);
        assertThat(files.write(tables, NOW)).isTrue();
        files.remove();
        waiting.remove().run();
        assertThat(Files.readAllLines(directory.resolve("net/ipsec_eroute"))).isEmpty();
        waiting.remove().run();
        assertThat(directory.resolve("net/ipsec_eroute")).doesNotExist();
        assertThat(waiting).isEmpty();
    }
}
