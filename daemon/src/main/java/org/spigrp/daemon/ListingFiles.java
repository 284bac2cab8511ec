package org.spigrp.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.spigrp.command.Listing;
import org.spigrp.command.Snapshot;

/**
 * The files of {@code /proc/net} that old monitoring reads, in the run directory: {@code net/ipsec_spigrp} and so on,
 * the very text of the commands' listings. Each is written beside its place and moved there, so nobody reads half of it.
 *
 * <p>They are for looking only. Where one cannot be written the stack goes on, and says so once.
 */
final class ListingFiles {
    /** Characters up to which a listing is kept, so that the same is not written again. */
    private static final int MOST_KEPT = 1 << 20;
    /** Stands for one that is not kept; no listing is like it. */
    private static final String TOO_LONG = "...";

    private final Path directory;
    private final String version;
    private final Consumer<String> warn;
    private final Map<String, String> written = new HashMap<>();
    private boolean warned;
    private boolean leftOutTold;

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
                    String name = "ipsec_" + listing.text();
                    try (var text = new Text(fresh(name))) {
                        listing.print(snapshot, now, false, text::add);
                        put(name, text);
                    }
                }
            }
        } catch (IOException | UncheckedIOException e) {
            if (!warned) {
                warned = true;
                warn.accept("listing files under " + directory + " cannot be written (" + e.getMessage()
                        + "): commands list all the same");
            }
        }
    }

    private Path fresh(String name) {
        return directory.resolve(name + ".new");
    }

    private void put(String name, String text) throws IOException {
        if (text.equals(written.get(name))) {
            return;
        }
        Files.writeString(fresh(name), text, StandardCharsets.UTF_8);
        place(name, text);
    }

    private void put(String name, Text text) throws IOException {
        if (text.isLong()) {
            text.close();
            place(name, TOO_LONG);
        } else {
            put(name, text.toString());
        }
    }

    private void place(String name, String text) throws IOException {
        Files.move(
                fresh(name),
                directory.resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        written.put(name, text);
    }

    /** A listing that goes into its file as it is made, once it is too long to be kept and compared. */
    private static final class Text implements AutoCloseable {
        private final Path file;
        private final StringBuilder kept = new StringBuilder();
        private @Nullable Writer writer;
        private boolean ended;

        Text(Path file) {
            this.file = file;
        }

        void add(String line) {
            kept.append(line).append('\n');
            if (kept.length() > MOST_KEPT) {
                try {
                    if (writer == null) {
                        writer = Files.newBufferedWriter(file);
                    }
                    writer.append(kept);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                kept.setLength(0);
            }
        }

        boolean isLong() {
            return writer != null;
        }

        @Override
        public String toString() {
            return kept.toString();
        }

        @Override
        public void close() throws IOException {
            if (writer != null && !ended) {
                ended = true;
                writer.append(kept);
                writer.close();
            }
        }
    }

    /** There is too much to be listed, for now: the files would tell of what was. */
    void leaveOut(int most) {
        remove();
        if (!leftOutTold) {
            leftOutTold = true;
            warn.accept("listing files under " + directory + " are left out, as there are more than " + most
                    + " SAs or eroutes: commands list all the same");
        }
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
