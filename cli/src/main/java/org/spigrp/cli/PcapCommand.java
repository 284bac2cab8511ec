package org.spigrp.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Change;
import org.spigrp.command.Tables;
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.Engine;
import org.spigrp.engine.capture.CaptureReader;
import org.spigrp.engine.capture.CaptureRun;
import org.spigrp.engine.capture.CaptureTrouble;
import org.spigrp.engine.capture.CaptureWriter;
import org.spigrp.sa.Said;
import org.spigrp.store.Store;

/** {@code ipsec pcap}: a capture through the stack. */
final class PcapCommand implements Command {
    /** How often what SAs have done goes to the disk while a capture is running. */
    private static final long CHECKPOINT_MILLIS = 10_000;

    @Override
    public String name() {
        return "pcap";
    }

    @Override
    public String summary() {
        return "protect and peel the packets of a capture";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec pcap IN OUT [options]              - is standard input or output
              --only protect|peel      only the one or the other
              --local ADDRESS          this host's own address; may be repeated
              --unmatched pass|drop    what becomes of packets that nothing concerns (pass)
              --windows keep|fresh     fresh: replay windows for this run only, nothing stored
              --replies FILE           where ICMP errors go
              --dropped FILE           where dropped packets go, as they were captured
              --report FILE.json       the summary for programs
              --mtu OCTETS             fragment what is larger, or refuse it by ICMP
              --workers 1..4           threads that do the cryptography (half of the processors)
              --label TEXT, --debug, --optionsfrom FILE, --help, --version

            Packets to a known SA are peeled, packets that an eroute selects are protected, the rest
            passes. 'ipsec help pcap' tells more.
            """;
    }

    @Override
    public boolean allowedInScripts() {
        return false;
    }

    @Override
    public int run(Call call) {
        PcapOptions options = PcapOptions.read(call, this);
        if (options == null) {
            return 0;
        }
        call.session().requireNoDaemon();
        CryptoEngines.lookAhead();
        var files = new PcapFiles(call);
        try (CaptureReader in = CaptureReader.open(options.in(), files.read(options.in()));
                CaptureWriter out = in.writer(options.out(), files.write("OUT", options.out()));
                CaptureWriter replies = writer(files, in, "--replies", options.replies());
                CaptureWriter dropped = writer(files, in, "--dropped", options.dropped())) {
            return run(call, options, files, in, out, replies, dropped);
        } catch (CaptureTrouble trouble) {
            throw new Refusal(
                    String.valueOf(trouble.getMessage()), trouble.isMachine() ? Refusal.FAILED : Refusal.REFUSED);
        }
    }

    private static @Nullable CaptureWriter writer(
            PcapFiles files, CaptureReader in, String option, @Nullable String name) {
        return name == null ? null : in.writer(name, files.write(option, name));
    }

    private static int run(
            Call call,
            PcapOptions options,
            PcapFiles files,
            CaptureReader in,
            CaptureWriter out,
            @Nullable CaptureWriter replies,
            @Nullable CaptureWriter dropped) {
        call.apply(List.of()); // what has run out goes first
        Environment environment = call.environment();
        Store store = call.session().store();
        long started = environment.clock().millis();
        var progress = new Progress(call, files.size(options.in()));
        try (Engine engine = new Engine(
                store.tables(),
                store.ledger(),
                CryptoEngines.best(options.workers(), call::warn),
                options.engine(),
                environment.clock(),
                environment.random())) {
            var run = new CaptureRun(engine, in, out, replies, dropped);
            var uses = new Uses(store, engine, started);
            try {
                run.run(position -> {
                    progress.at(position, run.records());
                    uses.at(environment.clock().millis());
                });
                out.flush();
            } finally {
                progress.clear();
                uses.end(call);
            }
            long millis = environment.clock().millis() - started;
            PrintStream summary = files.outTaken() ? call.err() : call.out();
            PcapSummary.print(run, engine.counters(), options.out(), millis, summary::println);
            if (options.report() != null) {
                report(call, options, run, engine, millis);
            }
            if (run.endsInsideRecord()) {
                throw new Refusal(options.in() + " ends in the middle of a packet: the "
                        + Amounts.count(run.records(), "packet") + " before it " + (run.records() == 1 ? "was" : "were")
                        + " processed; was the capture still being written?");
            }
            return 0;
        }
    }

    private static void report(Call call, PcapOptions options, CaptureRun run, Engine engine, long millis) {
        String name = String.valueOf(options.report());
        try {
            Files.writeString(
                    call.environment().workingDirectory().resolve(name),
                    PcapReport.json(run, engine.counters(), options, millis),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Refusal("cannot write the report " + name + ": " + Trouble.why(e), Refusal.FAILED);
        }
    }

    /** The bar on a terminal, and nothing elsewhere. */
    private static final class Progress {
        private static final int STDERR = 2;

        private final @Nullable ProgressBar bar;

        Progress(Call call, long total) {
            Environment environment = call.environment();
            bar = environment.host().isWatched(STDERR) ? new ProgressBar(call.err(), environment.clock(), total) : null;
        }

        void at(long position, long packets) {
            if (bar != null) {
                bar.at(position, packets);
            }
        }

        void clear() {
            if (bar != null) {
                bar.clear();
            }
        }
    }

    /** Sees to it that limits and counters survive a crash of a long run, and stores the exact state at the end. */
    private static final class Uses {
        private final Store store;
        private final Engine engine;
        private long last;

        Uses(Store store, Engine engine, long now) {
            this.store = store;
            this.engine = engine;
            this.last = now;
        }

        void at(long now) {
            if (now - last >= CHECKPOINT_MILLIS) {
                last = now;
                store();
            }
        }

        /** What SAs have done must be durable before the ledger may forget what it had set aside for them. */
        void end(Call call) {
            store();
            if (!engine.settle()) {
                call.warn(
                        "the numbers used could not be written exactly (is the disk full?): the next run will skip some");
            }
            for (Said said : engine.softReached()) {
                call.warn(said + " has passed a soft limit of its life: prepare its successor");
            }
            for (Said said : engine.expired()) {
                call.apply(new Change.Expire(said));
            }
        }

        private void store() {
            Tables tables = store.tables();
            engine.forEachUse(tables::putUse);
            engine.forEachErouteUse(tables::putErouteUse);
            tables.commit();
        }
    }
}
