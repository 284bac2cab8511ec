package org.spigrp.sa;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.spigrp.wire.TextLaws;

/** Any text, for every parser of text: a value that keeps the laws, or words. One class, for each costs a start of the fuzzer. */
class TextFuzzTest {
    @FuzzTest(maxDuration = "15s")
    void any_octets(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        TextLaws.number(text);
        TextLaws.address(text);
        TextLaws.subnet(text);
        SaTextLaws.said(text);
        SaTextLaws.key(text);
        SaTextLaws.algorithm(text);
    }
}
