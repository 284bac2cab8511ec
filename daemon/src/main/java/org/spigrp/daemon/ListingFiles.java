package org.spigrp.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.spigrp.command.Listing;
import org.spigrp.command.Snapshot;

/**
 * The files of {@code /proc/net} that old monitoring reads, in the run directory: {@code net/ipsec_spigrp} and so on,
 * the very text of the commands' listings. Each is written beside its place and moved there, so nobody reads half of it.
 *
 * <p>Files are written by another thread, for a file system takes milliseconds and packets would wait. The text too is
 * made there, if the tables stand still ({@link #writeStill}): code that runs once a second is slow, a millisecond for
 * four SAs. They are for looking only. Where one cannot be written the stack goes on, and says so once.
 */
final class ListingFiles {
    /** Characters up to which a listing is kept, so that the same is not written again. */
    private static final int MOST_KEPT = 1 << 20;
    /** Stands for one that is not kept; no listing is like it. */
    private static final String TOO_LONG = "...";

    private final Path directory;
    private final String version;
    private final Consumer<String> warn;
    private final Executor writer;
    private final AtomicBoolean writing = new AtomicBoolean();
    private boolean leftOutTold;

    // The writer's own.

    private final Map<String, String> written = new HashMap<>();
    private boolean warned;

    /**
     * @param version the line of {@code ipsec version}
     * @param warn hears of trouble, from the writer's thread too
     * @param writer does one after the other
     */
    ListingFiles(Path runDirectory, String version, Consumer<String> warn, Executor writer) {
        this.directory = runDirectory.resolve("net");
        this.version = version;
        this.warn = warn;
        this.writer = writer;
    }

    /**
     * Has those written that have changed. The text is made at once: the snapshot may change afterwards.
     *
     * @return false if the last ones are still being written: nothing was done
     */
    boolean write(Snapshot snapshot, Instant now) {
        if (!writing.compareAndSet(false, true)) {
            return false;
        }
        Map<String, String> texts = texts(snapshot, now);
        execute(() -> put(texts));
        return true;
    }

    /** The same with a snapshot that never changes: the text is made by the writer. */
    boolean writeStill(Supplier<Snapshot> snapshot, Instant now) {
        if (!writing.compareAndSet(false, true)) {
            return false;
        }
        Snapshot still = snapshot.get();
        execute(() -> put(texts(still, now)));
        return true;
    }

    private void execute(Runnable work) {
        writer.execute(() -> {
            try {
                work.run();
            } finally {
                writing.set(false);
            }
        });
    }

    private Map<String, String> texts(Snapshot snapshot, Instant now) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("ipsec_version", version + "\n");
        for (Listing listing : Listing.values()) {
            if (listing != Listing.LOOK) {
                var text = new StringBuilder();
                listing.print(snapshot, now, false, line -> text.append(line).append('\n'));
                texts.put("ipsec_" + listing.text(), text.toString());
            }
        }
        return texts;
    }

    private void put(Map<String, String> texts) {
        try {
            Files.createDirectories(directory);
            for (Map.Entry<String, String> text : texts.entrySet()) {
                put(text.getKey(), text.getValue());
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
        written.put(name, text.length() > MOST_KEPT ? TOO_LONG : text);
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
        writer.execute(this::removeNow);
    }

    private void removeNow() {
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
