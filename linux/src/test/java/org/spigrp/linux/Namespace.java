package org.spigrp.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Assumptions;

/**
 * A network namespace of its own, that of one thread: sockets that are opened and programs that are started on it belong
 * there. It is gone when the thread has ended and all of them are closed. Skips the test where there can be none.
 */
final class Namespace implements AutoCloseable {
    private static final int CLONE_NEWNET = 0x4000_0000;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("namespace").daemon().factory());

    Namespace() {
        int result = call(Namespace::unshare);
        if (result != 0) {
            close();
            Assumptions.abort("needs a network namespace of its own, which unshare(2) refuses: run as root on Linux");
        }
        run("ip link set lo up");
    }

    @SuppressWarnings("restricted") // only the C library has it
    private static int unshare() {
        Linker linker = Linker.nativeLinker();
        var unshare = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("unshare"), FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        try {
            return (int) unshare.invokeExact(CLONE_NEWNET);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /**
     * From now on the thread of the namespace, and no other, is without capabilities, as a process of an ordinary user
     * is (capabilities belong to threads).
     */
    @SuppressWarnings("restricted") // only the C library has it
    void dropCapabilities() {
        int result = call(() -> {
            Linker linker = Linker.nativeLinker();
            var capset = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("capset"), FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
            try (var arena = Arena.ofConfined()) {
                var header = arena.allocateFrom(JAVA_INT, 0x2008_0522, 0); // version 3, this thread
                return (int) capset.invokeExact(header, arena.allocate(24, 8)); // effective, permitted, inheritable
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        });
        if (result != 0) {
            throw new AssertionError("capset failed");
        }
    }

    /** On the thread of the namespace. */
    <T> T call(Callable<T> body) {
        try {
            return thread.submit(body).get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new AssertionError(e);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A command and its words; fails the test where the command fails. Gives what it printed. */
    String run(String command) {
        return call(() -> {
            Process process = start(command);
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(command + ": " + said);
            }
            return said;
        });
    }

    /** A command that goes on by itself, in the namespace. */
    Process begin(String command) {
        return call(() -> start(command));
    }

    private static Process start(String command) throws IOException {
        return new ProcessBuilder(command.split(" ", -1))
                .redirectErrorStream(true)
                .start();
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
