package org.spigrp.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.spigrp.engine.CryptoEngines;

/** The C process beside us ({@code bench/c/main.c}), keyed as {@link Groups} keys ours. */
final class Yardstick implements AutoCloseable {
    static final String GCM = "tun+esp(aes128gcm16)";
    static final String CBC = "tun+esp(aes128-sha256)";
    static final String AH = "ah(hmac-sha2-256-128)";
    private static final HexFormat HEX = HexFormat.of();

    private final Process process;
    private final Writer questions;
    private final BufferedReader answers;

    Yardstick(Path program) throws IOException {
        process = new ProcessBuilder(program.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        questions = process.outputWriter();
        answers = process.inputReader();
        giveKeys();
    }

    /** With a key its SA's numbers begin again. */
    private void giveKeys() {
        ask("key gcm " + HEX.formatHex(Groups.key(20)));
        ask("key cbc " + HEX.formatHex(Groups.key(16)) + " " + HEX.formatHex(Groups.key(32)));
        ask("key ah " + HEX.formatHex(Groups.key(32)));
    }

    String ask(String question) {
        try {
            questions.write(question + "\n");
            questions.flush();
            @Nullable String answer = answers.readLine();
            if (answer == null || !answer.startsWith("ok")) {
                throw new IllegalStateException("the yardstick answers " + question + " with " + answer);
            }
            return answer.substring(2).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("the yardstick has ended", e);
        }
    }

    /** Loops of it, one after the other, as one side of a {@link Duel}: {@code encap gcm 1420}, without the count. */
    Duel.Side loop(String... parts) {
        return new Duel.Side() {
            @Override
            public double nanos(long packets) {
                double sum = 0;
                for (String words : parts) {
                    sum += Double.parseDouble(ask(words + " " + packets));
                }
                return sum;
            }

            @Override
            public boolean isCompiled() {
                return true;
            }
        };
    }

    /**
     * Refuses a comparison of different work: what one side protects the other must open, octet for octet, and both
     * must come out at the same length.
     */
    void agree() {
        for (int octets : new int[] {64, 1420}) {
            giveKeys();
            var gcm = new Bed(GCM, octets, Bed.WINDOW, CryptoEngines::best);
            byte[] clear = gcm.clear[0];
            byte[] ours = gcm.one(clear, true);
            same("C peels what we protect", clear, packet("peel gcm", ours));
            byte[] theirs = packet("protect gcm", clear);
            length("aes128gcm16", ours, theirs);
            same("we peel what C protects", clear, gcm.one(theirs, false));

            var cbc = new Bed(CBC, octets, Bed.WINDOW, CryptoEngines::best);
            theirs = packet("protect cbc", clear);
            length("aes128-sha256", cbc.one(clear, true), theirs);
            same("we peel what C protects with CBC", clear, cbc.one(theirs, false));

            var ah = new Bed(GCM + "+" + AH, octets, Bed.WINDOW, CryptoEngines::best);
            theirs = packet("protect ah", packet("protect gcm", clear));
            length("AH over ESP", ah.one(clear, true), theirs);
            same("we peel what C protects with AH", clear, ah.one(theirs, false));
        }
    }

    private byte[] packet(String words, byte[] octets) {
        return HEX.parseHex(ask(words + " " + HEX.formatHex(octets)));
    }

    private static void same(String what, byte[] wanted, byte[] got) {
        if (!Arrays.equals(wanted, got)) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "not the same work: %s, but out came %s instead of %s",
                    what,
                    HEX.formatHex(got),
                    HEX.formatHex(wanted)));
        }
    }

    private static void length(String what, byte[] ours, byte[] theirs) {
        if (ours.length != theirs.length) {
            throw new IllegalStateException("not the same work: " + what + " makes " + ours.length + " octets here, "
                    + theirs.length + " in C");
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
