package org.spigrp.engine.capture;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.spigrp.wire.Packet;
import org.spigrp.wire.Verdict;

/**
 * Writes packets as they pass to a pcapng file, with nanoseconds, their direction, and a comment that says what became
 * of them. Wireshark shows the comments; a filter is {@code frame.comment contains "BAD_ICV"}.
 *
 * <p>Watching must not end the watched: when the file can no longer be written (the disk is full), the tap stops, and
 * {@link #trouble} says so once. What was handed over before stays readable.
 *
 * <p>Nothing reaches the file before {@link #flush}, {@link #close} or a full buffer. Any thread may call.
 */
public final class Tap implements AutoCloseable {
    private final String name;
    private final OutputStream out;
    private final PcapNgWriter writer;
    private int interfaces;
    private boolean stopped;
    private @Nullable String trouble;

    /**
     * Writes to a stream, which is closed with the tap.
     *
     * @param name for messages
     */
    public Tap(String name, OutputStream out) {
        this.name = name;
        this.out = out;
        writer = new PcapNgWriter(name, out);
    }

    /**
     * Writes to a file, from its beginning. There is clear text in it, so that only its owner may read it; a pipe or a
     * device is left as it is.
     *
     * @throws CaptureTrouble if it cannot be opened
     */
    public static Tap create(Path file) {
        try {
            var options =
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
            var owner = PosixFilePermissions.fromString("rw-------");
            OutputStream out = Channels.newOutputStream(
                    Files.newByteChannel(file, options, PosixFilePermissions.asFileAttribute(owner)));
            var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
            if (view != null && Files.isRegularFile(file)) {
                view.setPermissions(owner); // it may have been there already
            }
            return new Tap(file.toString(), out);
        } catch (IOException e) {
            throw new CaptureTrouble(file + " cannot be written: " + why(file, e), e);
        }
    }

    /** The JDK says only the file's name where something else is missing or forbidden. */
    private static String why(Path file, IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "its directory does not exist";
            case AccessDeniedException _ -> "permission denied";
            default -> String.valueOf(e.getMessage()).replace(file + ": ", "");
        };
    }

    /**
     * Adds an interface of raw IP packets.
     *
     * @param interfaceName as in {@code ipsec0 (clear)} or {@code eth0 (protected)}
     * @return its number for {@link #packet}
     */
    public synchronized int addInterface(String interfaceName) {
        if (!stopped) {
            try {
                writer.addInterface(interfaceName);
            } catch (CaptureTrouble e) {
                stop(e);
            }
        }
        return interfaces++;
    }

    /**
     * Writes one packet.
     *
     * @param interfaceId what {@link #addInterface} said
     * @param outbound it leaves by the interface; false = it came by it
     * @param nanos when, since 1970
     * @param comment see {@link #comment}; null = none
     */
    public synchronized void packet(
            int interfaceId, boolean outbound, Packet packet, long nanos, @Nullable String comment) {
        if (stopped) {
            return;
        }
        try {
            writer.packet(interfaceId, outbound, nanos, packet.array(), packet.start(), packet.length(), comment);
        } catch (CaptureTrouble e) {
            stop(e);
        }
    }

    /**
     * What a comment says: {@code tun0x113@192.0.2.2 PROTECTED}, or {@code BAD_ICV at esp0x115@192.0.2.2, layer 1}.
     *
     * @param said of the group where the packet went on, of the SA where it ended; null = none was concerned
     * @param layer of that SA, 0 = innermost
     */
    public static String comment(Verdict verdict, @Nullable String said, int layer) {
        if (said == null) {
            return verdict.name();
        }
        return verdict.isGood() ? said + " " + verdict : verdict + " at " + said + ", layer " + layer;
    }

    /** Hands everything so far to the operating system. */
    public synchronized void flush() {
        if (stopped) {
            return;
        }
        try {
            writer.flush();
        } catch (CaptureTrouble e) {
            stop(e);
        }
    }

    /** Writes the rest. More packets are ignored. */
    @Override
    public synchronized void close() {
        if (stopped) {
            return;
        }
        stopped = true;
        try {
            writer.close();
        } catch (CaptureTrouble e) {
            stop(e);
        }
    }

    private void stop(CaptureTrouble e) {
        stopped = true;
        trouble = e.getMessage() + "; nothing more is written to it, traffic goes on";
        try {
            out.close();
        } catch (IOException _) {
            // The first trouble is the one to tell.
        }
    }

    /** False after {@link #close}, and when the file could not be written. */
    public synchronized boolean isWriting() {
        return !stopped;
    }

    /** One line that says why the tap stopped, the first time it is asked; null = it did not, or it was told. */
    public synchronized @Nullable String trouble() {
        String told = trouble;
        trouble = null;
        return told;
    }

    @Override
    public String toString() {
        return name;
    }
}
