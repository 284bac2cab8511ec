package org.spigrp.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Who has a thing that we want, for messages; as far as /proc lets us look. */
final class Holder {
    private static final Path PROC = Path.of("/proc");
    private static final int LOCAL_ADDRESS = 1;
    private static final int INODE = 9;

    private Holder() {}

    /** {@code charon (process 815)} where a process has this UDP port; empty = not seen. */
    static String ofUdpPort(int port) {
        Set<String> sockets = new HashSet<>();
        for (String table : List.of("udp", "udp6")) {
            // Of the thread: /proc/net is that of the process's first thread, which may be in another namespace.
            for (String line : lines(PROC.resolve("thread-self/net").resolve(table))) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields.length > INODE && fields[LOCAL_ADDRESS].endsWith(":%04X".formatted(port))) {
                    sockets.add("socket:[" + fields[INODE] + "]");
                }
            }
        }
        return sockets.isEmpty() ? "" : process(fd -> sockets.contains(target(fd)));
    }

    /** The process that has this TUN device open; empty = not seen. */
    static String ofTun(String name) {
        return process(fd ->
                target(fd).equals("/dev/net/tun") && lines(information(fd)).contains("iff:\t" + name));
    }

    /** /proc/1/fdinfo/3 for /proc/1/fd/3. */
    private static Path information(Path fd) {
        return fd.resolve("../../fdinfo").resolve(fd.getFileName()).normalize();
    }

    private static String process(Predicate<Path> isIt) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (has(process, isIt)) {
                    List<String> name = lines(process.resolve("comm"));
                    String pid = process.getFileName().toString();
                    return (name.isEmpty() ? "?" : name.getFirst()) + " (process " + pid + ")";
                }
            }
        } catch (IOException e) {
            return ""; // no /proc: nobody can be named
        }
        return "";
    }

    private static boolean has(Path process, Predicate<Path> isIt) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path fd : descriptors) {
                if (isIt.test(fd)) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // gone, or another user's
        }
        return false;
    }

    private static String target(Path fd) {
        try {
            return Files.readSymbolicLink(fd).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }
}
