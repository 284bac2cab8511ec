package org.spigrp.cli;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Any octets as a script and as a list of limits: words, limits, or one refusal. */
class ScriptFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void any_octets(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        var lexer = new ScriptLexer();
        for (String line : text.split("\n", -1)) {
            try {
                lexer.line(line);
            } catch (Refusal refusal) {
                lexer = new ScriptLexer();
                oneLine(refusal);
            }
            try {
                LifeText.parse(line);
            } catch (Refusal refusal) {
                oneLine(refusal);
            }
        }
    }

    private static void oneLine(Refusal refusal) {
        if (refusal.say().isEmpty() || refusal.say().contains("\n")) {
            throw new AssertionError("not one line: " + refusal.say());
        }
    }
}
