package org.spigrp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.AddressText;
import org.spigrp.wire.Family;
import org.spigrp.wire.IpAddress;
import org.spigrp.wire.NameResolver;
import org.spigrp.wire.Parsed;

/**
 * From host names to addresses: the file that IPSEC_HOSTS names (its lines as in hosts(5)) overrules the system. The
 * system gets a limited time for each name, and is asked once for each.
 */
final class Names implements NameResolver {
    private final Environment environment;
    private final Map<String, List<IpAddress>> known = new HashMap<>();
    private @Nullable Map<String, List<IpAddress>> hosts;
    private boolean timedOut;

    Names(Environment environment) {
        this.environment = environment;
    }

    @Override
    public @Nullable IpAddress resolve(String name, Family family) {
        for (IpAddress address : addressesOf(name)) {
            if (address.family() == family) {
                return address;
            }
        }
        return null;
    }

    /** What a parser said about text that may have been a name, with what we know about the look-up. */
    String explain(String why) {
        return timedOut
                ? why + " (no answer within " + environment.nameTimeout().toSeconds()
                        + " s: is the name server reachable?)"
                : why;
    }

    private List<IpAddress> addressesOf(String name) {
        timedOut = false;
        String key = name.toLowerCase(Locale.ROOT);
        List<IpAddress> found = known.get(key);
        if (found == null) {
            found = hosts().get(key);
            if (found == null) {
                found = ask(name);
            }
            if (!timedOut) {
                known.put(key, found);
            }
        }
        return found;
    }

    /** In a thread of its own, because the system's resolver cannot be told to hurry. */
    private List<IpAddress> ask(String name) {
        var answer = new AtomicReference<List<IpAddress>>(List.of());
        var done = new CountDownLatch(1);
        Thread.ofPlatform().daemon().name("resolver").start(() -> {
            try {
                answer.set(environment.host().addressesOf(name));
            } finally {
                done.countDown();
            }
        });
        try {
            timedOut = !done.await(environment.nameTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
        List<IpAddress> found = answer.get();
        return timedOut || found == null ? List.of() : found;
    }

    private Map<String, List<IpAddress>> hosts() {
        Map<String, List<IpAddress>> read = hosts;
        if (read == null) {
            String file = environment.variable("IPSEC_HOSTS");
            read = file == null
                    ? Map.of()
                    : readHosts(environment.workingDirectory().resolve(file));
            hosts = read;
        }
        return read;
    }

    private static Map<String, List<IpAddress>> readHosts(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new Refusal("cannot read the hosts file " + file + " (IPSEC_HOSTS): " + Trouble.why(e));
        }
        var found = new HashMap<String, List<IpAddress>>();
        for (int i = 0; i < lines.size(); i++) {
            List<String> words = TextFile.words(lines.get(i));
            if (words.isEmpty()) {
                continue;
            }
            switch (AddressText.parse(words.getFirst(), null, NameResolver.NONE)) {
                case Parsed.Bad<IpAddress>(String why) ->
                    throw new Refusal("hosts file " + file + ":" + (i + 1) + ": " + why);
                case Parsed.Ok<IpAddress>(IpAddress address) -> {
                    for (String name : words.subList(1, words.size())) {
                        found.computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                                .add(address);
                    }
                }
            }
        }
        return found;
    }
}
