package org.spigrp.wire;

/**
 * Numbers as the commands take them: {@code 0x} or {@code 0X} and hexadecimal digits, {@code 0} and octal digits, or
 * decimal digits. No sign, no blanks, not empty; at most 2^63 - 1. A number that does not fit is refused, never cut.
 */
public final class NumberText {
    /** Zeros in front count: what is longer is taken for a mistake. */
    private static final int MAX_HEX_DIGITS = 16;

    private NumberText() {}

    public static Parsed<Long> parse(String text) {
        if (text.isEmpty()) {
            return Parsed.bad("a number is missing: the text is empty");
        }
        if (text.length() > 2 && (text.startsWith("0x") || text.startsWith("0X"))) {
            return digits(text, text.substring(2), 16);
        }
        if (text.length() > 1 && text.charAt(0) == '0') {
            return digits(text, text.substring(1), 8);
        }
        return digits(text, text, 10);
    }

    /** {@link #parse} with an upper bound. */
    public static Parsed<Long> parse(String text, long max) {
        return parse(text).then(value -> value <= max ? Parsed.ok(value) : tooLarge(text, max));
    }

    /** Hexadecimal digits without {@code 0x}, as behind the dot of {@code esp.1f40@192.0.2.7}. */
    public static Parsed<Long> parseHex(String text) {
        return text.isEmpty()
                ? Parsed.bad("a hexadecimal number is missing: the text is empty")
                : digits(text, text, 16);
    }

    static <T> Parsed<T> tooLarge(String text, long max) {
        return Parsed.bad(Quote.of(text) + " is too large: the most is " + max + " (0x" + Long.toHexString(max) + ")");
    }

    private static Parsed<Long> digits(String text, String digits, int base) {
        if (base == 16 && digits.length() > MAX_HEX_DIGITS) {
            return Parsed.bad(Quote.of(text) + " has more than " + MAX_HEX_DIGITS + " hexadecimal digits");
        }
        long value = 0;
        boolean fits = true;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digit(digits.charAt(i), base);
            if (digit < 0) {
                return Parsed.bad(notADigit(text, digits, i, base));
            }
            fits &= value <= (Long.MAX_VALUE - digit) / base;
            value = fits ? value * base + digit : value;
        }
        return fits ? Parsed.ok(value) : tooLarge(text, Long.MAX_VALUE);
    }

    private static String notADigit(String text, String digits, int at, int base) {
        String wrong = Quote.of(digits.substring(at, digits.offsetByCodePoints(at, 1)));
        return Quote.of(text) + " is not a number: " + wrong
                + switch (base) {
                    case 16 -> " is not a hexadecimal digit";
                    case 8 -> " is not an octal digit (a leading 0 means octal; 0x means hexadecimal)";
                    default -> " is not a decimal digit (hexadecimal numbers begin with 0x)";
                };
    }

    /** ASCII digits only: {@link Character#digit} would also take those of other scripts. */
    static int digit(char c, int base) {
        int digit = c >= '0' && c <= '9'
                ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
        return digit < base ? digit : -1;
    }
}
