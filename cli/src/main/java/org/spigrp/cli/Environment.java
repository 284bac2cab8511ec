package org.spigrp.cli;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.spigrp.store.Places;

/**
 * Everything that a command may know about the process and machine it runs in. Commands ask nothing else, so a test
 * holds their whole world in its hand.
 *
 * @param variables environment variables: IPSEC_STATE, IPSEC_RUN, IPSEC_LEGACY, IPSEC_HOSTS, IPSEC_DEBUG,
 *     XDG_STATE_HOME, XDG_RUNTIME_DIR, HOME, COLUMNS
 * @param clock for addtime, listings and dates
 * @param random a CSPRNG: keys and IVs come from it
 * @param workingDirectory what relative file names start from
 * @param home the checkout or installation, null where unknown
 * @param host the machine
 * @param nameTimeout how long the machine may look for a name
 */
public record Environment(
        Map<String, String> variables,
        InstantSource clock,
        RandomGenerator random,
        Path workingDirectory,
        @Nullable Path home,
        Host host,
        Duration nameTimeout) {
    public static final Duration NAME_TIMEOUT = Duration.ofSeconds(5);

    private static final int PAGE_WIDTH = 80;
    private static final int MAX_PAGE_WIDTH = 100; // longer lines are hard to read

    public Environment {
        variables = Map.copyOf(variables);
    }

    /** Of this process. */
    public static Environment ofThisProcess() {
        String home = System.getProperty("spigrp.home");
        return new Environment(
                System.getenv(),
                InstantSource.system(),
                new LazyRandom(),
                Path.of(""),
                home == null ? null : Path.of(home),
                new ThisHost(),
                NAME_TIMEOUT);
    }

    /** This environment with one variable set. */
    public Environment with(String name, String value) {
        var changed = new HashMap<>(variables);
        changed.put(name, value);
        return new Environment(changed, clock, random, workingDirectory, home, host, nameTimeout);
    }

    /** Null also where it is empty. */
    public @Nullable String variable(String name) {
        String value = variables.get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /** IPSEC_LEGACY=ok: old algorithms without a warning, and the old rules for ESP without integrity and for tunnels. */
    public boolean legacy() {
        return "ok".equals(variables.get("IPSEC_LEGACY"));
    }

    /** $IPSEC_STATE, else /var/lib/spigrp for root, else spigrp in the XDG state directory. */
    public Path stateDirectory() {
        Path place = Places.state(variables, workingDirectory, host.isSuperuser());
        if (place == null) {
            throw new Refusal("does not know where to keep its state: set IPSEC_STATE (or HOME)");
        }
        return place;
    }

    /** $IPSEC_RUN, else run in $IPSEC_STATE, else /run/spigrp for root, else spigrp in the XDG runtime directory. */
    public Path runDirectory() {
        return Places.run(variables, workingDirectory, stateDirectory(), host.isSuperuser());
    }

    /** Columns of a manual page. */
    int pageWidth() {
        String columns = variable("COLUMNS");
        if (columns == null || columns.length() > 5 || !columns.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return PAGE_WIDTH;
        }
        return Math.min(Integer.parseInt(columns), MAX_PAGE_WIDTH);
    }

    /** SecureRandom costs milliseconds to load, and a listing draws nothing. */
    private static final class LazyRandom implements RandomGenerator {
        private @Nullable SecureRandom generator;

        private SecureRandom generator() {
            SecureRandom made = generator;
            if (made == null) {
                made = new SecureRandom();
                generator = made;
            }
            return made;
        }

        @Override
        public long nextLong() {
            return generator().nextLong();
        }

        @Override
        public void nextBytes(byte[] bytes) {
            generator().nextBytes(bytes);
        }
    }
}
