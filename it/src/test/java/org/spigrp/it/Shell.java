package org.spigrp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.spigrp.cli.Environment;
import org.spigrp.cli.Host;
import org.spigrp.cli.Ipsec;
import org.spigrp.wire.IpAddress;

/** Types commands for a host with a state directory of its own, in this process. Words are separated by blanks. */
final class Shell {
    private final Path directory;
    private final Environment environment;

    /** What came of a command. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Ran(int exit, String out, String err, byte[] octets) {
        Ran succeeds() {
            assertThat(exit).as(err + out).isZero();
            return this;
        }
    }

    /** @param directory the working directory; the state is {@code directory/state} */
    Shell(Path directory, Map<String, String> variables, @Nullable Path home) {
        this(directory, variables, home, new SecureRandom());
    }

    /** @param random where keys and IVs come from */
    Shell(Path directory, Map<String, String> variables, @Nullable Path home, RandomGenerator random) {
        this.directory = directory;
        var environment = new Environment(
                variables, InstantSource.system(), random, directory, home, new QuietHost(), Duration.ofSeconds(5));
        this.environment =
                environment.with("IPSEC_STATE", directory.resolve("state").toString());
    }

    Shell(Path directory) {
        this(directory, Map.of(), null);
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    /** The command must succeed. */
    Ran ipsec(String words) {
        return run(words).succeeds();
    }

    Ran run(String words) {
        return run(words, new byte[0]);
    }

    Ran run(String words, byte[] in) {
        return run(words, new ByteArrayInputStream(in));
    }

    private Ran run(String words, InputStream in) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int exit = Ipsec.run(
                words.split(" "),
                in,
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8),
                environment);
        return new Ran(
                exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8), out.toByteArray());
    }

    /** A host without addresses, names and terminal. */
    private final class QuietHost implements Host {
        @Override
        public boolean isSuperuser() {
            return false;
        }

        @Override
        public boolean isWatched(int descriptor) {
            return false;
        }

        @Override
        public String name() {
            return "host";
        }

        @Override
        public List<IpAddress> addressesOf(String name) {
            return List.of();
        }

        @Override
        public List<IpAddress> localAddresses() {
            return List.of();
        }

        @Override
        public int mtuOf(String networkInterface) {
            return 0;
        }

        @Override
        public Path files() {
            return directory;
        }
    }
}
