package org.spigrp.cli;

import java.util.Arrays;
import java.util.List;

/** {@code ipsec ranbits}: random bits, as the text of a key. */
final class RanbitsCommand implements Command {
    private static final int MAX_BITS = 1 << 20;
    private static final int OCTETS_OF_A_GROUP = 4;
    private static final String DIGITS = "0123456789abcdef";

    @Override
    public String name() {
        return "ranbits";
    }

    @Override
    public String summary() {
        return "make a random key";
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec ranbits [--continuous] [--bytes] [--quick] BITS

            Prints as many random bits, rounded up to whole octets, in a form that spi takes as a key.
              --continuous  no underscores between groups of digits
              --bytes       counts octets instead of bits
              --quick       does nothing: no use of the generator waits

            To keep a key from others: umask 077; ipsec ranbits 256 > enc.key; ipsec spi ... --enckey @enc.key
            """;
    }

    @Override
    public int run(Call call) {
        boolean continuous = false;
        boolean bytes = false;
        String count = null;
        List<String> words = call.words();
        for (String word : words) {
            switch (word) {
                case "--help" -> {
                    call.out().print(usage());
                    return 0;
                }
                case "--version" -> {
                    call.say(Version.of(this));
                    return 0;
                }
                case "--continuous" -> continuous = true;
                case "--bytes" -> bytes = true;
                case "--quick" -> {}
                default -> {
                    if (count != null || word.startsWith("-")) {
                        throw new Refusal("takes one number of bits, and --continuous, --bytes or --quick; not "
                                + org.spigrp.wire.Quote.of(word));
                    }
                    count = word;
                }
            }
        }
        if (count == null) {
            throw new Refusal(
                    "is not told how many bits: 256 for the key of aes256, 160 for aes128gcm16 (key and salt)");
        }
        int bits = (int) Given.number("the number of " + (bytes ? "octets" : "bits"), count, 1, MAX_BITS);
        print(call, bytes ? bits : (bits + 7) / 8, continuous);
        return 0;
    }

    private static void print(Call call, int octets, boolean continuous) {
        byte[] random = new byte[octets];
        call.environment().random().nextBytes(random);
        var text = new StringBuilder("0x");
        for (int i = 0; i < octets; i++) {
            if (!continuous && i > 0 && i % OCTETS_OF_A_GROUP == 0) {
                text.append('_');
            }
            text.append(DIGITS.charAt(random[i] >> 4 & 0xf)).append(DIGITS.charAt(random[i] & 0xf));
        }
        call.say(text.toString());
        Arrays.fill(random, (byte) 0);
    }
}
