package org.spigrp.wire;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Texts that look nearly right: pieces of a grammar strung together, now and then with a letter wrong. The same seed
 * gives the same texts; {@code -Dspigrp.seed=N} chooses another one.
 */
public final class RandomText {
    public static final long SEED = Long.getLong("spigrp.seed", 20_251_116L);
    public static final int ROUNDS = 100_000;

    private RandomText() {}

    public static RandomGenerator random() {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    }

    /** To be put into {@code as(...)} of an assertion. */
    public static String seed(int round) {
        return "seed " + SEED + ", round " + round;
    }

    /** Up to ten pieces, then a letter replaced, removed or inserted in one text of four. */
    public static String of(RandomGenerator random, String... pieces) {
        var text = new StringBuilder();
        for (int count = random.nextInt(11); count > 0; count--) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        if (random.nextInt(4) == 0) {
            int at = random.nextInt(text.length() + 1);
            switch (random.nextInt(3)) {
                case 0 -> text.insert(at, anyCharacter(random));
                case 1 -> text.delete(at, Math.min(text.length(), at + 1));
                default -> text.replace(at, Math.min(text.length(), at + 1), "" + anyCharacter(random));
            }
        }
        return text.toString();
    }

    /** Mostly ASCII; also controls, lone surrogates and letters of other scripts. */
    private static char anyCharacter(RandomGenerator random) {
        return (char) (random.nextInt(8) == 0 ? random.nextInt(0x10000) : random.nextInt(0x80));
    }

    public static byte[] octets(RandomGenerator random, int count) {
        byte[] octets = new byte[count];
        random.nextBytes(octets);
        return octets;
    }
}
