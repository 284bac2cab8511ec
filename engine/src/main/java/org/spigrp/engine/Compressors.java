package org.spigrp.engine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** What compresses packets for IPComp: the first that is brought, works here and is right; if there is none, the JDK. */
public final class Compressors {
    private static final String JDK = "JDK " + Runtime.version().feature();
    /** For streams of the self-test: a library that writes more than it may shall hit this and not the heap. */
    private static final int ROOM = 2 * Deflate.WINDOW;

    private Compressors() {}

    /** For one worker; null means the JDK. */
    static @Nullable Compressor open() {
        for (CompressorProvider provider : Providers.of(CompressorProvider.class)) {
            Compressor compressor = provider.open();
            if (compressor == null) continue;
            if (isRight(compressor)) return compressor;
            compressor.close();
        }
        return null;
    }

    /** What {@code ipsec version --engines} shows: who compresses and who expands. */
    public static String describe() {
        for (CompressorProvider provider : Providers.of(CompressorProvider.class)) {
            if (trouble(provider).isEmpty()) {
                return provider.name() + " compresses for IPComp, " + JDK + " expands";
            }
        }
        return JDK + " compresses and expands for IPComp";
    }

    /** The compressors that could be in use and are not. */
    public static List<CryptoEngines.Absent> absent() {
        List<CryptoEngines.Absent> absent = new ArrayList<>();
        for (CompressorProvider provider : Providers.of(CompressorProvider.class)) {
            String trouble = trouble(provider);
            if (!trouble.isEmpty()) absent.add(new CryptoEngines.Absent(provider.name(), trouble));
        }
        return absent;
    }

    private static String trouble(CompressorProvider provider) {
        try (Compressor compressor = provider.open()) {
            if (compressor == null) return provider.whyNot();
            return isRight(compressor) ? "" : "what it compressed did not expand to what it was given";
        }
    }

    /** Whether the JDK expands what it makes of known texts, of all sizes that matter; and whether it minds the limit. */
    static boolean isRight(Compressor compressor) {
        byte[] text = text();
        byte[] stream = new byte[ROOM];
        for (int count : new int[] {1, 90, 1420, Deflate.WINDOW}) {
            int from = text.length - count;
            int size = compressor.compress(text, from, count, stream, ROOM);
            if (!expandsTo(stream, size, Arrays.copyOfRange(text, from, text.length))) return false;
            if (compressor.compress(text, from, count, stream, size - 1) != -1) return false;
            if (compressor.compress(text, from, count, stream, size) != size) return false;
        }
        return true;
    }

    private static byte[] text() {
        var text = new StringBuilder();
        for (int i = 0; text.length() < Deflate.WINDOW + 100; i++) {
            text.append("line ").append(i * i % 977).append(i % 3 == 0 ? " of the text\n" : " and its number, ");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean expandsTo(byte[] stream, int size, byte[] wanted) {
        if (size <= 0) return false;
        try (var inflater = new Inflater(true)) {
            inflater.setInput(stream, 0, size);
            byte[] got = new byte[wanted.length + 1];
            int count = inflater.inflate(got);
            return inflater.finished()
                    && inflater.getRemaining() == 0
                    && Arrays.equals(got, 0, count, wanted, 0, wanted.length);
        } catch (DataFormatException _) {
            return false;
        }
    }
}
