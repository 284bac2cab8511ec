package org.spigrp.sa;

import java.util.Arrays;
import org.spigrp.wire.Parsed;

/**
 * Keys as text.
 *
 * <ul>
 *   <li>{@code 0x}: hexadecimal digits, two for an octet; {@code _} may stand between octets.
 *   <li>{@code 0s}: base64 (RFC 4648 4), groups of four characters, {@code =} at the end, unused bits zero.
 *   <li>{@code 0t}: printable ASCII, a character for an octet.
 * </ul>
 *
 * No complaint repeats a character of the key: places are told by number (1 = the first character behind the prefix).
 */
public final class KeyText {
    private static final String FORMS = "a key begins with 0x (hexadecimal), 0s (base64) or 0t (text)";

    private KeyText() {}

    public static Parsed<KeyMaterial> parse(String text) {
        if (text.isEmpty()) {
            return Parsed.bad("the key is empty; " + FORMS);
        }
        if (text.charAt(0) != '0' || text.length() < 2) {
            return Parsed.bad("the key has no format prefix; " + FORMS);
        }
        return switch (text.charAt(1)) {
            case 'x' -> nonEmpty(text, 'x', () -> hex(text));
            case 's' -> nonEmpty(text, 's', () -> base64(text));
            case 't' -> nonEmpty(text, 't', () -> plain(text));
            case 'X', 'S', 'T' -> Parsed.bad("the key's format prefix must be in lower case: " + FORMS);
            default -> Parsed.bad("the key's format prefix is unknown: " + FORMS);
        };
    }

    private interface Reader {
        Parsed<KeyMaterial> read();
    }

    private static Parsed<KeyMaterial> nonEmpty(String text, char format, Reader reader) {
        return text.length() == 2 ? Parsed.bad("there is nothing behind the key's 0" + format) : reader.read();
    }

    private static Parsed<KeyMaterial> hex(String text) {
        byte[] octets = new byte[text.length() / 2];
        int digits = 0;
        try {
            for (int i = 2; i < text.length(); i++) {
                char c = text.charAt(i);
                int digit = hexDigit(c);
                if (digit >= 0) {
                    octets[digits / 2] |= (byte) (digits % 2 == 0 ? digit << 4 : digit);
                    digits++;
                } else if (c != '_') {
                    return Parsed.bad("character " + place(i) + " of the key is not a hexadecimal digit");
                } else if (digits % 2 != 0 || digits == 0 || text.charAt(i - 1) == '_' || i == text.length() - 1) {
                    return Parsed.bad("the '_' at character " + place(i)
                            + " of the key does not stand between two octets (pairs of hexadecimal digits)");
                }
            }
            if (digits % 2 != 0) {
                return Parsed.bad("the key has an odd number of hexadecimal digits, " + digits
                        + ": two make an octet, so one is missing or too many");
            }
            return Parsed.ok(take(octets, digits / 2));
        } finally {
            Arrays.fill(octets, (byte) 0);
        }
    }

    private static int hexDigit(char c) {
        return c >= '0' && c <= '9'
                ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    }

    /** Ours, as the JDK's decoder puts characters of its input into its complaints. */
    private static Parsed<KeyMaterial> base64(String text) {
        int length = text.length() - 2;
        if (length % 4 != 0) {
            return Parsed.bad("the key has " + length
                    + " base64 characters, which is not a multiple of four: it may have been cut off");
        }
        int padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
        int count = length - padding;
        byte[] octets = new byte[length / 4 * 3 - padding];
        try {
            int bits = 0;
            int held = 0;
            int at = 0;
            for (int i = 0; i < count; i++) {
                int value = base64Digit(text.charAt(i + 2));
                if (value < 0) {
                    return Parsed.bad("character " + place(i + 2) + " of the key is not a base64 character");
                }
                held = (held << 6 | value) & 0xfff;
                bits += 6;
                if (bits >= 8) {
                    bits -= 8;
                    octets[at++] = (byte) (held >>> bits);
                }
            }
            if ((held & (1 << bits) - 1) != 0) {
                return Parsed.bad("the unused bits at the end of the key's base64 are not zero:"
                        + " it may have been cut off or mistyped");
            }
            return Parsed.ok(take(octets, octets.length));
        } finally {
            Arrays.fill(octets, (byte) 0);
        }
    }

    private static int base64Digit(char c) {
        if (c >= 'A' && c <= 'Z') {
            return c - 'A';
        }
        if (c >= 'a' && c <= 'z') {
            return c - 'a' + 26;
        }
        if (c >= '0' && c <= '9') {
            return c - '0' + 52;
        }
        return c == '+' ? 62 : c == '/' ? 63 : -1;
    }

    private static Parsed<KeyMaterial> plain(String text) {
        byte[] octets = new byte[text.length() - 2];
        try {
            for (int i = 2; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c < 0x20 || c > 0x7e) {
                    return Parsed.bad("character " + place(i)
                            + " of the key is not printable ASCII: give such a key in hexadecimal (0x)");
                }
                octets[i - 2] = (byte) c;
            }
            return Parsed.ok(take(octets, octets.length));
        } finally {
            Arrays.fill(octets, (byte) 0);
        }
    }

    private static KeyMaterial take(byte[] octets, int count) {
        byte[] exact = Arrays.copyOf(octets, count);
        KeyMaterial key = KeyMaterial.copyOf(exact);
        Arrays.fill(exact, (byte) 0);
        return key;
    }

    /** Of the character at {@code index} of the whole text, counted behind the prefix. */
    private static int place(int index) {
        return index - 1;
    }
}
