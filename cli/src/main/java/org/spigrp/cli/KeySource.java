package org.spigrp.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import org.spigrp.sa.KeyMaterial;
import org.spigrp.sa.KeyText;
import org.spigrp.wire.Parsed;

/** Where a key comes from: the text itself, {@code @FILE}, or {@code -} for a line of stdin. Never says what it is. */
final class KeySource {
    /** Many times the longest key in hexadecimal. */
    private static final int MAX_TEXT = 4096;

    private KeySource() {}

    static KeyMaterial read(String option, String text, Call call) {
        String key;
        String from;
        if (text.equals("-")) {
            key = line(option, call.in());
            from = "the line on stdin for --" + option;
        } else if (text.startsWith("@")) {
            key = file(option, text.substring(1), call);
            from = "the text in " + text.substring(1) + " for --" + option;
        } else {
            key = text;
            from = "--" + option;
        }
        return switch (KeyText.parse(key)) {
            case Parsed.Ok<KeyMaterial>(KeyMaterial material) -> material;
            case Parsed.Bad<KeyMaterial>(String why) -> throw new Refusal(from + " is no key: " + why);
        };
    }

    private static String line(String option, InputStream in) {
        byte[] line = new byte[MAX_TEXT];
        int length = 0;
        try {
            for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
                if (length == MAX_TEXT) {
                    throw tooLong("the line on stdin for --" + option);
                }
                line[length++] = (byte) octet;
            }
            if (length == 0) {
                throw new Refusal("--" + option + " - wants the key as a line of stdin, and there is none");
            }
            return new String(line, 0, length, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new Refusal("--" + option + " - cannot read stdin: " + Trouble.why(e), Refusal.FAILED);
        } finally {
            Arrays.fill(line, (byte) 0);
        }
    }

    private static String file(String option, String name, Call call) {
        byte[] octets;
        try {
            Path path = call.environment().workingDirectory().resolve(name);
            warnIfOthersRead(path, call);
            try (InputStream in = Files.newInputStream(path)) {
                octets = in.readNBytes(MAX_TEXT + 1);
            }
        } catch (IOException | InvalidPathException e) {
            throw new Refusal("--" + option + " cannot read the key file " + name + ": " + Trouble.why(e));
        }
        try {
            if (octets.length > MAX_TEXT) {
                throw tooLong("the key file " + name);
            }
            return new String(octets, StandardCharsets.UTF_8).strip();
        } finally {
            Arrays.fill(octets, (byte) 0);
        }
    }

    private static Refusal tooLong(String what) {
        return new Refusal(what + " is longer than " + MAX_TEXT + " characters: no key is");
    }

    private static void warnIfOthersRead(Path path, Call call) throws IOException {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        var permissions = Files.getPosixFilePermissions(path);
        if (permissions.contains(PosixFilePermission.OTHERS_READ)
                || permissions.contains(PosixFilePermission.GROUP_READ)) {
            call.warn("others can read the key file " + path + ": chmod 600 it");
        }
    }
}
