package org.spigrp.cli;

import java.util.Map;
import org.spigrp.command.Json;
import org.spigrp.engine.Verdicts;
import org.spigrp.engine.capture.CaptureRun;
import org.spigrp.wire.Verdict;

/** What became of a capture, for programs. */
final class PcapReport {
    private PcapReport() {}

    static String json(CaptureRun run, Verdicts verdicts, PcapOptions options, long millis) {
        var json = new Json().object();
        json.member("in", options.in()).member("out", options.out()).member("milliseconds", millis);
        json.member("records", run.records()).member("written", run.written()).member("notIp", run.notIp());
        json.member("cutShort", run.cutShort()).member("replies", run.replied());
        json.member("endsInsideRecord", run.endsInsideRecord());
        json.array("verdicts");
        for (Map.Entry<Verdict, Long> entry : verdicts.toMap().entrySet()) {
            Verdict verdict = entry.getKey();
            json.object().member("verdict", verdict.name()).member("packets", entry.getValue());
            json.member("good", verdict.isGood()).member("text", verdict.text()).end();
        }
        return json.end().end() + "\n";
    }
}
