package org.spigrp.daemon;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.spigrp.engine.CryptoEngines;
import org.spigrp.engine.Faults;
import org.spigrp.store.Places;
import org.spigrp.wire.NearestName;
import org.spigrp.wire.NumberText;
import org.spigrp.wire.Parsed;
import org.spigrp.wire.Quote;

/** The options of {@code ipsec run}. */
final class RunWords {
    private static final List<String> OPTIONS = List.of("--natt-port", "--tap", "--fault", "--group", "--workers");
    private static final int MAX_PORT = 65_535;

    private RunWords() {}

    /** The user can mend it. */
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        Wrong(String say) {
            super(say);
        }

        String say() {
            return String.valueOf(getMessage());
        }
    }

    static RunOptions read(List<String> words, Map<String, String> variables, boolean root) {
        List<Integer> ports = new ArrayList<>();
        Path tap = null;
        Faults faults = null;
        String group = null;
        int workers = CryptoEngines.usualThreads(Runtime.getRuntime().availableProcessors());
        for (int i = 0; i < words.size(); i++) {
            String option = words.get(i);
            if (!OPTIONS.contains(option)) {
                throw new Wrong("there is no option " + Quote.of(option)
                        + NearestName.suggestion(option, OPTIONS, "; 'ipsec help run' lists them"));
            }
            if (++i == words.size()) {
                throw new Wrong(option + " wants a value behind it");
            }
            String value = words.get(i);
            switch (option) {
                case "--natt-port" -> ports.add(port(value));
                case "--tap" -> tap = path(option, value);
                case "--fault" -> faults = faults(value);
                case "--workers" -> workers = workers(value);
                default -> group = value;
            }
        }
        Path here = Path.of("");
        Path state = Places.state(variables, here, root);
        if (state == null) {
            throw new Wrong("does not know where its state is: set IPSEC_STATE (or HOME)");
        }
        return new RunOptions(state, Places.run(variables, here, state, root), ports, tap, faults, group, workers);
    }

    private static Path path(String option, String value) {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new Wrong(option + " " + Quote.of(value) + " is no file name: " + e.getReason());
        }
    }

    private static int port(String value) {
        boolean digits =
                !value.isEmpty() && value.length() <= 5 && value.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = digits ? Integer.parseInt(value) : 0;
        if (port < 1 || port > MAX_PORT) {
            throw new Wrong(
                    "--natt-port " + Quote.of(value) + " is no UDP port: 1 to " + MAX_PORT + "; 4500 is the usual one");
        }
        return port;
    }

    private static int workers(String value) {
        if (NumberText.parse(value, CryptoEngines.MOST_THREADS) instanceof Parsed.Ok<Long>(Long number)
                && number >= 1) {
            return number.intValue();
        }
        throw new Wrong("--workers takes 1 to " + CryptoEngines.MOST_THREADS + ", not " + Quote.of(value));
    }

    private static Faults faults(String value) {
        return switch (Faults.parse(value)) {
            case Parsed.Ok<Faults>(Faults faults) -> faults;
            case Parsed.Bad<Faults> bad -> throw new Wrong("--fault " + Quote.of(value) + ": " + bad.why());
        };
    }
}
