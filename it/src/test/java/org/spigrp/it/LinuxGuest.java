package org.spigrp.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;

/**
 * A real Linux kernel with IPsec as a process (User-Mode Linux from Debian's package), as the peer that opens our packets.
 * What it does is in {@code src/test/linux-guest}.
 */
public final class LinuxGuest {
    private static final Path SCRIPTS = Path.of("src", "test", "linux-guest");

    private LinuxGuest() {}

    /** Why there can be no guest here, or an empty string if there can. */
    public static String missing() throws IOException {
        if (!System.getProperty("os.arch", "").toLowerCase(Locale.ROOT).equals("amd64")) {
            return "User-Mode Linux needs an x86-64 machine";
        }
        if (!Files.exists(Path.of("/etc/debian_version"))) {
            return "the Linux guest is made of Debian's packages, and this is not Debian";
        }
        if (!System.getProperty("user.name", "").equals("root")) {
            return "the Linux guest needs root: it mounts this machine's /usr";
        }
        return "";
    }

    /** Runs the guest on a folder of cases; returns its console. */
    static String run(Path job) throws IOException, InterruptedException {
        command(List.of("bash", SCRIPTS.resolve("setup.sh").toString()), job.resolve("setup.log"));
        Files.copy(SCRIPTS.resolve("guest.py"), job.resolve("guest.py"), StandardCopyOption.REPLACE_EXISTING);
        command(List.of("bash", SCRIPTS.resolve("run.sh").toString(), job.toString()), job.resolve("run.log"));
        return Files.readString(job.resolve("console.log"));
    }

    private static void command(List<String> words, Path log) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        process.getOutputStream().close();
        if (process.waitFor() != 0) {
            throw new IOException(words + " failed: " + Files.readString(log));
        }
    }
}
