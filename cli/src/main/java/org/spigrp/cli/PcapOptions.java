package org.spigrp.cli;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.EngineOptions;
import org.spigrp.wire.AddressText;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.NumberText;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Quote;

/**
 * What {@code ipsec pcap} was asked for. File names are as typed; {@code -} is a standard stream.
 *
 * @param replies null = nowhere
 * @param workers threads that do the cryptography
 */
record PcapOptions(
        String in,
        String out,
        EngineOptions engine,
        @Nullable String replies,
        @Nullable String dropped,
        @Nullable String report,
        int workers) {
    static final Options.Table TABLE = new Options.Table()
            .value("only")
            .value("local")
            .value("unmatched")
            .value("windows")
            .value("replies")
            .value("dropped")
            .value("report")
            .value("mtu")
            .value("workers");

    /** Every host must take IPv4 packets of this size (RFC 791). */
    private static final int LEAST_MTU = 576;

    /** Null if {@code --help} or {@code --version} was answered instead. */
    static @Nullable PcapOptions read(Call call, Command command) {
        var options = new Options(TABLE, call);
        EngineOptions engine = EngineOptions.DEFAULT;
        Set<IpAddress> local = new HashSet<>();
        String replies = null;
        String dropped = null;
        String report = null;
        int workers = CryptoEngines.usualThreads(Runtime.getRuntime().availableProcessors());
        for (String option = options.next(); option != null; option = options.next()) {
            if (options.answered(command)) {
                return null;
            }
            String value = options.value();
            switch (option) {
                case "only" -> engine = engine.withOnly(only(value));
                case "local" -> local.add(address(call, value));
                case "unmatched" -> engine = engine.withUnmatched(unmatched(value));
                case "windows" -> engine = engine.withFreshWindows(fresh(value));
                case "mtu" -> engine = engine.withMtu(mtu(value));
                case "workers" -> workers = workers(value);
                case "replies" -> replies = value;
                case "dropped" -> dropped = value;
                default -> report = value;
            }
        }
        List<String> files = options.others();
        if (files.size() != 2) {
            throw new Refusal("needs two files, the capture to read and the one to write, but "
                    + (files.isEmpty()
                            ? "none is"
                            : Amounts.count(files.size(), "word") + (files.size() == 1 ? " is" : " are"))
                    + " given; for example: ipsec pcap clear.pcap protected.pcap");
        }
        return new PcapOptions(files.get(0), files.get(1), engine.withLocal(local), replies, dropped, report, workers);
    }

    private static EngineOptions.Only only(String word) {
        return switch (word) {
            case "protect" -> EngineOptions.Only.PROTECT;
            case "peel" -> EngineOptions.Only.PEEL;
            default -> throw oneOf("--only", word, "protect or peel");
        };
    }

    private static EngineOptions.Unmatched unmatched(String word) {
        return switch (word) {
            case "pass" -> EngineOptions.Unmatched.PASS;
            case "drop" -> EngineOptions.Unmatched.DROP;
            default -> throw oneOf("--unmatched", word, "pass or drop");
        };
    }

    private static boolean fresh(String word) {
        return switch (word) {
            case "keep" -> false;
            case "fresh" -> true;
            default -> throw oneOf("--windows", word, "keep or fresh");
        };
    }

    private static Refusal oneOf(String option, String word, String choices) {
        return new Refusal(option + " takes " + choices + ", not " + Quote.of(word));
    }

    private static IpAddress address(Call call, String text) {
        return switch (AddressText.parse(text, null, call.names())) {
            case Parsed.Ok<IpAddress>(IpAddress address) -> address;
            case Parsed.Bad<IpAddress>(String why) ->
                throw new Refusal("--local: " + call.names().explain(why));
        };
    }

    private static int mtu(String text) {
        return switch (NumberText.parse(text)) {
            case Parsed.Ok<Long>(Long number) when number >= LEAST_MTU && number <= 65_535 -> number.intValue();
            case Parsed.Ok<Long>(Long number) ->
                throw new Refusal("--mtu " + number + " is out of range: it is 576 to 65535 (1280 and more for IPv6)");
            case Parsed.Bad<Long>(String why) -> throw new Refusal("--mtu: " + why);
        };
    }

    private static int workers(String text) {
        if (NumberText.parse(text, CryptoEngines.MOST_THREADS) instanceof Parsed.Ok<Long>(Long number) && number >= 1) {
            return number.intValue();
        }
        throw oneOf("--workers", text, "1 to " + CryptoEngines.MOST_THREADS);
    }
}
