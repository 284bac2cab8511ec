package org.spigrp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.spigrp.command.Listing;
import org.spigrp.command.Release;
import org.spigrp.store.StoreTrouble;
import org.spigrp.wire.Quote;

/** {@code ipsec barf}: everything that a bug report needs, and no secret. Goes on where a part of it cannot be had. */
final class BarfCommand implements Command {
    /** Of the environment variables, those that change what commands do; none of them can hold a key. */
    private static final List<String> VARIABLES = List.of(
            "IPSEC_STATE",
            "IPSEC_RUN",
            "IPSEC_LEGACY",
            "IPSEC_HOSTS",
            "IPSEC_DEBUG",
            "IPSEC_JAVA_OPTS",
            "XDG_STATE_HOME",
            "XDG_RUNTIME_DIR",
            "HOME",
            "JAVA_HOME",
            "LANG",
            "LC_ALL",
            "TERM",
            "COLUMNS");

    private static final List<Listing> LISTINGS =
            List.of(Listing.SPIGRP, Listing.EROUTE, Listing.TNCFG, Listing.KLIPSDEBUG, Listing.LOOK);

    @Override
    public String name() {
        return "barf";
    }

    @Override
    public String summary() {
        return "print everything for a bug report, no keys";
    }

    @Override
    public boolean allowedInScripts() {
        return false;
    }

    @Override
    public String usage() {
        return """
            Usage: ipsec barf > report.txt

            Version, machine, environment, findings, files of the state directory, all listings. Addresses are in it;
            keys are not.
            """;
    }

    @Override
    public int run(Call call) {
        String word = call.words().isEmpty() ? "" : call.words().getFirst();
        if (word.equals("--help")) {
            call.out().print(usage());
            return 0;
        }
        if (word.equals("--version")) {
            call.say(Version.of(this));
            return 0;
        }
        if (!call.words().isEmpty()) {
            throw new Refusal("takes no words, not " + Quote.of(word));
        }
        Environment environment = call.environment();
        part(call, "version");
        call.say(Release.line());
        call.say(LookCommand.date(environment.clock().instant().atZone(java.time.ZoneOffset.UTC)));
        part(call, "machine");
        machine(call);
        part(call, "environment");
        for (String name : VARIABLES) {
            String value = environment.variable(name);
            if (value != null) {
                call.say(name + "=" + Quote.of(value));
            }
        }
        part(call, "verify");
        VerifyCommand.print(new HostChecks(environment).all(), call);
        part(call, "daemon");
        try {
            RemoteBackend daemon = call.session().daemon();
            call.say(daemon == null ? "none runs" : daemon.status());
        } catch (Refusal refusal) {
            call.say("cannot be asked: " + refusal.say());
        }
        part(call, "state directory");
        files(call);
        try {
            listings(call);
        } catch (StoreTrouble trouble) {
            call.say("cannot be read: " + trouble.say());
        } catch (Refusal refusal) {
            call.say("cannot be had: " + refusal.say());
        }
        return 0;
    }

    private static void part(Call call, String title) {
        call.say("");
        call.say("== " + title);
    }

    private static void machine(Call call) {
        for (String property :
                List.of("os.name", "os.version", "os.arch", "java.vendor", "java.vm.name", "java.version")) {
            call.say(property + ": " + System.getProperty(property));
        }
        call.say("processors: " + Runtime.getRuntime().availableProcessors());
        call.say("memory: " + Runtime.getRuntime().maxMemory() / (1 << 20) + " MiB for this JVM");
        Path release = call.environment().host().files().resolve("etc/os-release");
        try {
            for (String line : Files.readAllLines(release)) {
                if (line.startsWith("PRETTY_NAME=")) {
                    call.say(line);
                }
            }
        } catch (IOException e) {
            call.say("no etc/os-release: " + Trouble.why(e));
        }
    }

    private static void files(Call call) {
        Path directory = call.session().stateDirectory();
        call.say(directory.toString());
        if (!Files.exists(directory)) {
            call.say("does not exist yet");
            return;
        }
        try (var files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                call.say(file.getFileName() + "  " + Files.size(file) + " octets  " + Files.getLastModifiedTime(file));
            }
        } catch (IOException e) {
            call.say("cannot be read: " + Trouble.why(e));
        }
    }

    private static void listings(Call call) {
        for (Listing listing : LISTINGS) {
            part(call, listing.text());
            call.list(listing, false);
        }
    }
}
