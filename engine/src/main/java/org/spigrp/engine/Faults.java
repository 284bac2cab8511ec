package org.spigrp.engine;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.NumberText;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Quote;

/**
 * What a {@link FaultPort} does to packets. Rates are probabilities from 0 to 1, each drawn for each packet.
 *
 * @param loss the packet does not arrive
 * @param reorder a few later packets overtake it
 * @param duplicate it arrives twice
 * @param corrupt one bit of it, anywhere, is flipped
 * @param delay it arrives so much later
 * @param jitter and by chance up to so much later still
 * @param seed of the chances; the same seed and the same packets at the same times give the same faults
 */
public record Faults(
        double loss, double reorder, double duplicate, double corrupt, Duration delay, Duration jitter, long seed) {
    /** Nothing is held back longer on purpose: a larger {@code delay} or {@code jitter} is refused. */
    public static final Duration MAX_DELAY = Duration.ofSeconds(60);

    /** Packets pass as they are. */
    public static final Faults NONE = new Faults(0, 0, 0, 0, Duration.ZERO, Duration.ZERO, 0);

    private static final List<String> NAMES =
            List.of("loss", "reorder", "duplicate", "corrupt", "delay", "jitter", "seed");
    private static final Pattern RATE = Pattern.compile("[0-9]{1,20}(\\.[0-9]{1,20})?|\\.[0-9]{1,20}");
    private static final Pattern TIME = Pattern.compile("[0-9]{1,12}(us|ms|s)");

    /** @throws IllegalArgumentException if a rate is not from 0 to 1, or a time not from 0 to {@link #MAX_DELAY} */
    public Faults {
        if (!isRate(loss) || !isRate(reorder) || !isRate(duplicate) || !isRate(corrupt)) {
            throw new IllegalArgumentException("rates are from 0 to 1");
        }
        if (!isTime(delay) || !isTime(jitter)) {
            throw new IllegalArgumentException("times are from 0 to " + MAX_DELAY);
        }
    }

    private static boolean isRate(double value) {
        return value >= 0 && value <= 1;
    }

    private static boolean isTime(Duration value) {
        return !value.isNegative() && value.compareTo(MAX_DELAY) <= 0;
    }

    /**
     * Reads {@code loss=0.01,reorder=0.02,duplicate=0.01,corrupt=0.001,delay=5ms,jitter=2ms,seed=7}: any of them, in any
     * order, each at most once. Times are whole numbers of us, ms or s.
     */
    public static Parsed<Faults> parse(String text) {
        Parsed<Faults> faults = Parsed.ok(NONE);
        Set<String> given = new HashSet<>();
        for (String part : text.split(",", -1)) {
            faults = faults.then(before -> before.with(part, given));
        }
        return faults;
    }

    private Parsed<Faults> with(String part, Set<String> given) {
        if (part.isEmpty()) {
            return Parsed.bad("a fault is missing: write NAME=VALUE, as in loss=0.01,delay=5ms,seed=7");
        }
        int equals = part.indexOf('=');
        String name = equals < 0 ? part : part.substring(0, equals);
        String value = part.substring(equals + 1);
        if (!NAMES.contains(name)) {
            return Parsed.bad(Quote.of(name) + " is no fault"
                    + NearestName.suggestion(name, NAMES, "; known are " + String.join(", ", NAMES)));
        }
        if (equals < 0) {
            return Parsed.bad(Quote.of(part) + " has no value: write " + name + "=VALUE");
        }
        if (!given.add(name)) {
            return Parsed.bad(name + " is given twice, the second time as " + Quote.of(value) + ": give it once");
        }
        return switch (name) {
            case "delay" -> time(name, value).map(d -> new Faults(loss, reorder, duplicate, corrupt, d, jitter, seed));
            case "jitter" -> time(name, value).map(j -> new Faults(loss, reorder, duplicate, corrupt, delay, j, seed));
            case "seed" ->
                NumberText.parse(value).map(s -> new Faults(loss, reorder, duplicate, corrupt, delay, jitter, s));
            default -> rate(name, value).map(rate -> withRate(name, rate));
        };
    }

    private Faults withRate(String name, double rate) {
        return new Faults(
                name.equals("loss") ? rate : loss,
                name.equals("reorder") ? rate : reorder,
                name.equals("duplicate") ? rate : duplicate,
                name.equals("corrupt") ? rate : corrupt,
                delay,
                jitter,
                seed);
    }

    private static Parsed<Double> rate(String name, String value) {
        if (RATE.matcher(value).matches() && isRate(Double.parseDouble(value))) {
            return Parsed.ok(Double.parseDouble(value));
        }
        return Parsed.bad(
                name + " cannot be " + Quote.of(value) + ": it is a rate from 0 to 1, as 0.01 for one in 100");
    }

    private static Parsed<Duration> time(String name, String value) {
        if (!TIME.matcher(value).matches()) {
            return Parsed.bad(
                    name + " cannot be " + Quote.of(value) + ": it is a whole number and us, ms or s, as 5ms");
        }
        int unit = value.endsWith("us") || value.endsWith("ms") ? value.length() - 2 : value.length() - 1;
        long count = Long.parseLong(value, 0, unit, 10);
        Duration time = switch (value.substring(unit)) {
            case "us" -> Duration.ofNanos(count * 1000);
            case "ms" -> Duration.ofMillis(count);
            default -> Duration.ofSeconds(count);
        };
        return isTime(time)
                ? Parsed.ok(time)
                : Parsed.bad(name + " cannot be " + Quote.of(value) + ": the most is " + MAX_DELAY.toSeconds() + "s");
    }

    /** True if packets pass as they are. */
    public boolean isNone() {
        return equals(new Faults(0, 0, 0, 0, Duration.ZERO, Duration.ZERO, seed));
    }

    /** As {@link #parse} reads it, without what is 0; {@code seed=0} if all is 0. */
    @Override
    public String toString() {
        var text = new StringJoiner(",").setEmptyValue("seed=0");
        rate(text, "loss", loss);
        rate(text, "reorder", reorder);
        rate(text, "duplicate", duplicate);
        rate(text, "corrupt", corrupt);
        time(text, "delay", delay);
        time(text, "jitter", jitter);
        if (seed != 0) {
            text.add("seed=" + seed);
        }
        return text.toString();
    }

    private static void rate(StringJoiner text, String name, double value) {
        if (value != 0) {
            text.add(name + "=" + BigDecimal.valueOf(value).stripTrailingZeros().toPlainString());
        }
    }

    private static void time(StringJoiner text, String name, Duration value) {
        if (!value.isZero()) {
            long micros = value.toNanos() / 1000;
            text.add(name + "="
                    + (micros % 1_000_000 == 0
                            ? micros / 1_000_000 + "s"
                            : micros % 1000 == 0 ? micros / 1000 + "ms" : micros + "us"));
        }
    }
}
