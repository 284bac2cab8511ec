package org.spigrp.cli;

import java.util.Map;
import java.util.function.Consumer;
import org.spigrp.engine.Verdicts;
import org.spigrp.engine.capture.CaptureRun;
import org.spigrp.wire.Verdict;

/** What became of a capture, for people. */
final class PcapSummary {
    private PcapSummary() {}

    /** @param out name of the output */
    static void print(CaptureRun run, Verdicts verdicts, String out, long millis, Consumer<String> line) {
        line.accept("read       " + Amounts.count(run.records(), "packet") + " in " + seconds(millis)
                + (millis == 0 ? "" : ", " + Amounts.rate(run.records(), millis)));
        print("protected", verdicts.of(Verdict.PROTECTED), "", line);
        print("peeled", verdicts.of(Verdict.PEELED), "", line);
        long passed =
                verdicts.of(Verdict.PASSED) + verdicts.of(Verdict.PASSED_BY_SHUNT) + verdicts.of(Verdict.PASSED_OWN);
        print("passed", passed + run.notIp(), run.notIp() == 0 ? "" : run.notIp() + " without IP", line);
        printGood(verdicts, line);
        long dropped = verdicts.dropped() + run.cutShort();
        print("dropped", dropped, "", line);
        for (Map.Entry<Verdict, Long> entry : verdicts.toMap().entrySet()) {
            if (!entry.getKey().isGood()) {
                line.accept("  " + entry.getValue() + " " + entry.getKey() + ": "
                        + entry.getKey().text());
            }
        }
        if (run.cutShort() > 0) {
            line.accept(
                    "  " + run.cutShort() + " CUT_SHORT: the capture holds only a part of the packet (snap length)");
        }
        line.accept("written    " + Amounts.count(run.written(), "packet") + " to " + out
                + (run.replied() == 0 ? "" : "; " + Amounts.count(run.replied(), "ICMP error")));
        long seenBefore =
                verdicts.of(Verdict.REPLAYED) + verdicts.of(Verdict.TOO_OLD) + verdicts.of(Verdict.BELOW_CEILING);
        if (seenBefore > 0 && seenBefore >= verdicts.of(Verdict.PEELED)) {
            line.accept("note       " + Amounts.count(seenBefore, "packet")
                    + " had numbers that were received before: was this capture peeled already?"
                    + " --windows fresh peels it once more and stores nothing");
        }
    }

    private static void printGood(Verdicts verdicts, Consumer<String> line) {
        print("fragments", verdicts.of(Verdict.REASSEMBLED), "put together", line);
        print("keepalives", verdicts.of(Verdict.KEEPALIVE), "of NAT-T, swallowed", line);
        print("dummies", verdicts.of(Verdict.DUMMY), "swallowed", line);
    }

    private static void print(String what, long number, String remark, Consumer<String> line) {
        if (number > 0) {
            line.accept(what + " ".repeat(11 - what.length()) + number + (remark.isEmpty() ? "" : " (" + remark + ")"));
        }
    }

    private static String seconds(long millis) {
        return millis / 1000 + "." + millis % 1000 / 100 + " s";
    }
}
