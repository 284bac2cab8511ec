package org.spigrp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What this host has of what commands need, and of what a live stack would need; with the way to mend it. */
final class HostChecks {
    private static final int JDK = 25;
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_NET_RAW = 13;

    /** How a check ended. */
    enum Finding {
        OK("ok"),
        /** Some command cannot work. */
        MISSING("missing"),
        /** Captures do not need it; a live stack would. */
        NOT_HERE("not here"),
        NOTE("note");

        private final String text;

        Finding(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /**
     * A line of {@code verify}.
     *
     * @param mend how, or null where there is nothing to mend
     */
    record Check(
            String subject,
            Finding finding,
            String found,
            @Nullable String mend) {}

    private final Environment environment;
    private final Path root;

    HostChecks(Environment environment) {
        this.environment = environment;
        this.root = environment.host().files();
    }

    List<Check> all() {
        var checks = new ArrayList<Check>();
        checks.add(java());
        checks.add(stateDirectory());
        checks.add(hosts());
        checks.addAll(new Engines().checks());
        checks.add(cpu());
        checks.add(tun());
        checks.add(capability("CAP_NET_ADMIN", CAP_NET_ADMIN, "to make interfaces and routes"));
        checks.add(capability("CAP_NET_RAW", CAP_NET_RAW, "to send and receive AH, ESP and IPComp"));
        checks.add(xfrm());
        checks.add(ipCommand());
        return checks;
    }

    private static Check java() {
        int feature = Runtime.version().feature();
        return feature >= JDK
                ? new Check("java", Finding.OK, "Java " + Runtime.version(), null)
                : new Check("java", Finding.MISSING, "Java " + Runtime.version(), "install a JDK " + JDK + " or later");
    }

    private Check stateDirectory() {
        Path directory;
        try {
            directory = environment.stateDirectory();
        } catch (Refusal refusal) {
            return new Check("state directory", Finding.MISSING, refusal.say(), "export IPSEC_STATE=DIRECTORY");
        }
        Path there = directory.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        String subject = "state directory";
        if (there == null || !Files.isDirectory(there)) {
            return new Check(subject, Finding.MISSING, there + " is no directory", "set IPSEC_STATE to another place");
        }
        if (!Files.isWritable(there) || !Files.isExecutable(there)) {
            return new Check(
                    subject,
                    Finding.MISSING,
                    there + " cannot be written by this user",
                    "set IPSEC_STATE to a directory of your own");
        }
        boolean made = Files.exists(directory);
        return new Check(
                subject,
                Finding.OK,
                directory + (made ? "" : " (will be made by the first command that needs it)"),
                null);
    }

    private Check hosts() {
        String file = environment.variable("IPSEC_HOSTS");
        if (file == null) {
            return new Check("host names", Finding.OK, "asked of the system", null);
        }
        Path path = environment.workingDirectory().resolve(file);
        return Files.isReadable(path)
                ? new Check("host names", Finding.OK, "in " + path + " (IPSEC_HOSTS), then asked of the system", null)
                : new Check(
                        "host names",
                        Finding.MISSING,
                        "IPSEC_HOSTS names " + path + ", which cannot be read",
                        "mend or unset IPSEC_HOSTS");
    }

    /** The JIT compiler uses these instructions by itself. */
    private Check cpu() {
        var wanted = new TreeSet<>(List.of("aes", "pclmulqdq", "avx2", "vaes", "sha_ni", "pmull", "sha2"));
        var found = new TreeSet<String>();
        for (String line : lines("proc/cpuinfo")) {
            if (line.startsWith("flags") || line.startsWith("Features")) {
                found.addAll(TextFile.words(line.substring(line.indexOf(':') + 1)));
                break;
            }
        }
        if (found.isEmpty()) {
            return new Check("processor", Finding.NOTE, "its instructions are not known", null);
        }
        wanted.retainAll(found);
        return wanted.contains("aes")
                ? new Check("processor", Finding.OK, "has " + String.join(" ", wanted), null)
                : new Check("processor", Finding.NOTE, "has no AES instructions: AES is slow here", null);
    }

    private Check tun() {
        Path tun = root.resolve("dev/net/tun");
        if (!Files.exists(tun)) {
            return new Check("/dev/net/tun", Finding.NOT_HERE, "does not exist", "as root: modprobe tun");
        }
        return Files.isReadable(tun) && Files.isWritable(tun)
                ? new Check("/dev/net/tun", Finding.OK, "may be opened", null)
                : new Check("/dev/net/tun", Finding.NOT_HERE, "may not be opened by this user", "work as root");
    }

    private Check capability(String name, int bit, String use) {
        for (String line : lines("proc/self/status")) {
            if (line.startsWith("CapEff:")) {
                String hex = line.substring(line.indexOf(':') + 1).strip();
                boolean has = hex.length() <= 16 && (Long.parseUnsignedLong(hex, 16) >>> bit & 1) != 0;
                return has
                        ? new Check(name, Finding.OK, use, null)
                        : new Check(
                                name,
                                Finding.NOT_HERE,
                                "this process lacks it (" + use + ")",
                                "work as root, or setcap");
            }
        }
        return new Check(name, Finding.NOTE, "not known on this system", null);
    }

    private Check xfrm() {
        return Files.exists(root.resolve("proc/net/xfrm_stat"))
                ? new Check("kernel IPsec", Finding.OK, "this kernel has XFRM", null)
                : new Check(
                        "kernel IPsec",
                        Finding.NOT_HERE,
                        "this kernel shows no XFRM (or without statistics)",
                        "as root: modprobe xfrm_user");
    }

    private Check ipCommand() {
        var path = new ArrayList<String>();
        String given = environment.variable("PATH");
        int from = 0;
        while (given != null && from <= given.length()) {
            int end = given.indexOf(':', from);
            end = end < 0 ? given.length() : end;
            path.add(given.substring(from, end));
            from = end + 1;
        }
        path.addAll(List.of("/usr/sbin", "/sbin"));
        for (String directory : path) {
            if (directory.startsWith("/")
                    && Files.isExecutable(root.resolve(directory.substring(1)).resolve("ip"))) {
                return new Check("ip command", Finding.OK, directory + "/ip", null);
            }
        }
        return new Check("ip command", Finding.NOT_HERE, "not found", "apt-get install iproute2");
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(root.resolve(file));
        } catch (IOException e) {
            return List.of(); // another system than Linux: the check says that it does not know
        }
    }
}
