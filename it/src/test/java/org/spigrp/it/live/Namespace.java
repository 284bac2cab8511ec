package org.spigrp.it.live;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A network namespace of a {@link Field}.
 *
 * @param name how the field calls it
 * @param unique how this machine calls it
 */
record Namespace(String name, String unique) implements Place {
    @Override
    public Ran run(String shell) {
        return start(shell).end();
    }

    /** Starts a command that runs until it is closed. */
    Running start(String shell) {
        return start(Map.of(), Path.of("/"), List.of("sh", "-c", shell));
    }

    Running start(Map<String, String> environment, Path directory, List<String> words) {
        var inside = new ArrayList<>(List.of("ip", "netns", "exec", unique));
        inside.addAll(words);
        return Running.start(environment, directory, inside);
    }

    /** The processes in it. */
    List<Long> pids() {
        return Running.start(Map.of(), Path.of("/"), List.of("ip", "netns", "pids", unique))
                .end()
                .succeeds()
                .lines()
                .map(Long::valueOf)
                .toList();
    }
}
