package org.spigrp.cli;

import java.io.PrintStream;
import java.time.InstantSource;

/** One line on a terminal that is drawn anew a few times a second: a bar, the rate, the time that remains. */
final class ProgressBar {
    private static final int WIDTH = 30;
    private static final long PERIOD_MILLIS = 200;

    private final PrintStream err;
    private final InstantSource clock;
    private final long total;
    private final long started;
    private long drawn;

    /** @param total octets, 0 = not known */
    ProgressBar(PrintStream err, InstantSource clock, long total) {
        this.err = err;
        this.clock = clock;
        this.total = total;
        this.started = clock.millis();
        this.drawn = started;
    }

    /** Draws, unless it did a moment ago. */
    void at(long done, long packets) {
        long now = clock.millis();
        if (now - drawn < PERIOD_MILLIS) {
            return;
        }
        drawn = now;
        err.print("\r" + line(done, packets, now - started) + "\u001b[K");
        err.flush();
    }

    /** Takes the line away. */
    void clear() {
        if (drawn != started) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }

    String line(long done, long packets, long millis) {
        var text = new StringBuilder();
        if (total > 0) {
            int full = (int) Math.min(WIDTH, done * WIDTH / total);
            text.append('[')
                    .append("#".repeat(full))
                    .append(".".repeat(WIDTH - full))
                    .append("] ");
            text.append(Math.min(100, done * 100 / total)).append("% ");
        }
        text.append(Amounts.octets(done)).append("  ").append(Amounts.rate(packets, millis));
        if (total > 0 && done > 0 && millis > 0) {
            long remaining = (long) ((double) millis / done * (total - done)) / 1000;
            text.append("  ").append(Amounts.time(Math.max(0, remaining))).append(" left");
        }
        return text.toString();
    }
}
