package org.spigrp.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.spigrp.command.Listing;
import org.spigrp.command.Snapshot;

/**
 * The files of {@code /proc/net} that old monitoring reads, in the run directory: {@code net/ipsec_spigrp} and so on,
 * the very text of the commands' listings. Each is written beside its place and moved there, so nobody reads half of it.
 *
 * <p>They are for looking only. Where one cannot be written the stack goes on, and says so once.
 */
final class ListingFiles {
    private final Path directory;
    private final String version;
    private final Consumer<String> warn;
    private final Map<String, String> written = new HashMap<>();
    private boolean warned;

    /** @param version the line of {@code ipsec version} */
    ListingFiles(Path runDirectory, String version, Consumer<String> warn) {
        this.directory = runDirectory.resolve("net");
        this.version = version;
        this.warn = warn;
    }

    /** Writes those that have changed. */
    void write(Snapshot snapshot, Instant now) {
        try {
            Files.createDirectories(directory);
            put("ipsec_version", version + "\n");
            for (Listing listing : Listing.values()) {
                if (listing != Listing.LOOK) {
                    var text = new StringBuilder();
                    listing.print(
                            snapshot, now, false, line -> text.append(line).append('\n'));
                    put("ipsec_" + listing.text(), text.toString());
                }
            }
        } catch (IOException e) {
            if (!warned) {
                warned = true;
                warn.accept("listing files under " + directory + " cannot be written (" + e.getMessage()
                        + "): commands list all the same");
            }
        }
    }

    private void put(String name, String text) throws IOException {
        if (text.equals(written.get(name))) {
            return;
        }
        Path fresh = directory.resolve(name + ".new");
        Files.writeString(fresh, text, StandardCharsets.UTF_8);
        Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        written.put(name, text);
    }

    /** The stack has ended: the files would tell of what is no more. */
    void remove() {
        for (String name : written.keySet()) {
            try {
                Files.deleteIfExists(directory.resolve(name));
            } catch (IOException e) {
                warn.accept(directory.resolve(name) + " cannot be removed: " + e.getMessage());
            }
        }
        written.clear();
    }
}
